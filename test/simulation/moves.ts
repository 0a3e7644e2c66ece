import type { Phone } from "../../src/core/agents.ts";
import type { AdminEvent, DialCode } from "../../src/core/events.ts";
import type { AgentId, CallId } from "../../src/core/ids.ts";

/**
 * A scenario is a list of moves made up beforehand: who comes when and how they behave, what goes wrong when. Leaving
 * moves out leaves the others as they are, so a failing list can be made short. What is drawn while it plays hangs on the
 * seed and on names (chance.ts).
 */
export type Move = { readonly atMs: number } & (
  | { readonly do: "administer"; readonly event: AdminEvent }
  | { readonly do: "call"; readonly caller: CallerPlan }
  | { readonly do: "phone"; readonly agent: AgentId; readonly phone: Exclude<Phone, "unknown"> }
  /** How an agent treats a ringing phone. */
  | { readonly do: "temper"; readonly agent: AgentId; readonly temper: Temper }
  | { readonly do: "dial"; readonly agent: AgentId; readonly code: DialCode }
  | { readonly do: "drop_socket"; readonly forMs: number }
  | { readonly do: "restart_asterisk"; readonly forMs: number }
  | { readonly do: "kill"; readonly when: KillMoment; readonly forMs: number }
  /** The whole machine: Asterisk, daemon, and the clock that counts from its start. */
  | { readonly do: "reboot"; readonly forMs: number }
  | { readonly do: "set_wall_clock"; readonly byMs: number }
  | { readonly do: "trouble"; readonly trouble: Trouble; readonly probability: number }
);

export type CallerPlan = {
  readonly call: CallId;
  readonly number: string;
  readonly from: string | null;
  /** Hangs up if nobody talks to them by then. */
  readonly patienceMs: number;
  readonly talkMs: number;
  readonly endsTalk: "caller" | "agent";
  /** Hangs up this long after that has happened to their call in Asterisk. */
  readonly leavesOn: { readonly what: "ringing" | "answered" | "joined"; readonly afterMs: number } | null;
};

/** In per cent; what is missing to 100 answers. */
export type Temper = {
  readonly declines: number;
  readonly busy: number;
  readonly unreachable: number;
  readonly ringsOut: number;
  /** Never a sign of life. */
  readonly dead: number;
  /** Of those who answer: hangs up at once. */
  readonly hangsUpAtOnce: number;
};

/** `afterStep`: that step has decided, nothing of it is written or ordered. `amidOrders`: this order has not gone out. */
export type KillMoment =
  | { readonly kind: "now" }
  | { readonly kind: "after_step"; readonly step: number }
  | { readonly kind: "amid_orders"; readonly order: number };

/** What can go wrong with everything, each with a probability. */
export type Trouble =
  /** A request takes seconds. */
  | "slow_requests"
  /** An order is never carried out and nobody says so. */
  | "lost_orders"
  /** A fact never comes. */
  | "lost_facts"
  | "doubled_facts"
  /** Facts about different channels overtake each other; those about one channel stay in order. */
  | "reordered_facts"
  | "late_timers"
  | "slow_disk"
  /** The database refuses a group of batches; sometimes after it was written. */
  | "failing_disk";

export const callId = (n: number): CallId => `c${n}` as CallId;

export function wordsOf(move: Move): string {
  const { atMs: _, do: what, ...rest } = move;
  return `${what} ${JSON.stringify(rest)}`;
}
