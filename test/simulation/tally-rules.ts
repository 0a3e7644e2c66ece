import { Temporal } from "temporal-polyfill";
import type { Agent } from "../../src/core/agents.ts";
import type { Event } from "../../src/core/events.ts";
import type { AgentId } from "../../src/core/ids.ts";
import type { State } from "../../src/core/state.ts";
import type { StepResult } from "../../src/core/step.ts";
import type { Now } from "../../src/core/time.ts";
import type { Rows } from "./offer-rules.ts";

/** `dayStartMs`: the midnight since which it is counted. */
type Tally = { readonly dayStartMs: number; readonly calls: number; readonly talkMs: number };

/** Calls and talk time since local midnight, counted from what is told. */
export class TallyRules {
  readonly #violated: (rule: string, detail: string) => void;
  readonly #tallies = new Map<AgentId, Tally>();
  #timeZone = "Europe/Berlin";

  constructor(violated: (rule: string, detail: string) => void) {
    this.#violated = violated;
  }

  of(agent: AgentId): Pick<Tally, "calls" | "talkMs"> {
    return this.#tallies.get(agent) ?? { calls: 0, talkMs: 0 };
  }

  lifeBegins(state: State): void {
    this.#tallies.clear();
    for (const { id, today } of state.agents.values()) this.#tallies.set(id, today);
    this.#timeZone = timeZoneOf(state);
  }

  check(event: Event, now: Now, state: State, before: Rows, { story, changes }: StepResult): void {
    // By the hotlines of before the step: what it changes counts from the next one on.
    const dayStartMs = midnightBefore(now.wallMs, this.#timeZone);
    this.#timeZone = timeZoneOf(state);
    const none: Tally = { dayStartMs, calls: 0, talkMs: 0 };
    for (const [id, tally] of this.#tallies) if (tally.dayStartMs !== dayStartMs) this.#tallies.set(id, none);
    for (const [id, agent] of changes.agents)
      if (!agent) this.#tallies.delete(id);
      else if (!before.agents.has(id)) this.#tallies.set(id, none);
    for (const { id, agents } of newAmongColleagues(event, state, before))
      this.#startAmongColleagues(id, agents);
    for (const line of story) {
      if (!("call" in line)) continue;
      if (line.told.what === "connected") this.#add(line.told.agent, 1, 0);
      const talk = line.told.what === "ended" ? line.told.result.talk : null;
      if (line.told.what === "ended" && talk?.with.kind === "agent")
        this.#add(talk.with.agent, 0, line.told.result.at.monotonicMs - talk.since.monotonicMs);
    }
    for (const { id, today } of state.agents.values()) {
      const { calls, talkMs } = this.of(id);
      if (today.calls !== calls || today.talkMs !== talkMs)
        this.#violated(
          "tallies",
          `agent ${id} has ${today.calls} calls and ${today.talkMs} ms today, not ${calls} and ${talkMs}`,
        );
    }
  }

  #add(agent: AgentId, calls: number, talkMs: number): void {
    const tally = this.#tallies.get(agent);
    if (tally)
      this.#tallies.set(agent, { ...tally, calls: tally.calls + calls, talkMs: tally.talkMs + talkMs });
  }

  /** No lower than the lowest of those who take calls at the same hotlines. */
  #startAmongColleagues(id: AgentId, agents: readonly Agent[]): void {
    const own = this.#tallies.get(id);
    const hotlines = new Set(
      agents.find((agent) => agent.id === id)?.memberships.map(({ hotline }) => hotline),
    );
    const colleagues = agents
      .filter((other) => other.id !== id && takesCalls(other))
      .filter(({ memberships }) => memberships.some(({ hotline }) => hotlines.has(hotline)))
      .map((other) => this.of(other.id));
    if (!own || colleagues.length === 0) return;
    this.#tallies.set(id, {
      ...own,
      calls: Math.max(own.calls, Math.min(...colleagues.map(({ calls }) => calls))),
      talkMs: Math.max(own.talkMs, Math.min(...colleagues.map(({ talkMs }) => talkMs))),
    });
  }
}

/** Begins to take calls, or takes them beside other colleagues. `agents`: all of them, as they are at that moment. */
type New = { readonly id: AgentId; readonly agents: readonly Agent[] };

function newAmongColleagues(event: Event, state: State, before: Rows): New[] {
  const agents = [...state.agents.values()];
  const isOn = (id: AgentId) => state.agents.get(id)?.duty.kind === "on";
  if (event.type === "agent_assigned") return isOn(event.agent) ? [{ id: event.agent, agents }] : [];
  const phones = event.type === "pbx_snapshot" ? event.phones : event.type === "phone_changed" ? [event] : [];
  const beginDuty = agents.filter(({ id }) => isOn(id) && before.agents.get(id)?.duty.kind !== "on");
  return [...backInReach(phones, before), ...beginDuty.map(({ id }) => ({ id, agents }))];
}

/** Of several phones that are told of at once, each is beside those that were told of before it. */
function backInReach(
  phones: readonly Pick<Extract<Event, { type: "phone_changed" }>, "agent" | "phone">[],
  before: Rows,
): New[] {
  const agents = new Map(before.agents);
  const back: New[] = [];
  for (const { agent: id, phone } of phones) {
    const agent = agents.get(id);
    if (!agent) continue;
    agents.set(id, { ...agent, phone });
    if (agent.duty.kind === "on" && agent.phone === "unreachable" && phone !== "unreachable")
      back.push({ id, agents: [...agents.values()] });
  }
  return back;
}

const takesCalls = ({ duty, phone }: Agent): boolean => duty.kind === "on" && phone !== "unreachable";

/** The first hotline's holds for all. */
/** Of the hotline that comes first by its id, or of the one whose hours it shares. */
function timeZoneOf(state: State): string {
  const hotlines = [...state.hotlines.values()];
  const ids = hotlines.map(({ id }) => id).sort();
  const first = hotlines.find(({ id }) => id === ids[0]);
  const shared = hotlines.find(({ id }) => id === first?.hoursOf);
  return (shared ?? first)?.schedule.timeZone ?? "Europe/Berlin";
}

/** Looked up once for each quarter of an hour: all midnights fall on one. */
const midnights = new Map<string, number>();

function midnightBefore(wallMs: number, timeZone: string): number {
  const quarterMs = Math.floor(wallMs / 900_000) * 900_000;
  const known = midnights.get(`${timeZone} ${quarterMs}`);
  if (known !== undefined) return known;
  const there = Temporal.Instant.fromEpochMilliseconds(quarterMs).toZonedDateTimeISO(timeZone);
  const midnight = there.startOfDay().epochMilliseconds;
  midnights.set(`${timeZone} ${quarterMs}`, midnight);
  return midnight;
}
