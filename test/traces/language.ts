import { legOf } from "../../src/core/agents.ts";
import type { CloseUntil, Event } from "../../src/core/events.ts";
import type { Hotline } from "../../src/core/hotlines.ts";
import { parseTimeOfDay, parseWeeklyLine } from "../../src/core/hours/parse.ts";
import { aroundTheClock } from "../../src/core/hours/schedule.ts";
import type { AgentId, CallId, HotlineId, LegId } from "../../src/core/ids.ts";
import type { State } from "../../src/core/state.ts";
import { seconds } from "../../src/core/time.ts";

/**
 * The language of traces, one event a line. Setting the scene (no `at`):
 *
 *   hotline demo 115 [strategy ring-all] [ring 20] [wrapup 10] [autopause 2] [maxwaiting 500] [maxwait 3600]
 *   hours demo mon-fri 08:00-18:00
 *   agent 201 demo          added, logged in, phone reachable
 *   pbx up                  connected, nothing alive in it
 *
 * Legs, playbacks and bridges are named by their call and agent; the runner finds the present one. A full id such as
 * `c1~1~201` names one that is over.
 */
export function parseEvents(line: string, state: State): Event[] {
  const [verb = "", ...words] = line.split(" ");
  const make = verbs[verb];
  if (!make) throw new Error(`No such event in a trace: "${line}"`);
  return make(words, state);
}

type Make = (words: string[], state: State) => Event[];

const call = (word: string | undefined) => (word ?? "") as CallId;
const agent = (word: string | undefined) => (word ?? "") as AgentId;
const hotlineId = (word: string | undefined) => (word ?? "") as HotlineId;

const legOfWord = (word: string | undefined, state: State): LegId =>
  word?.includes("~")
    ? (word as LegId)
    : ((state.agents.get(agent(word)) && legOf(state.agents.get(agent(word))!)) ?? (`no~0~${word}` as LegId));

const verbs: Record<string, Make> = {
  hotline: ([id, number, ...options]) => [
    { type: "hotline_set", hotline: hotlineOf(hotlineId(id), options) },
    { type: "number_set", number: number ?? "", hotline: hotlineId(id) },
  ],
  hours: ([id, ...line]) => [
    { type: "hours_set", hotline: hotlineId(id), changes: [parseWeeklyLine(line.join(" "))] },
  ],
  agent: ([id, ...hotlines]) => [
    {
      type: "agent_added",
      agent: agent(id),
      name: `Agent ${id}`,
      memberships: hotlines.map((hotline) => ({ hotline: hotlineId(hotline) })),
    },
    { type: "phone_changed", agent: agent(id), phone: "reachable" },
    { type: "login_asked", agent: agent(id) },
  ],
  remove: ([id]) => [{ type: "agent_removed", agent: agent(id) }],
  login: ([id]) => [{ type: "login_asked", agent: agent(id) }],
  logout: ([id]) => [{ type: "logout_asked", agent: agent(id) }],
  pause: ([id, reason]) => [{ type: "pause_asked", agent: agent(id), reason: reason ?? null }],
  resume: ([id]) => [{ type: "resume_asked", agent: agent(id) }],
  phone: ([id, phone]) => [
    { type: "phone_changed", agent: agent(id), phone: phone as "reachable" | "unreachable" },
  ],
  pbx: ([what]) =>
    what === "up" ? [{ type: "pbx_snapshot", callers: [], legs: [], phones: [] }] : [{ type: "pbx_lost" }],
  snapshot: (words) => [snapshot(words)],
  call_arrived: ([id, number, from]) => [
    { type: "call_arrived", call: call(id), number: number ?? "", from: from ?? null },
  ],
  caller_left: ([id]) => [{ type: "caller_left", call: call(id) }],
  playback_finished: ([id], state) => {
    const hears = state.calls.get(call(id))?.hears;
    const playback = hears?.kind === "announcement" ? hears.playback : (`${id}~0~play` as never);
    return [{ type: "playback_finished", call: call(id), playback }];
  },
  leg_ringing: ([leg], state) => [{ type: "leg_ringing", leg: legOfWord(leg, state) }],
  leg_answered: ([leg], state) => [{ type: "leg_answered", leg: legOfWord(leg, state) }],
  leg_ended: ([leg, sip], state) => [
    { type: "leg_ended", leg: legOfWord(leg, state), cause: 16, sipCode: sip ? Number(sip) : null },
  ],
  connected: ([id], state) => [{ type: "connected", call: call(id), bridge: bridgeOf(id, state) }],
  connect_failed: ([id, why], state) => [
    { type: "connect_failed", call: call(id), bridge: bridgeOf(id, state), why: why ?? "?" },
  ],
  close: ([id, until, ...reason]) => [
    { type: "close_asked", hotline: hotlineId(id), reason: reason.join(" "), until: closeUntil(until ?? "") },
  ],
  reopen: ([id]) => [{ type: "reopen_asked", hotline: hotlineId(id) }],
  set: ([id, ...options]) => [
    { type: "hotline_changed", hotline: hotlineId(id), settings: settingsOf(options) },
  ],
  fault: ([id]) => [{ type: "fault_found", in: { kind: "call", id: call(id) }, why: "planted" }],
};

function closeUntil(word: string): CloseUntil {
  if (word === "next_opening") return { kind: "next_opening" };
  if (word.includes(":")) return { kind: "minute_of_day", minute: parseTimeOfDay(word) };
  return { kind: "duration", lengthMs: seconds(Number(word)) };
}

function bridgeOf(id: string | undefined, state: State) {
  const phase = state.calls.get(call(id))?.phase;
  const connecting = phase?.kind === "offering" && phase.claim.kind === "connecting";
  return connecting && phase.claim.kind === "connecting" ? phase.claim.bridge : (`${id}~0~bridge` as never);
}

/** `snapshot c1 c2 / c1~1~201:ringing`: what is alive in Asterisk. */
function snapshot(words: string[]): Event {
  const slash = words.indexOf("/");
  const callers = slash < 0 ? words : words.slice(0, slash);
  const legs = slash < 0 ? [] : words.slice(slash + 1);
  return {
    type: "pbx_snapshot",
    callers: callers.map((id) => ({ call: call(id), number: "115", from: null })),
    legs: legs.map((word) => {
      const [leg = "", legState] = word.split(":");
      return { leg: leg as LegId, state: legState === "up" ? "up" : "ringing" };
    }),
    phones: [],
  };
}

function hotlineOf(id: HotlineId, options: string[]): Hotline {
  return {
    id,
    name: "Bürgerhotline",
    strategy: "longest-idle",
    ringTimeoutMs: seconds(20),
    wrapUpMs: seconds(10),
    autoPauseAfter: 2,
    maxWaiting: 500,
    maxWaitMs: seconds(3600),
    shortAbandonMs: seconds(5),
    schedule: { timeZone: "Europe/Berlin", weekly: aroundTheClock, adHoc: { kind: "none" } },
    ...settingsOf(options),
  };
}

function settingsOf(options: string[]): Partial<Omit<Hotline, "id" | "schedule">> {
  const settings: Record<string, unknown> = {};
  for (let i = 0; i < options.length; i += 2) {
    const value = options[i + 1] ?? "";
    const names: Record<string, () => void> = {
      strategy: () => (settings.strategy = value),
      ring: () => (settings.ringTimeoutMs = seconds(Number(value))),
      wrapup: () => (settings.wrapUpMs = seconds(Number(value))),
      autopause: () => (settings.autoPauseAfter = Number(value)),
      maxwaiting: () => (settings.maxWaiting = Number(value)),
      maxwait: () => (settings.maxWaitMs = seconds(Number(value))),
    };
    const set = names[options[i] ?? ""];
    if (!set) throw new Error(`No such setting in a trace: "${options[i]}"`);
    set();
  }
  return settings;
}
