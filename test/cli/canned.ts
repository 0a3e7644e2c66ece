import type { ChangeView, ChangeWithRows, Undone, UndoPreview } from "../../src/api/audit.ts";
import type { ExplainView } from "../../src/api/explain.ts";
import type { HolidaysView, HoursPreview, HoursView } from "../../src/api/hours.ts";
import type {
  AgentView,
  AnnouncementView,
  CallView,
  HotlineView,
  NewAgent,
  NumberView,
  Status,
} from "../../src/api/schemas.ts";
import type { StaffingView } from "../../src/api/staffing.ts";
import type { Reply } from "./support.ts";

/** What the daemon of a small hotline answers. */

export const status: Status = {
  pbx: { connected: true, version: "22.10.1" },
  target: { percent: 75, withinMs: 30_000 },
  load: { calls: 3, maxCalls: 1000, maxNewPerSecond: 30, eventsWaiting: 0, requestsWaiting: 0 },
  hotlines: [
    {
      id: "demo",
      name: "Testtelefon",
      open: true,
      reason: "opening hours",
      waiting: 2,
      longestWaitMs: 80_400,
      agents: { ready: 0, offered: 1, talking: 2, wrap_up: 0, paused: 1, busy: 0, offline: 0, logged_out: 3 },
      today: {
        offered: 12,
        answered: 9,
        answeredInTime: 8,
        abandoned: 2,
        abandonedShort: 1,
        otherwise: 0,
        reachability: 0.75,
        serviceLevel: 8 / 11,
        asaMs: 12_400,
      },
    },
  ],
  calls: [
    {
      id: "c7",
      hotline: "demo",
      phase: "connected",
      agent: "201",
      forwardedTo: null,
      since: "2026-03-02T09:00:00.000Z",
    },
    {
      id: "c8",
      hotline: "demo",
      phase: "waiting",
      agent: null,
      forwardedTo: null,
      since: "2026-03-02T09:01:00.000Z",
    },
    {
      id: "c9",
      hotline: "demo",
      phase: "forwarded",
      agent: null,
      forwardedTo: "+4936199",
      since: "2026-03-02T09:01:00.000Z",
    },
  ],
  alarms: [],
  notices: [],
};

export const hotlineView: HotlineView = {
  id: "demo",
  name: "Testtelefon",
  strategy: "longest-idle",
  priority: 0,
  ringTimeoutMs: 20_000,
  ringNextAfterMs: 10_000,
  nextTierAfterMs: 30_000,
  wrapUpMs: 10_000,
  autoPause: 2,
  maxWaiting: 500,
  maxWaitMs: 3_600_000,
  shortAbandonMs: 5_000,
  resumeWithinMs: 0,
  closingGraceMs: null,
  greetingMustFinish: false,
  periodic: [
    { announcement: "waiting_1", afterMs: 60_000 },
    { announcement: "position", afterMs: 45_000 },
  ],
  overflow: [
    { when: { kind: "waited", afterMs: 120_000 }, action: { kind: "move", hotline: "sued" } },
    { when: { kind: "no_agents" }, action: { kind: "hang_up", announcement: "no_agents" } },
  ],
  numbers: ["115", "116"],
  agents: ["201", "202"],
  numberSkills: [
    { number: "115", skills: [] },
    { number: "116", skills: ["en"] },
  ],
  memberships: [
    { agent: "201", tier: 1, skills: ["en", "tax"] },
    { agent: "202", tier: 2, skills: [] },
  ],
  missing: [],
};

/** As it is just after `hotline hotline add`. */
export const newHotlineView: HotlineView = {
  ...hotlineView,
  id: "sued",
  name: "Süd",
  periodic: [],
  overflow: [],
  numbers: [],
  agents: [],
  numberSkills: [],
  memberships: [],
  missing: ["hours", "number", "agents"],
};

export const numberRow: NumberView = {
  number: "+4936112345",
  hotline: "demo",
  skills: ["en", "tax"],
  agents: 1,
};

const week = [1, 2, 3, 4, 5, 6, 7].map((day) => ({
  date: `2026-03-0${day}`,
  hours: day === 1 || day === 7 ? "closed" : "08:00-18:00",
  rule: "weekly" as const,
  name: null,
}));

const forDoor = week.map((day) => ({ ...day, adHoc: false }));

export const hours: HoursView = {
  hotline: "demo",
  timeZone: "Europe/Berlin",
  sharedWith: null,
  weekly: ["mon-fri 08:00-18:00", "sat-sun closed"],
  laterWeeks: [{ from: "2026-06-01", weekly: ["mon-fri 08:00-14:00", "sat-sun closed"] }],
  adHoc: null,
  exceptions: [
    {
      from: "2026-03-04",
      to: "2026-03-04",
      hours: "08:00-12:00, 14:00-16:00",
      reason: "Umzug",
      announcement: "special_1",
    },
  ],
  holidays: { region: "TH", name: "Thüringen" },
  open: false,
  reason: "outside opening hours, opens 2 Mar 2026, 08:00",
  nextOpening: "2026-03-02T07:00:00.000Z",
  nextClosing: "2026-03-02T17:00:00.000Z",
  days: forDoor.map((day) =>
    day.date === "2026-03-04"
      ? { ...day, hours: "08:00-12:00, 14:00-16:00", rule: "exception", name: "Umzug" }
      : day.date === "2026-03-06"
        ? { ...day, hours: "closed", rule: "holiday", name: "Feiertag" }
        : day,
  ),
};

export const hoursPreview: HoursPreview = {
  hotline: "demo",
  changes: true,
  confirms: false,
  before: { open: true, reason: "opening hours", nextOpening: null },
  after: { open: true, reason: "opening hours", nextOpening: null },
  days: [{ before: week[1]!, after: { ...week[1]!, hours: "08:00-14:00" } }],
  settings: [],
  plannedLater: [],
  alsoOf: ["sued"],
  endless: false,
  waiting: 3,
  basis: "0123456789abcdef",
};

export const holidays: HolidaysView = {
  hotline: "demo",
  region: "TH",
  days: [
    { date: "2026-09-20", name: "Weltkindertag", kept: false, own: false },
    { date: "2026-12-24", name: "Heiligabend", kept: true, own: true },
  ],
  knownUntil: "2031-12-26",
  regions: [
    { region: "SN", name: "Sachsen" },
    { region: "TH", name: "Thüringen" },
  ],
};

export const explanation: ExplainView = {
  number: "115",
  hotline: "demo",
  at: "2026-12-24T09:00:00.000Z",
  timeZone: "Europe/Berlin",
  open: true,
  rule: "exception",
  reason: "exception on 2026-12-24: Heiligabend",
  lost: [{ rule: "weekly", open: true, reason: "weekly hours on Thursday: 08:00-18:00" }],
  outcome: "admitted",
  announcement: { hotline: "demo", name: "greeting", text: "Guten Tag." },
  servedBy: "demo",
  waitingAhead: 12,
  strategy: "longest-idle",
  overflow: [{ step: "waited 2m: move sued", when: "later" }],
  agents: [
    { id: "201", name: "Erika Muster", tier: 1, afterMs: 0 },
    { id: "202", name: "Max Beispiel", tier: 2, afterMs: 30_000 },
  ],
  others: [{ id: "203", name: "Ayşe Probe", state: "logged_out" }],
};

export const agent: AgentView = {
  id: "201",
  name: "Erika Muster",
  state: "paused",
  reason: "lunch",
  idleSince: null,
  hotlines: ["demo", "sued"],
  memberships: [
    { hotline: "demo", tier: 2, skills: ["en", "tax"] },
    { hotline: "sued", tier: 1, skills: [] },
  ],
};

export const newAgent: NewAgent = {
  id: "201",
  sip: {
    username: "201",
    password: "s3cret",
    host: "127.0.0.1",
    port: 5060,
    transport: "udp",
    tls: null,
  },
};

export const call: CallView = {
  id: "c7",
  hotline: "demo",
  from: "+4936112345",
  arrivedAt: "2026-03-02T09:00:03.120Z",
  outcome: "answered",
  endedBy: "caller",
  reason: null,
  waitMs: 24_000,
  talkMs: 80_000,
  agent: "202",
  servedBy: "demo",
  forwardedTo: null,
  whileAway: false,
};

export const runningCall: CallView = {
  ...call,
  id: "c8",
  from: null,
  outcome: null,
  endedBy: null,
  waitMs: null,
  talkMs: null,
  agent: null,
  servedBy: null,
};

const at = (time: string, what: string, detail: Record<string, unknown> = {}) => ({
  at: `2026-03-02T${time}Z`,
  what,
  detail,
});

export const toldCall: CallView = {
  ...call,
  events: [
    at("09:00:03.120", "arrived", { number: "115", hotline: "demo" }),
    at("09:00:03.121", "admitted", { waitingAhead: 1 }),
    at("09:00:03.130", "announced", { name: "greeting" }),
    at("09:00:07.000", "offered", { agent: "201" }),
    at("09:00:07.100", "ringing", { agent: "201" }),
    at("09:00:22.000", "offer_ended", { agent: "201", result: "no_answer" }),
    at("09:00:22.001", "offered", { agent: "202" }),
    at("09:00:27.000", "picked_up", { agent: "202" }),
    at("09:00:27.120", "connected", { agent: "202", waitMs: 24_000 }),
    at("09:01:47.120", "ended", { result: { outcome: "answered", endedBy: "caller" }, waitMs: 24_000 }),
    at("09:01:47.200", "gone"),
    at("09:01:47.300", "moon_rose", { colour: "red", height: 3 }),
  ],
};

/** Of a call that was moved, forwarded in vain, let go. */
export const oddCall: CallView = {
  ...call,
  id: "c9",
  outcome: "timed_out",
  endedBy: "hotline",
  reason: "closing",
  talkMs: null,
  agent: null,
  servedBy: null,
  events: [
    at("09:00:03.120", "arrived", { number: "115", hotline: "demo" }),
    at("09:00:03.120", "resumed", { waitedBeforeMs: 95_000 }),
    at("09:00:03.121", "admitted", { waitingAhead: 0 }),
    at("09:00:33.120", "tier_joined", { tiers: 2 }),
    at("09:00:40.000", "announced", { name: "position", spoken: { kind: "position", position: 3 } }),
    at("09:00:50.000", "announced", { name: "expected_wait", spoken: { kind: "expected_wait", minutes: 1 } }),
    at("09:01:03.000", "overflow", { because: "waited", action: "forward" }),
    at("09:01:03.000", "forwarding", { number: "+4936199" }),
    at("09:01:48.000", "forward_failed", { why: "no answer" }),
    at("09:01:48.000", "overflow", { because: "waited", action: "move" }),
    at("09:01:48.000", "moved", { hotline: "sued" }),
    at("09:02:00.000", "forwarded", { number: "+4936198", waitMs: 117_000 }),
    at("09:10:00.000", "ended", { result: { outcome: "timed_out", endedBy: "hotline", reason: "closing" } }),
  ],
};

export const announcement: AnnouncementView = {
  hotline: "demo",
  name: "greeting",
  source: "file",
  isDefault: false,
  text: "file.wav",
  spoken: null,
  lengthMs: 4_200,
  loudnessLufs: -23.1,
};

export const spokenAnnouncement: AnnouncementView = {
  hotline: "demo",
  name: "closed",
  source: "text",
  isDefault: false,
  text: "Wir sind {{next_opening}} für Sie da.",
  spoken: "Wir sind morgen ab acht Uhr für Sie da.",
  lengthMs: 5_300,
  loudnessLufs: -22.8,
};

export const staffing: StaffingView = {
  record: null,
  callsPerHour: 30,
  talkMs: 360_000,
  wrapUpMs: 30_000,
  patienceMs: null,
  load: 3.25,
  targetPercent: 75,
  targetWithinMs: 30_000,
  agents: 6,
  agentsMin: 4,
  table: [
    [5, 0.65, 0.302552, 67_426, 0.735554, false] as const,
    [6, 0.541667, 0.134785, 19_115, 0.890913, true] as const,
  ].map(([agents, occupancy, waitProbability, meanWaitMs, serviceLevel, meetsTarget]) => ({
    agents,
    occupancy,
    waitProbability,
    meanWaitMs,
    serviceLevel,
    abandoned: null,
    meetsTarget,
  })),
};

export const change: ChangeView = {
  id: 7,
  at: "2026-03-02T09:00:03.120Z",
  who: "anna",
  found: "claimed",
  account: "root",
  reason: "Sturm",
  object: "hours demo",
  action: "ad-hoc none -> closed until resumed (Sturm)",
  undoable: true,
  undoes: null,
  undoneBy: null,
};
const differences = [
  { object: "hours demo", setting: "ad-hoc", before: "none", after: "closed until resumed (Sturm)" },
];
export const shownChange: ChangeWithRows = {
  ...change,
  differences,
  rows: [{ kind: "hotline", id: "demo", before: { id: "demo" }, after: { id: "demo" } }],
};
export const undoPreview: UndoPreview = { change, differences };
export const undone: Undone = {
  ...undoPreview,
  by: { ...change, id: 8, undoes: 7, action: "undid change 7" },
  agents: [newAgent],
};

const ok = (body: unknown): Reply => ({ status: 200, body });

export const cannedAnswers: Record<string, Reply> = {
  "POST /who": ok({ file: "where-a-proof-belongs" }),
  "GET /changes": ok([change]),
  "GET /changes/7": ok(shownChange),
  "GET /undo": ok(undoPreview),
  "POST /undo": ok(undone),
  "GET /status": ok(status),
  "GET /calls": ok([runningCall, call]),
  "GET /calls/c7": ok(toldCall),
  "GET /calls/c9": ok(oddCall),
  "GET /calls/nope": {
    status: 404,
    body: { error: { code: "unknown_call", message: 'There is no call "nope". See: hotline calls' } },
  },
  "GET /staffing": ok(staffing),
  "GET /agents": ok([agent]),
  "POST /agents": ok(newAgent),
  "DELETE /agents/201": { status: 204, body: null },
  "POST /agents/201/login": ok(agent),
  "POST /agents/201/logout": ok(agent),
  "POST /agents/201/resume": ok(agent),
  "POST /agents/201/pause": ok(agent),
  "GET /agents/201": ok(agent),
  "POST /agents/201/wrap-up/end": ok(agent),
  "POST /agents/201/wrap-up/extend": ok(agent),
  "PUT /agents/201/hotlines/demo": ok(agent),
  "DELETE /agents/201/hotlines/demo": ok(agent),
  "GET /numbers": ok([numberRow]),
  "PUT /numbers/%2B4936112345": ok(numberRow),
  "DELETE /numbers/%2B4936112345": { status: 204, body: null },
  "POST /hotlines": ok(newHotlineView),
  "DELETE /hotlines/sued": { status: 204, body: null },
  "GET /hotlines": ok([hotlineView]),
  "GET /hotlines/demo": ok(hotlineView),
  "PATCH /hotlines/demo": ok(hotlineView),
  "GET /hotlines/demo/hours": ok(hours),
  "POST /hotlines/demo/hours": ok(hours),
  "POST /hotlines/demo/hours?dryRun=true": ok(hoursPreview),
  "POST /hotlines/sued/hours": ok({ ...hours, hotline: "sued" }),
  "GET /hotlines/demo/holidays": ok(holidays),
  "GET /explain": ok(explanation),
  "GET /hotlines/demo/announcements": ok([announcement]),
  "PUT /hotlines/demo/announcements/greeting": ok(announcement),
  "PUT /hotlines/demo/announcements/closed/text": ok(spokenAnnouncement),
  "DELETE /hotlines/demo/announcements/closed": ok(spokenAnnouncement),
  "POST /hotlines/demo/announcements/closed/play": ok({ heard: "to_end" }),
  "POST /hotlines/demo/announcements/greeting/record": ok(announcement),
};
