import type { Agent } from "../../src/core/agents.ts";
import type { Event } from "../../src/core/events.ts";
import type { AgentId } from "../../src/core/ids.ts";
import type { State } from "../../src/core/state.ts";
import type { StepResult } from "../../src/core/step.ts";
import type { Now } from "../../src/core/time.ts";
import type { Rows } from "./offer-rules.ts";

type Refusal = "declined" | "busy" | "unreachable";

/** Rests after a phone's "no", in seconds: each time in a row the next, the last again and again. */
const restsS: Record<Refusal, readonly number[]> = {
  declined: [10],
  busy: [10, 20, 40, 80, 160, 300],
  unreachable: [30, 60, 120],
};

/** `times`: so many in a row. `isSure`: false after a failure of ours, which may or may not have ended it. */
type Streak = {
  readonly why: Refusal;
  readonly times: number;
  readonly untilMs: number;
  readonly isSure: boolean;
};

/** What follows when an agent does not take an offer: rests that grow, misses, and the pause after too many. */
export class RefusalRules {
  readonly #violated: (rule: string, detail: string) => void;
  readonly #streaks = new Map<AgentId, Streak>();
  readonly #misses = new Map<AgentId, number>();

  constructor(violated: (rule: string, detail: string) => void) {
    this.#violated = violated;
  }

  lifeBegins(agents: Iterable<Agent>): void {
    this.#streaks.clear();
    this.#misses.clear();
    for (const { id, rest, misses } of agents) {
      this.#misses.set(id, misses);
      if (rest.kind === "none" || rest.why === "failed") continue;
      const times = restsS[rest.why].indexOf(rest.lengthMs / 1000) + 1;
      if (times === 0) this.#violated("rest", `agent ${id} rests for ${rest.lengthMs} ms`);
      const untilMs = rest.kind === "resting" ? rest.untilMs : 0;
      this.#streaks.set(id, { why: rest.why, times, untilMs, isSure: true });
    }
  }

  check(event: Event, now: Now, state: State, before: Rows, { story, effects, changes }: StepResult): void {
    if (event.type === "phone_changed" && event.phone === "reachable") this.#phoneIsBack(event.agent);
    if (event.type === "pbx_snapshot")
      for (const { agent, phone } of event.phones) if (phone === "reachable") this.#phoneIsBack(agent);
    const pausedNow = new Set<AgentId>();
    for (const [id, agent] of changes.agents)
      if (
        agent?.duty.kind === "paused" &&
        agent.duty.reason === "no answer" &&
        before.agents.get(id)?.duty.kind === "on"
      )
        pausedNow.add(id);
    for (const line of story) {
      if ("agent" in line) {
        const { told, agent } = line;
        if (told.what === "logged_in" || told.what === "resumed") this.#misses.delete(agent);
      } else if (line.told.what === "connected") {
        this.#streaks.delete(line.told.agent);
        this.#misses.delete(line.told.agent);
      } else if (line.told.what === "offer_ended") {
        const { agent, result } = line.told;
        if (result === "declined" || result === "busy" || result === "unreachable")
          this.#rests(agent, result, now, state.agents.get(agent));
        const streak = this.#streaks.get(agent);
        if (result === "no_answer") this.#streaks.delete(agent);
        if (result === "failed" && streak) this.#streaks.set(agent, { ...streak, untilMs: 0, isSure: false });
        const isPaused = result === "no_answer" ? this.#isPausedAfter(agent, state, before) : "unsure";
        if (isPaused !== "unsure" && isPaused !== pausedNow.has(agent))
          this.#violated("pause after misses", `${agent} has missed ${this.#misses.get(agent)} in a row`);
        if (pausedNow.delete(agent)) this.#misses.delete(agent);
      }
    }
    for (const agent of pausedNow) this.#violated("pause after misses", `${agent} is paused for nothing`);
    for (const [id, agent] of changes.agents)
      if (!agent) {
        this.#streaks.delete(id);
        this.#misses.delete(id);
      }
    for (const effect of effects) {
      const untilMs = effect.type === "ring_agent" ? this.#streaks.get(effect.agent)?.untilMs : undefined;
      if (effect.type === "ring_agent" && untilMs && now.monotonicMs < untilMs)
        this.#violated(
          "rest",
          `${effect.agent} is rung ${untilMs - now.monotonicMs} ms before its rest is over`,
        );
    }
  }

  #rests(id: AgentId, why: Refusal, now: Now, agent: Agent | null): void {
    const last = this.#streaks.get(id);
    const isRestingFor = (ms: number) =>
      agent?.rest.kind === "resting" && agent.rest.untilMs === now.monotonicMs + ms;
    const goesOn = last?.why === why && (last.isSure || !isRestingFor(restsS[why][0]! * 1000));
    const times = goesOn ? last.times + 1 : 1;
    const lengthMs = restsS[why][Math.min(times, restsS[why].length) - 1]! * 1000;
    this.#streaks.set(id, { why, times, untilMs: now.monotonicMs + lengthMs, isSure: true });
    if (agent && !isRestingFor(lengthMs))
      this.#violated("rest", `${id} was ${why} ${times} times in a row and does not rest for ${lengthMs} ms`);
  }

  #phoneIsBack(id: AgentId): void {
    if (this.#streaks.get(id)?.why === "unreachable") this.#streaks.delete(id);
  }

  /** Counts a miss. A ring group charges none, and the last ready agent of a hotline is not paused by it. */
  #isPausedAfter(id: AgentId, state: State, before: Rows): boolean | "unsure" {
    const agent = before.agents.get(id);
    const hotline = agent?.work.kind === "offered" ? state.hotlines.get(agent.work.hotline) : null;
    if (!agent || !hotline || hotline.strategy === "ring-all") return false;
    const misses = (this.#misses.get(id) ?? 0) + 1;
    this.#misses.set(id, misses);
    if (hotline.autoPauseAfter === 0 || misses < hotline.autoPauseAfter || agent.duty.kind !== "on")
      return false;
    const hasColleague = (isThere: (other: Agent) => boolean) =>
      agent.memberships.every((mine) =>
        [...before.agents.values()].some(
          (other) =>
            other.id !== id &&
            isThere(other) &&
            other.memberships.some(({ hotline: theirs }) => theirs === mine.hotline),
        ),
      );
    const isSurelyPaused = hasColleague((other) => isIdle(other) && !this.#saidNo(other.id));
    const mayBePaused = hasColleague((other) => isIdle(other) && this.#saidNo(other.id) !== true);
    return isSurelyPaused === mayBePaused ? isSurelyPaused : "unsure";
  }

  /** Busy or out of reach the last time that phone was asked: nobody to rely on. After a failure of ours that is not known. */
  #saidNo(id: AgentId): boolean | "unsure" {
    const streak = this.#streaks.get(id);
    if (!streak || streak.why === "declined") return false;
    return streak.isSure || "unsure";
  }
}

/** Taking calls, with nothing to do. */
const isIdle = ({ duty, work, phone }: Agent): boolean =>
  duty.kind === "on" && work.kind === "idle" && (phone === "reachable" || phone === "unknown");
