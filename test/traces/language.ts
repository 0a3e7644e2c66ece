import { legOf, type Membership, type Phone } from "../../src/core/agents.ts";
import type { DialCode, Event, FoundOver, WayWhileAway } from "../../src/core/events.ts";
import {
  defaultSettings,
  type Hotline,
  type OverflowStep,
  type Periodic,
  type RecordedAnnouncement,
} from "../../src/core/hotlines.ts";
import type { LocalDate } from "../../src/core/hours/calendar.ts";
import type { HoursChange, Until } from "../../src/core/hours/change.ts";
import { parseTimeOfDay, parseWeeklyLine } from "../../src/core/hours/parse.ts";
import { aroundTheClock, plainSchedule } from "../../src/core/hours/schedule.ts";
import type { AgentId, BridgeId, CallId, ChannelId, HotlineId, LegId, PbxRun } from "../../src/core/ids.ts";
import { forwardLegId } from "../../src/core/ids.ts";
import type { State } from "../../src/core/state.ts";
import { seconds, type WallMs } from "../../src/core/time.ts";

/**
 * The language of traces, one event a line. Setting the scene (no `at`):
 *
 *   hotline demo 115 [strategy ring-all] [ring 20] [wrapup 10] ...   see `settings`; lengths in seconds
 *   overflow demo full: move other       one more step; also `waited 60: announce overflow`, `closed: forward 030123`
 *   periodic demo waiting_1 30           one more announcement for those who wait
 *   number 116 demo en,tax               one more number, whose callers need these skills
 *   hours demo mon-fri 08:00-18:00
 *   agent 201 demo other:2 third:1:en,tax     added, logged in, phone reachable; tier and skills behind the hotline
 *   pbx up                  connected, nothing alive in it
 *   clock -00:05:00         somebody sets the wall clock; the times of `at` go on as before
 *
 * Legs, playbacks and bridges are named by their call and agent; the runner finds the present one. A full id such as
 * `c1~1~201` names one that is over; `outside:c1` is the leg over which c1 is being forwarded.
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

function legOfWord(word: string | undefined, state: State): LegId {
  if (word?.includes("~")) return word as LegId;
  if (word?.startsWith("outside:")) {
    const id = call(word.slice("outside:".length));
    const phase = state.calls.get(id)?.phase;
    return phase && "leg" in phase ? phase.leg : forwardLegId(id, 0);
  }
  const known = state.agents.get(agent(word));
  return (known && legOf(known)) ?? (`no~0~${word}` as LegId);
}

const verbs: Record<string, Make> = {
  hotline: ([id, number, ...options]) => [
    { type: "hotline_added", hotline: hotlineOf(hotlineId(id), options) },
    { type: "number_set", number: number ?? "", hotline: hotlineId(id), requires: [] },
  ],
  number: ([number, id, skills]) => [
    { type: "number_set", number: number ?? "", hotline: hotlineId(id), requires: listOf(skills) },
  ],
  number_removed: ([number]) => [{ type: "number_removed", number: number ?? "" }],
  hotline_removed: ([id]) => [{ type: "hotline_removed", hotline: hotlineId(id) }],
  overflow: ([id, ...step], state) => {
    const before = state.hotlines.get(hotlineId(id))?.overflow ?? [];
    const overflow = step[0] === "none" ? [] : [...before, overflowStep(step)];
    return [{ type: "hotline_changed", hotline: hotlineId(id), settings: { overflow } }];
  },
  periodic: ([id, announcement, after], state) => {
    const before = state.hotlines.get(hotlineId(id))?.periodic ?? [];
    const added = { announcement, afterMs: seconds(Number(after)) } as Periodic;
    return [{ type: "hotline_changed", hotline: hotlineId(id), settings: { periodic: [...before, added] } }];
  },
  hours: ([id, ...line]) => [
    hoursChange(id, { kind: "week", days: [parseWeeklyLine(line.join(" "))], from: null }),
  ],
  agent: ([id, ...hotlines]) => [
    {
      type: "agent_added",
      agent: agent(id),
      name: `Agent ${id}`,
      memberships: hotlines.map(membershipOf),
    },
    { type: "phone_changed", agent: agent(id), phone: "reachable" },
    { type: "login_asked", agent: agent(id) },
  ],
  assign: ([id, membership]) => [
    { type: "agent_assigned", agent: agent(id), membership: membershipOf(membership ?? "") },
  ],
  unassign: ([id, hotline]) => [{ type: "agent_unassigned", agent: agent(id), hotline: hotlineId(hotline) }],
  dial: ([id, code]) => [
    {
      type: "code_dialled",
      agent: agent(id),
      channel: `${id}-dials` as ChannelId,
      code: dialCodes[code ?? ""] ?? "login",
    },
  ],
  wrapup_end: ([id]) => [{ type: "wrap_up_end_asked", agent: agent(id) }],
  wrapup_extend: ([id, by]) => [
    { type: "wrap_up_extend_asked", agent: agent(id), byMs: seconds(Number(by)) },
  ],
  capacity: ([maxCalls, maxNewPerSecond]) => [
    {
      type: "capacity_set",
      capacity: { maxCalls: Number(maxCalls), maxNewPerSecond: Number(maxNewPerSecond) },
    },
  ],
  seed: ([seed]) => [{ type: "seeded", seed: Number(seed) }],
  remove: ([id]) => [{ type: "agent_removed", agent: agent(id) }],
  login: ([id]) => [{ type: "login_asked", agent: agent(id) }],
  logout: ([id]) => [{ type: "logout_asked", agent: agent(id) }],
  pause: ([id, reason]) => [{ type: "pause_asked", agent: agent(id), reason: reason ?? null }],
  resume: ([id]) => [{ type: "resume_asked", agent: agent(id) }],
  phone: ([id, phone]) => [{ type: "phone_changed", agent: agent(id), phone: phone as Phone }],
  pbx: ([what]) =>
    what === "up"
      ? [{ type: "pbx_snapshot", run: firstRun, callers: [], legs: [], talks: [], phones: [] }]
      : [{ type: "pbx_lost" }],
  snapshot: (words) => [snapshot(firstRun, words)],
  /** Another Asterisk than before. */
  new_pbx: (words) => [snapshot("second" as PbxRun, words)],
  call_arrived: ([id, number, from, arrived]) => [
    {
      type: "call_arrived",
      call: call(id),
      number: number ?? "",
      from: from === undefined || from === "-" ? null : from,
      ...(arrived ? { arrivedMs: wallOf(arrived) } : {}),
    },
  ],
  caller_elsewhere: ([id]) => [{ type: "caller_elsewhere", call: call(id) }],
  caller_left: ([id, ended]) => [{ type: "caller_left", call: call(id), ...endedAt(ended) }],
  found_over: ([id, number, from, arrived, ended, reached, endedBy, who, since]) => [
    {
      type: "call_found_over",
      call: call(id),
      number: number ?? "",
      from: from === undefined || from === "-" ? null : from,
      arrivedMs: wallOf(arrived ?? ""),
      endedMs: wallOf(ended ?? ""),
      reached: reached as WayWhileAway,
      endedBy: endedBy as FoundOver["endedBy"],
      wasJoined: who === "joined",
      talk:
        who === undefined || who === "joined" ? null : { agent: agent(who), sinceMs: wallOf(since ?? "") },
    },
  ],
  playback_finished: ([id], state) => {
    const hears = state.calls.get(call(id))?.hears;
    const playback = hears?.kind === "announcement" ? hears.playback : (`${id}~0~play` as never);
    return [{ type: "playback_finished", call: call(id), playback }];
  },
  leg_ringing: ([leg], state) => [{ type: "leg_ringing", leg: legOfWord(leg, state) }],
  leg_answered: ([leg], state) => [{ type: "leg_answered", leg: legOfWord(leg, state) }],
  leg_ended: ([leg, how, joined], state) => [
    {
      type: "leg_ended",
      leg: legOfWord(leg, state),
      cause: 16,
      sipCode: how && !how.includes(":") ? Number(how) : null,
      ...endedAt(how),
      ...(joined === "joined" && { wasJoined: true }),
    },
  ],
  connected: ([id], state) => [{ type: "connected", call: call(id), bridge: bridgeOf(id, state) }],
  connect_failed: ([id, why], state) => [
    { type: "connect_failed", call: call(id), bridge: bridgeOf(id, state), why: why ?? "?" },
  ],
  close: ([id, until, ...reason]) => [
    hoursChange(id, { kind: "close", reason: reason.join(" "), until: endOf(until ?? "") }),
  ],
  close_now: ([id, until, ...reason]) => [
    {
      ...hoursChange(id, { kind: "close", reason: reason.join(" "), until: endOf(until ?? "") }),
      releaseWaiting: true,
    },
  ],
  open: ([id, until, ...reason]) => [
    hoursChange(id, { kind: "open", reason: reason.join(" "), until: endOf(until ?? "") }),
  ],
  reopen: ([id]) => [hoursChange(id, { kind: "resume" })],
  except: ([id, from, to, hours, announcement]) => [
    hoursChange(id, {
      kind: "except",
      exception: {
        from: from as LocalDate,
        to: to as LocalDate,
        intervals: parseWeeklyLine(`mon ${hours}`).intervals,
        reason: "special day",
        announcement: (announcement ?? null) as RecordedAnnouncement | null,
      },
    }),
  ],
  holiday: ([id, date, name]) => [
    hoursChange(id, {
      kind: "holidays",
      holidays: {
        region: "TH",
        days: [{ date: date as LocalDate, name: name ?? "" }],
        workedOn: [],
        own: [],
      },
    }),
  ],
  zone: ([id, timeZone]) => [hoursChange(id, { kind: "time_zone", timeZone: timeZone ?? "" })],
  share: ([id, other]) => [
    { type: "hours_shared", hotline: hotlineId(id), with: other === "none" ? null : hotlineId(other) },
  ],
  set: ([id, ...options]) => [
    { type: "hotline_changed", hotline: hotlineId(id), settings: settingsOf(options) },
  ],
  stood_still: () => [{ type: "stood_still" }],
  /** `aside c1 [fallback]`: a start does without what is on record of it. */
  aside: ([id, caller], state) => {
    const row = state.calls.get(call(id));
    return [
      {
        type: "call_set_aside",
        call: call(id),
        row,
        record: row === null ? "none" : row.phase.kind === "ended" ? "decided" : "open",
        caller: caller === "fallback" ? "to_fallback" : "taken_anew",
        why: "planted",
      },
    ];
  },
  fault: ([id], state) => [
    {
      type: "fault_found",
      in: state.agents.get(agent(id)) ? { kind: "agent", id: agent(id) } : { kind: "call", id: call(id) },
      why: "planted",
    },
  ],
};

/** `10:00:05`: it ended then, on the day that traces play on, and nobody watched. */
const endedAt = (time: string | undefined) => (time?.includes(":") ? { endedMs: wallOf(time) } : {});

const wallOf = (time: string) => Date.parse(`2026-11-23T${time}+01:00`) as WallMs;

const hoursChange = (id: string | undefined, change: HoursChange) =>
  ({ type: "hours_changed", hotline: hotlineId(id), change, releaseWaiting: false }) as const;

function endOf(word: string): Until {
  if (word === "next_opening") return { kind: "next_change" };
  if (word.includes(":")) return { kind: "minute_of_day", minute: parseTimeOfDay(word) };
  return { kind: "duration", lengthMs: seconds(Number(word)) };
}

function bridgeOf(id: string | undefined, state: State) {
  const phase = state.calls.get(call(id))?.phase;
  if (phase?.kind === "forwarding" && phase.bridge) return phase.bridge;
  if (phase?.kind === "offering" && phase.claim.kind === "connecting") return phase.claim.bridge;
  return `${id}~0~bridge` as BridgeId;
}

const dialCodes: Record<string, DialCode> = { "*45": "login", "*46": "pause", "*47": "wrap_up" };

const listOf = (words: string | undefined) => (words ? words.split(",") : []);

/** `demo`, `demo:2` or `demo:2:en,tax`. */
function membershipOf(word: string): Membership {
  const [hotline, tier, skills] = word.split(":");
  return { hotline: hotlineId(hotline), tier: Number(tier ?? 1), skills: listOf(skills) };
}

/** `full: move other`, `waited 60: forward 030123`. */
function overflowStep(words: string[]): OverflowStep {
  const [, condition = "", after, kind = "", what = ""] =
    /^(\w+)(?: (\d+))?: (\w+) ?(\S*)$/.exec(words.join(" ")) ?? [];
  const when = after ? { kind: condition, afterMs: seconds(Number(after)) } : { kind: condition };
  const details: Record<string, object> = {
    hang_up: { announcement: what },
    announce: { announcement: what },
    move: { hotline: what },
    forward: { number: what },
    next_tier: {},
  };
  if (!details[kind]) throw new Error(`No such overflow step in a trace: "${words.join(" ")}"`);
  return { when, action: { kind, ...details[kind] } } as OverflowStep;
}

/**
 * `new_pbx` and `snapshot c1 c2 / c1~1~201:ringing c2~1~202:up@c2~2~bridge`: what is alive in Asterisk, and who talks in which
 * bridge; `c1@c1~2~bridge` is a caller who is alone in one; behind `+` stand those whom Asterisk's fallback has. */
const firstRun = "first" as PbxRun;

function snapshot(run: PbxRun, words: string[]): Event {
  const [here = "", elsewhere = ""] = words.join(" ").split("+");
  const [callers = [], legs = []] = here.split("/").map((part) => part.split(" ").filter(Boolean));
  return {
    type: "pbx_snapshot",
    run,
    callers: callers.map((word) => ({ call: call(word.split("@")[0]!), number: "115", from: null })),
    legs: legs.map((word) => {
      const [leg = "", legState] = word.split(":");
      return { leg: leg as LegId, state: legState?.startsWith("up") ? "up" : "ringing" };
    }),
    talks: [
      ...legs.flatMap((word) => {
        const [leg = "", , bridge] = word.split(/:|@/);
        const [id] = leg.split("~");
        return bridge ? [{ call: call(id), leg: leg as LegId, bridge: bridge as BridgeId }] : [];
      }),
      ...callers.flatMap((word) => {
        const [id = "", bridge] = word.split("@");
        return bridge ? [{ call: call(id), leg: null, bridge: bridge as BridgeId }] : [];
      }),
    ],
    phones: [],
    elsewhere: elsewhere.split(" ").filter(Boolean),
  };
}

function hotlineOf(id: HotlineId, options: string[]): Hotline {
  return {
    id,
    name: "Bürgerhotline",
    ...defaultSettings,
    schedule: plainSchedule("Europe/Berlin", aroundTheClock),
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
      priority: () => (settings.priority = Number(value)),
      ringnext: () => (settings.ringNextAfterMs = seconds(Number(value))),
      nexttier: () => (settings.nextTierAfterMs = seconds(Number(value))),
      resume: () => (settings.resumeWithinMs = seconds(Number(value))),
      grace: () => (settings.closingGraceMs = value === "none" ? null : seconds(Number(value))),
      mustfinish: () => (settings.greetingMustFinish = value === "yes"),
    };
    const set = names[options[i] ?? ""];
    if (!set) throw new Error(`No such setting in a trace: "${options[i]}"`);
    set();
  }
  return settings;
}
