import type { Logger } from "pino";
import type { Announcements } from "../announcements/announcements.ts";
import type { NewAgent } from "../api/schemas.ts";
import type { Mandate } from "../api/who.ts";
import type { Agent } from "../core/agents.ts";
import { copyOf } from "../core/copy.ts";
import type { AdminEvent } from "../core/events.ts";
import type { Hotline } from "../core/hotlines.ts";
import type { AgentId, HotlineId } from "../core/ids.ts";
import type { State } from "../core/state.ts";
import { type StepResult, step } from "../core/step.ts";
import type { Verdict } from "../core/turn.ts";
import { Refusal, Rehearsed } from "../http/service.ts";
import type { Pbx } from "../pbx/port.ts";
import type { AuditEntry, RowChange } from "../store/audit.ts";
import { emptyBatch } from "../store/empty-batch.ts";
import type { Store } from "../store/store.ts";
import type { Extra } from "../store/types.ts";
import type { Alarms } from "./alarms.ts";
import { type Audit, type Told, withEntry } from "./audit.ts";
import type { Clock } from "./clock.ts";
import type { Feed } from "./feed.ts";
import type { ExtraOf, Loop } from "./loop.ts";
import type { Phones } from "./phones.ts";
import { type Lost, lostBy, takeBack } from "./take-back.ts";

export type AdministrationParts = {
  readonly state: State;
  readonly clock: Clock;
  readonly loop: Loop;
  readonly store: Store;
  readonly phones: Phones;
  readonly announcements: Announcements;
  readonly alarms: Alarms;
  readonly feed: Feed;
  readonly pbx: Pick<Pbx, "status" | "examine" | "playToPhone" | "recordFromPhone">;
  readonly home: string;
  /** Where Asterisk puts what it records. */
  readonly recordings: string;
  /** Where phones register, as printed for a new agent. */
  readonly sip: Pick<NewAgent["sip"], "host" | "port" | "tls">;
  /** What a pause may be for; empty: anything. */
  readonly pauseReasons: readonly string[];
  readonly log: Logger;
  readonly audit: Audit;
};

/** What a change is made with: the parts, and who asks for it. */
export type ChangingParts = AdministrationParts & {
  readonly mandate: Mandate;
  /** All is checked as for the change itself; then Rehearsed is thrown, before anything is written, told or rung. */
  readonly rehearses: boolean;
};

/** What is written with a change. */
export type Beside = {
  readonly extra?: Extra;
  /** Rows of announcements, which are not the core's. */
  readonly announcements?: readonly RowChange[];
  readonly told?: Told;
};

/** The database has to take something by then, or no change is made. With the time to save it less than a client waits. */
const proofTimeoutMs = 4_000;
/** It could not be written a moment ago: one more try, and no longer. */
const troubleTimeoutMs = 1_500;
/** A change that is not on disk by then is not acknowledged. */
const saveTimeoutMs = 5_000;

/**
 * Resolves when the change is made and on disk, together with its entry in the audit (null: nothing has changed). Throws
 * Refusal when it cannot be made or kept; then it is not in effect either. `beside` may be worked out from the
 * step that was made.
 */
export async function askForChange(
  parts: ChangingParts,
  event: AdminEvent,
  beside: Beside | ((result: StepResult) => Beside) = {},
): Promise<AuditEntry | null> {
  const { loop, audit, mandate, store } = parts;
  if (parts.rehearses) throw rehearse(parts, event, beside);
  await proveWritable(parts);
  let entry: AuditEntry | null = null;
  let lost: Lost = { agents: [], credentials: [] };
  const extra: ExtraOf = (result, now) => {
    const { extra: rows, ...about } = typeof beside === "function" ? beside(result) : beside;
    entry = audit.entryOf(mandate, event, result, now, about);
    lost = lostBy(result, parts);
    return withEntry(rows, entry);
  };
  const asked = loop.ask(event, extra);
  audit.follow(asked);
  const late = () => {
    if (entry) takeBack(parts, entry, lost);
    return notMade(store.trouble() ?? tooSlow(saveTimeoutMs));
  };
  refuseIfRefused(await within(saveTimeoutMs, asked, late));
  return entry;
}

/** The real step, on a copy of the state. Throws Refusal where the change would be refused. */
function rehearse(
  { audit, clock, state, store }: ChangingParts,
  event: AdminEvent,
  beside: Beside | ((result: StepResult) => Beside),
): Rehearsed {
  const trouble = store.trouble();
  if (trouble !== null) throw notMade(trouble);
  const result = step(copyOf(state), event, clock.now());
  refuseIfRefused(result.verdict);
  const { announcements = [] } = typeof beside === "function" ? beside(result) : beside;
  return new Rehearsed(audit.hasChanges(event, audit.rowsOf(event, result, announcements)));
}

/** For what is done and not set: there is nothing to look at first. */
export function refuseDryRun({ rehearses }: ChangingParts): void {
  if (rehearses) throw new Refusal(400, "no_dry_run", "There is no dry run of this. Nothing was done.");
}

/** Notes that something was done that has changed nothing. */
export async function noteInAudit(parts: ChangingParts, told: Told): Promise<void> {
  const { audit, clock, mandate, store } = parts;
  await proveWritable(parts);
  const now = clock.now();
  const entry = audit.note(mandate, now, told, []);
  const batch = { ...emptyBatch({ bootId: clock.bootId, ...now }), extra: { audit: [entry] } };
  await within(saveTimeoutMs, store.write(batch), () => notMade(store.trouble() ?? tooSlow(saveTimeoutMs)));
}

/**
 * Throws Refusal unless the database takes something durable right now. What calls do goes on in memory while it does not;
 * what an administrator sets must not, since it would be gone with the daemon. So it is not even begun.
 */
async function proveWritable({ clock, store }: AdministrationParts): Promise<void> {
  await within(
    store.trouble() === null ? proofTimeoutMs : troubleTimeoutMs,
    store.prove({ bootId: clock.bootId, ...clock.now() }),
    () => notMade(store.trouble() ?? tooSlow(proofTimeoutMs)),
  );
}

const notMade = (trouble: string) =>
  new Refusal(
    503,
    "not_writable",
    `Nothing was changed, since it could not be kept. ${trouble} Calls go on.`,
  );

/** `late` says what becomes of who waits longer. */
async function within<Result>(
  limitMs: number,
  written: Promise<Result>,
  late: () => Refusal,
): Promise<Result> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(late()), limitMs);
  try {
    return await Promise.race([written, promise]);
  } finally {
    clearTimeout(timer);
  }
}

const tooSlow = (limitMs: number) => `The database has not answered within ${limitMs / 1000} s.`;

/** 400: can never be. 404: names something that is not there. 409: conflicts with what is. */
export function refuseIfRefused(verdict: Verdict): void {
  if (verdict.kind !== "refused") return;
  const { code, message } = verdict;
  const never = code === "end_in_past" || code === "impossible_step" || code === "overlap";
  throw new Refusal(never ? 400 : code.startsWith("unknown_") ? 404 : 409, code, message);
}

export function findAgent(state: State, id: string): Agent {
  const agent = state.agents.get(id as AgentId);
  if (!agent) throw new Refusal(404, "unknown_agent", `There is no agent "${id}". See: hotline agent list`);
  return agent;
}

export function findHotline(state: State, id: string): Hotline {
  const hotline = state.hotlines.get(id as HotlineId);
  if (hotline) return hotline;
  const known = [...state.hotlines.values()].map((other) => other.id).join(", ");
  throw new Refusal(404, "unknown_hotline", `There is no hotline "${id}". There is: ${known || "none yet"}`);
}
