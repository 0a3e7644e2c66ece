import { callArrived } from "./callers/arrival.ts";
import type { Call, Outcome } from "./calls.ts";
import { copyOf } from "./copy.ts";
import { startDayIfNew } from "./day.ts";
import { chooseFirst, chooseOne, eligiblePools } from "./distribution/choose.ts";
import type { Announcement, Hotline, OverflowStep } from "./hotlines.ts";
import { type Decision, decide } from "./hours/schedule.ts";
import type { AgentId, CallId, HotlineId } from "./ids.ts";
import { stepKey } from "./overflow/steps.ts";
import type { State } from "./state.ts";
import { type DurationMs, ms, type Now } from "./time.ts";
import { Turn } from "./turn.ts";

/** What would be done with a call to this number at that moment. Agents are as they are now. */
export type Question = {
  readonly number: string;
  /** Callers assumed to wait at the hotline already; null: those who do. */
  readonly waiting: number | null;
};

export type Explanation = {
  /** The number leads to it; null: to none. */
  readonly hotline: HotlineId | null;
  /** What the opening hours say there; null: without a hotline. */
  readonly decision: Decision | null;
  /** `admitted`: has a place in the queue. `forwarding`: a number outside is rung. Else how the call ends. */
  readonly outcome: "admitted" | "forwarding" | Outcome;
  /** What is heard first, and whose it is. */
  readonly announcement: { readonly hotline: HotlineId; readonly name: Announcement } | null;
  /** Where the caller is then: another one if overflow has moved the call. */
  readonly at: HotlineId | null;
  readonly waitingAhead: number;
  /** Steps of overflow that were tried at once, the last one with success unless the caller is let go for `outcome`. */
  readonly stepsTried: readonly { readonly hotline: HotlineId; readonly step: OverflowStep }[];
  /** Those that follow if nobody answers, by the time waited. */
  readonly stepsLater: readonly OverflowStep[];
  /** Who is rung when it is this caller's turn, in this order. */
  readonly agents: readonly Ringing[];
};

export type Ringing = {
  readonly agent: AgentId;
  readonly tier: number;
  /** Not before the caller has waited so long: then the agent's tier joins. */
  readonly afterMs: DurationMs;
};

/** Asks the real decision, on a copy: the state stays as it is. */
export function explain(state: State, { number, waiting }: Question, now: Now): Explanation {
  const copy = copyOf(state);
  const row = copy.numbers.get(number);
  const hotline = (row && copy.hotlines.get(row.hotline)) ?? null;
  const turn = new Turn(copy, now, null);
  startDayIfNew(turn);
  if (hotline && waiting !== null) assumeWaiting(turn, hotline, waiting);
  // No call of Asterisk's is named so.
  const id = "explained" as CallId;
  callArrived(turn, { type: "call_arrived", call: id, number, from: null });
  const call = turn.call(id);
  const here = call.hotline === null ? null : copy.hotlines.get(call.hotline);
  const play = turn.effects.find((effect) => effect.type === "play");
  const isAdmitted = call.phase.kind === "waiting" || call.phase.kind === "listening";
  return {
    hotline: hotline?.id ?? null,
    decision: hotline && decide(copy.schedule(hotline), now.wallMs),
    outcome: call.phase.kind === "ended" ? call.phase.result.outcome : isAdmitted ? "admitted" : "forwarding",
    announcement: play ? { hotline: play.hotline, name: play.announcement } : null,
    at: here?.id ?? null,
    waitingAhead: isAdmitted && here ? copy.queue(here.id).ahead(call) : 0,
    stepsTried: [hotline, here].flatMap((each, i) =>
      each && (i === 0 || each.id !== hotline?.id) ? stepsTried(call, each) : [],
    ),
    stepsLater: isAdmitted && here ? stepsLater(call, here) : [],
    agents: isAdmitted && here ? ringingOrder(turn, call, here) : [],
  };
}

/** As if so many others had come before, in place of those who have. */
function assumeWaiting(turn: Turn, hotline: Hotline, waiting: number): void {
  const { state } = turn;
  for (const id of state.queue(hotline.id).ids()) state.calls.delete(id);
  for (let n = 0; n < waiting; n++) {
    const waitingSince = (turn.now.monotonicMs - waiting + n) as typeof turn.now.monotonicMs;
    turn.putCall({
      id: `assumed-${n}` as CallId,
      origin: hotline.id,
      hotline: hotline.id,
      number: "",
      from: null,
      requires: [],
      arrivedAt: turn.now,
      run: null,
      waitingSince,
      hereSince: waitingSince,
      tiersJoined: 0,
      stepsDone: [],
      nextPeriodic: 0,
      due: { giveUpMs: waitingSince, tierMs: null, stepMs: null, announcementMs: null, ringNextMs: null },
      phase: { kind: "waiting" },
      hears: { kind: "music" },
      attempts: 0,
      playbacks: 0,
      tried: [],
    });
  }
}

const stepsTried = ({ stepsDone }: Call, { id, overflow }: Hotline) =>
  overflow.filter((step) => stepsDone.includes(stepKey(id, step))).map((step) => ({ hotline: id, step }));

const stepsLater = ({ stepsDone }: Call, { id, overflow }: Hotline): OverflowStep[] =>
  overflow
    .filter((step) => step.when.kind === "waited" && !stepsDone.includes(stepKey(id, step)))
    .sort((a, b) => waitedMs(a) - waitedMs(b));

const waitedMs = ({ when }: OverflowStep): number => (when.kind === "waited" ? when.afterMs : 0);

/** By the hotline's strategy, as if nobody answered: those who may be rung at once, then tier by tier. */
function ringingOrder(turn: Turn, call: Call, hotline: Hotline): Ringing[] {
  const staff = turn.state.staff(hotline.id);
  const order: Ringing[] = [];
  const add = (agents: readonly { id: AgentId }[], joined: number) => {
    for (const { id } of agents) {
      const membership = turn.agent(id).memberships.find((each) => each.hotline === hotline.id);
      order.push({
        agent: id,
        tier: membership?.tier ?? 1,
        afterMs: ms(joined * hotline.nextTierAfterMs),
      });
    }
  };
  for (let joined = 0; joined < Math.max(1, staff.tiers); joined++) {
    const pools = eligiblePools(staff, { requires: call.requires, tiersJoined: joined });
    const tried = () => ({ ...call, tried: order.map(({ agent }) => agent) });
    if (hotline.strategy === "ring-all") {
      const known = tried().tried;
      add(
        chooseFirst(turn, call, hotline, pools).filter(({ id }) => !known.includes(id)),
        joined,
      );
      continue;
    }
    for (
      let next = chooseOne(turn, tried(), hotline, pools);
      next;
      next = chooseOne(turn, tried(), hotline, pools)
    )
      add([next], joined);
  }
  return order;
}
