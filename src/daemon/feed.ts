import type { Logger } from "pino";
import { type Agent, agentState } from "../core/agents.ts";
import type { Hotline } from "../core/hotlines.ts";
import { localDay } from "../core/hours/calendar.ts";
import type { AgentId, CallId, HotlineId } from "../core/ids.ts";
import type { State } from "../core/state.ts";
import type { Changes } from "../core/step.ts";
import type { StoryLine } from "../core/story.ts";
import type { MonotonicMs, Now, WallMs } from "../core/time.ts";
import type { LiveFeed } from "../http/service.ts";
import type { PbxStatus } from "../pbx/port.ts";
import { type Day, type DayFigures, type TodaysCalls, target } from "../report/today.ts";
import type { Alarms } from "./alarms.ts";
import { type Clock, type StartTimer, systemTimer } from "./clock.ts";
import { countAllAgents, liveAgent, liveCall, liveHotline, type ToWall } from "./live-views.ts";
import { alarmsView, isoTime, openingReason } from "./views.ts";

/** A rush is told in so many pieces: twenty in a second are more than anybody can read. */
const publishEveryMs = 50;
/** What changes with the time, and without a fact: looked at so often beside the moments that are known before. */
const lookEveryMs = 15_000;
/** The two clocks are read one after the other; a difference this small is no change of the clock. */
const clockJitterMs = 20;

export type FeedParts = {
  readonly state: State;
  readonly clock: Clock;
  readonly calls: TodaysCalls;
  readonly pbx: { status(): PbxStatus };
  readonly alarms: Alarms;
  readonly log: Logger;
  readonly startTimer?: StartTimer;
};

/** What readers were last told, as JSON by id. */
type Published = {
  readonly hotlines: Map<string, string>;
  readonly agents: Map<string, string>;
  readonly calls: Map<string, string>;
  pbx: string;
  alarms: string;
};

/**
 * Tells readers what happens. The loop only notes here which rows a turn has touched; the rest is done after it, for all
 * readers at once, and not at all while nobody reads. Rows that look as before are not told.
 */
export class Feed implements LiveFeed {
  readonly #parts: FeedParts;
  readonly #startTimer: StartTimer;
  readonly #readers = new Set<(json: string) => void>();
  readonly #touchedAgents = new Set<AgentId>();
  readonly #touchedCalls = new Set<CallId>();
  readonly #states = new Map<AgentId, { readonly state: string; readonly since: WallMs | null }>();
  readonly #days = new Map<HotlineId, Day & { readonly timeZone: string }>();
  readonly #reasons = new WeakMap<object, string>();
  #published: Published | null = null;
  #snapshot: string | null = null;
  #offsetMs: number | null = null;
  #publishedAtMs = Number.NEGATIVE_INFINITY;
  #cancelPublish: (() => void) | null = null;
  #cancelLook: () => void = () => undefined;

  constructor(parts: FeedParts) {
    this.#parts = parts;
    this.#startTimer = parts.startTimer ?? systemTimer;
    const toWall = this.#toWall(parts.clock.now());
    for (const agent of parts.state.agents.values())
      this.#states.set(agent.id, { state: agentState(agent), since: knownSince(agent, toWall) });
  }

  /** A turn of the loop is over. Never throws: whoever reads is less important than the calls. */
  changed(changes: Changes, story: readonly StoryLine[]): void {
    this.#guarded(() => this.#note(changes, story));
  }

  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#parts.log.error({ err: error }, "the event stream has failed: this is a bug");
    }
  }

  #note(changes: Changes, story: readonly StoryLine[]): void {
    const { clock, calls } = this.#parts;
    for (const line of story) calls.tell(line);
    for (const [id, agent] of changes.agents) {
      const state = agent && agentState(agent);
      if (state === null) this.#states.delete(id);
      else if (this.#states.get(id)?.state !== state)
        this.#states.set(id, { state, since: clock.now().wallMs });
    }
    if (this.#readers.size === 0) return;
    for (const id of changes.agents.keys()) this.#touchedAgents.add(id);
    for (const id of changes.calls.keys()) this.#touchedCalls.add(id);
    this.touched();
  }

  /** Something else may have changed: the connection to Asterisk, the alarms. */
  touched(): void {
    if (this.#readers.size === 0 || this.#cancelPublish) return;
    const sinceMs = this.#parts.clock.now().monotonicMs - this.#publishedAtMs;
    const waitMs = Math.min(publishEveryMs, Math.max(0, publishEveryMs - sinceMs));
    this.#cancelPublish = this.#startTimer(() => this.#guarded(() => this.#publish()), waitMs);
  }

  /** A hotline's figures of the day that it is there. */
  today(hotline: Hotline, now: Now): DayFigures {
    return this.#parts.calls.of(hotline.id, this.#dayOf(hotline, now));
  }

  /** All there is, as a reader has it who was told everything so far. Only while somebody reads. */
  snapshot(): string {
    if (this.#cancelPublish || !this.#published) this.#publish();
    const { hotlines, agents, calls, pbx, alarms } = this.#published!;
    const list = (rows: Map<string, string>) => `[${[...rows.values()].join()}]`;
    this.#snapshot ??=
      `{"type":"snapshot","at":"${isoTime(this.#parts.clock.now().wallMs)}","target":${JSON.stringify(target)},` +
      `"pbx":${pbx},"alarms":${alarms},"hotlines":${list(hotlines)},"agents":${list(agents)},"calls":${list(calls)}}`;
    return this.#snapshot;
  }

  /** From now on `reader` is told every change after the snapshot of this moment. Returns what ends that. */
  subscribe(reader: (json: string) => void): () => void {
    // What happened before goes to the others only.
    if (this.#cancelPublish) this.#publish();
    this.#readers.add(reader);
    return () => {
      if (this.#readers.delete(reader) && this.#readers.size === 0) this.#rest();
    };
  }

  #rest(): void {
    this.#cancelPublish?.();
    this.#cancelPublish = null;
    this.#cancelLook();
    this.#touchedAgents.clear();
    this.#touchedCalls.clear();
    this.#published = null;
    this.#snapshot = null;
  }

  #publish(): void {
    this.#cancelPublish?.();
    this.#cancelPublish = null;
    const { state, clock } = this.#parts;
    const now = clock.now();
    const toWall = this.#toWall(now);
    this.#publishedAtMs = now.monotonicMs;
    this.#snapshot = null;
    const first = this.#published === null;
    this.#published ??= { hotlines: new Map(), agents: new Map(), calls: new Map(), pbx: "", alarms: "" };
    const published = this.#published;

    const touchedAgents = first ? [...state.agents.values()].map(({ id }) => id) : [...this.#touchedAgents];
    const touchedCalls = first ? [...state.calls.values()].map(({ id }) => id) : [...this.#touchedCalls];
    this.#touchedAgents.clear();
    this.#touchedCalls.clear();
    const agentRow = (id: AgentId) => {
      const agent = state.agents.get(id);
      return agent && liveAgent(agent, this.#states.get(id)?.since ?? null, toWall);
    };
    const callRow = (id: CallId) => {
      const call = state.calls.get(id);
      return call && liveCall(call, toWall);
    };
    const counts = countAllAgents(state);
    const hotlineRow = (id: HotlineId) => {
      const hotline = state.hotlines.get(id);
      if (!hotline) return null;
      const agents = counts.get(id);
      const today = this.today(hotline, now);
      return liveHotline(state, hotline, { ...this.#openingOf(hotline, now), agents, today, toWall });
    };
    const hotlines = new Set([...state.hotlines.values()].map(({ id }) => id));
    for (const id of published.hotlines.keys()) hotlines.add(id as HotlineId);

    const parts = [
      this.#replace("pbx", JSON.stringify(pbxView(this.#parts.pbx.status()))),
      this.#replace("alarms", JSON.stringify(alarmsView(this.#parts.alarms.list()))),
    ];
    const removed: string[] = [];
    const tell = <Id extends string>(
      name: "hotlines" | "agents" | "calls",
      ids: Iterable<Id>,
      row: (id: Id) => object | null,
    ) => {
      const { changed, gone } = replaceRows(published[name], ids, row);
      if (changed.length > 0) parts.push(`"${name}":[${changed.join()}]`);
      if (gone.length > 0) removed.push(`"${name}":${JSON.stringify(gone)}`);
    };
    tell("hotlines", hotlines, hotlineRow);
    tell("agents", touchedAgents, agentRow);
    tell("calls", touchedCalls, callRow);
    if (removed.length > 0) parts.push(`"removed":{${removed.join()}}`);
    this.#lookLater(now);

    const said = parts.filter((part) => part !== null);
    if (first || said.length === 0) return;
    const json = `{"type":"changed","at":"${isoTime(now.wallMs)}",${said.join()}}`;
    for (const reader of this.#readers) reader(json);
  }

  #replace(name: "pbx" | "alarms", json: string): string | null {
    const published = this.#published!;
    if (published[name] === json) return null;
    published[name] = json;
    return `"${name}":${json}`;
  }

  /** Hours and days begin and end without anything happening. */
  #lookLater(now: Now): void {
    this.#cancelLook();
    const { state } = this.#parts;
    const edges = [...state.hotlines.values()].flatMap((hotline) => [
      this.#dayOf(hotline, now).untilMs,
      state.opening(hotline, now.wallMs).untilMs,
    ]);
    const waitMs = Math.min(lookEveryMs, ...edges.map((edge) => Math.max(1, edge - now.wallMs)));
    this.#cancelLook = this.#startTimer(() => this.#guarded(() => this.#publish()), waitMs);
  }

  #dayOf(hotline: Hotline, { wallMs }: Now): Day {
    const { timeZone } = this.#parts.state.schedule(hotline);
    const known = this.#days.get(hotline.id);
    if (known && known.timeZone === timeZone && known.fromMs <= wallMs && wallMs < known.untilMs)
      return known;
    const day = { ...localDay(timeZone, wallMs), timeZone };
    this.#days.set(hotline.id, day);
    return day;
  }

  #openingOf(hotline: Hotline, now: Now): { open: boolean; reason: string } {
    // The same object for as long as the answer holds.
    const entry = this.#parts.state.opening(hotline, now.wallMs);
    let reason = this.#reasons.get(entry);
    if (reason === undefined) {
      reason = openingReason(this.#parts.state, hotline, now);
      this.#reasons.set(entry, reason);
    }
    return { open: entry.opening.open, reason };
  }

  /** One offset for all, until somebody sets the clock: the same moment must look the same each time. */
  #toWall(now: Now): ToWall {
    const offsetMs = now.wallMs - now.monotonicMs;
    if (this.#offsetMs === null || Math.abs(offsetMs - this.#offsetMs) > clockJitterMs)
      this.#offsetMs = offsetMs;
    const used = this.#offsetMs;
    return (at) => Math.round(at + used) as WallMs;
  }
}

function replaceRows<Id extends string>(
  published: Map<string, string>,
  ids: Iterable<Id>,
  rowOf: (id: Id) => object | null,
): { changed: string[]; gone: Id[] } {
  const changed: string[] = [];
  const gone: Id[] = [];
  for (const id of ids) {
    const row = rowOf(id);
    if (!row) {
      if (published.delete(id)) gone.push(id);
      continue;
    }
    const json = JSON.stringify(row);
    if (published.get(id) === json) continue;
    published.set(id, json);
    changed.push(json);
  }
  return { changed, gone };
}

const pbxView = ({ connected, version }: PbxStatus) => ({ connected, version });

/** What the state itself remembers; the rest is known from now on. */
function knownSince(agent: Agent, toWall: ToWall): WallMs | null {
  const state = agentState(agent);
  if (state === "talking" && agent.work.kind === "talking") return toWall(agent.work.since);
  return state === "ready" ? toWall(agent.idleSince as MonotonicMs) : null;
}
