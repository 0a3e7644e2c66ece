import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import Database from "better-sqlite3";
import type { Agent } from "../../src/core/agents.ts";
import type { Call } from "../../src/core/calls.ts";
import type { Desk } from "../../src/core/desks.ts";
import { defaultSettings, type Hotline } from "../../src/core/hotlines.ts";
import type { LocalDate } from "../../src/core/hours/calendar.ts";
import { aroundTheClock, plainSchedule } from "../../src/core/hours/schedule.ts";
import type { AgentId, BridgeId, CallId, HotlineId, LegId, PbxRun } from "../../src/core/ids.ts";
import type { NumberRow } from "../../src/core/state.ts";
import type { CallStory, StoryLine } from "../../src/core/story.ts";
import { type MonotonicMs, ms, type Now, type WallMs } from "../../src/core/time.ts";
import type { AuditEntry } from "../../src/store/audit.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import type { Batch, Extra, Loaded } from "../../src/store/types.ts";

export const hotlineId = (id: string) => id as HotlineId;
export const agentId = (id: string) => id as AgentId;
export const callId = (id: string) => id as CallId;

/** Noon of a day, and so many milliseconds later. The machine has been up for a million milliseconds then. */
export const noonMs = Date.UTC(2026, 10, 23, 12);
export const at = (passedMs: number): Now => ({
  monotonicMs: (1_000_000 + passedMs) as MonotonicMs,
  wallMs: (noonMs + passedMs) as WallMs,
});

export const demo: Hotline = {
  ...defaultSettings,
  id: hotlineId("demo"),
  name: "Demo",
  schedule: plainSchedule("Europe/Berlin", aroundTheClock),
};

/** Every setting is another than a new hotline's. */
export const umwelt: Hotline = {
  id: hotlineId("umwelt"),
  name: "Umwelttelefon",
  strategy: "progressive",
  priority: -3,
  ringTimeoutMs: ms(15_000),
  ringNextAfterMs: ms(7000),
  nextTierAfterMs: ms(45_000),
  wrapUpMs: ms(0),
  autoPauseAfter: 0,
  maxWaiting: 7,
  maxWaitMs: ms(600_000),
  shortAbandonMs: ms(3000),
  resumeWithinMs: ms(300_000),
  closingGraceMs: null,
  greetingMustFinish: true,
  periodic: [
    { announcement: "position", afterMs: ms(30_000) },
    { announcement: "waiting_1", afterMs: ms(60_000) },
  ],
  hoursOf: null,
  overflow: [
    { when: { kind: "full" }, action: { kind: "move", hotline: demo.id } },
    { when: { kind: "waited", afterMs: ms(120_000) }, action: { kind: "next_tier" } },
    { when: { kind: "waited", afterMs: ms(240_000) }, action: { kind: "forward", number: "03614900" } },
    { when: { kind: "all_paused" }, action: { kind: "announce", announcement: "all_paused" } },
    { when: { kind: "closed" }, action: { kind: "hang_up", announcement: "overflow" } },
  ],
  schedule: {
    timeZone: "Europe/Lisbon",
    weekly: [[{ fromMinute: 480, toMinute: 1080 }], [], [], [], [], [], []],
    laterWeeks: [{ from: "2026-12-07" as LocalDate, weekly: aroundTheClock }],
    exceptions: [
      {
        from: "2026-12-24" as LocalDate,
        to: "2026-12-26" as LocalDate,
        intervals: [{ fromMinute: 480, toMinute: 720 }],
        reason: "Weihnachten",
        announcement: "special_1",
      },
    ],
    holidays: {
      region: "TH",
      days: [{ date: "2026-09-20" as LocalDate, name: "Weltkindertag" }],
      workedOn: ["Reformationstag"],
      own: [{ month: 12, day: 31, name: "Silvester" }],
    },
    adHoc: { kind: "closed", reason: "Sturm", untilMs: (noonMs + 1) as WallMs },
  },
};

export const erika: Agent = {
  id: agentId("201"),
  name: "Erika Muster",
  memberships: [{ hotline: demo.id, tier: 1, skills: [] }],
  duty: { kind: "paused", reason: "lunch" },
  phone: "reachable",
  work: {
    kind: "offered",
    call: callId("c1"),
    hotline: demo.id,
    leg: "c1~1~201" as LegId,
    progress: { kind: "requested", ringUntilMs: at(20_000).monotonicMs },
    deadlineMs: at(4000).monotonicMs,
  },
  rest: { kind: "resting", why: "busy", untilMs: at(9000).monotonicMs, lengthMs: ms(10_000) },
  idleSince: at(-5000).monotonicMs,
  misses: 1,
  today: { dayStartMs: (noonMs - 13 * 3_600_000) as WallMs, calls: 12, talkMs: ms(3_456_789) },
};

export const demoDesk: Desk = {
  hotline: demo.id,
  lastOffered: erika.id,
  handlingMs: [ms(60_000), ms(95_500)],
  unstaffedSince: at(-40_000).monotonicMs,
  allPausedSince: null,
  closing: { kind: "grace", since: at(-30_000).monotonicMs, releaseAtMs: at(1_770_000).monotonicMs },
};

export const waitingCall: Call = {
  id: callId("c1"),
  origin: demo.id,
  hotline: demo.id,
  number: "115",
  from: "+493612345",
  requires: ["turkish"],
  arrivedAt: at(0),
  run: "2026-11-23T07:00:00.000+0000" as PbxRun,
  waitingSince: at(-90_000).monotonicMs,
  hereSince: at(0).monotonicMs,
  tiersJoined: 0,
  stepsDone: [],
  nextPeriodic: 0,
  due: {
    giveUpMs: at(3_600_000).monotonicMs,
    tierMs: at(30_000).monotonicMs,
    stepMs: null,
    announcementMs: null,
    ringNextMs: null,
  },
  phase: { kind: "waiting" },
  hears: { kind: "music" },
  attempts: 1,
  playbacks: 1,
  tried: [erika.id],
};

export const connectedCall: Call = {
  ...waitingCall,
  id: callId("c2"),
  phase: { kind: "connected", agent: erika.id, bridge: "c2~2~bridge" as BridgeId, since: at(7000) },
  hears: { kind: "agent" },
};

/** Has come from the demo hotline, and a number outside is rung for it. */
export const forwardingCall: Call = {
  ...waitingCall,
  id: callId("c3"),
  hotline: umwelt.id,
  hereSince: at(50_000).monotonicMs,
  tiersJoined: 2,
  stepsDone: ['demo {"when":{"kind":"full"}}'],
  nextPeriodic: 1,
  due: {
    ...waitingCall.due,
    stepMs: at(170_000).monotonicMs,
    announcementMs: at(80_000).monotonicMs,
    ringNextMs: at(60_000).monotonicMs,
  },
  phase: {
    kind: "forwarding",
    leg: "c3~1~forward" as LegId,
    number: "03614900",
    bridge: null,
    deadlineMs: at(95_000).monotonicMs,
    because: { kind: "waited", afterMs: ms(50_000) },
    otherwise: { outcome: "closed", announcement: "closed" },
  },
};

export const forwardedCall: Call = {
  ...forwardingCall,
  id: callId("c4"),
  phase: {
    kind: "forwarded",
    leg: "c4~1~forward" as LegId,
    number: "03614900",
    bridge: "c4~2~bridge" as BridgeId,
    since: at(64_000),
  },
  hears: { kind: "agent" },
};

/** What anna, who is root, has changed of the hotline `demo`. */
export const auditEntry = (id: number, parts: Partial<AuditEntry>): AuditEntry => ({
  id,
  atMs: at(id).wallMs,
  who: "anna",
  found: "claimed",
  account: "root",
  reason: null,
  object: "hotline demo",
  action: "settings: name Demo -> Neu",
  rows: [],
  undoable: true,
  undoes: null,
  ...parts,
});

export type BatchParts = {
  readonly hotlines?: Record<string, Hotline | null>;
  /** A hotline's id stands for a number that requires no skills. */
  readonly numbers?: Record<string, NumberRow | string | null>;
  readonly desks?: Record<string, Desk | null>;
  readonly agents?: Record<string, Agent | null>;
  readonly calls?: Record<string, Call | null>;
  readonly story?: readonly StoryLine[];
  readonly extra?: Extra;
  readonly durable?: boolean;
  readonly now?: Now;
  readonly bootId?: string;
};

export function batchOf(parts: BatchParts): Batch {
  const numbers = Object.entries(parts.numbers ?? {}).map(
    ([number, row]) =>
      [number, typeof row === "string" ? { number, hotline: hotlineId(row), requires: [] } : row] as const,
  );
  return {
    changes: {
      hotlines: new Map(Object.entries(parts.hotlines ?? {}) as [HotlineId, Hotline | null][]),
      numbers: new Map(numbers),
      desks: new Map(Object.entries(parts.desks ?? {}) as [HotlineId, Desk | null][]),
      agents: new Map(Object.entries(parts.agents ?? {}) as [AgentId, Agent | null][]),
      calls: new Map(Object.entries(parts.calls ?? {}) as [CallId, Call | null][]),
    },
    story: parts.story ?? [],
    clock: { bootId: parts.bootId ?? "boot-1", ...(parts.now ?? at(0)) },
    durable: parts.durable ?? false,
    ...(parts.extra && { extra: parts.extra }),
  };
}

export const line = (call: string, passedMs: number, told: CallStory): StoryLine => ({
  call: callId(call),
  at: at(passedMs),
  told,
});

export const arrival = (call: string, passedMs: number, from: string | null = null): StoryLine =>
  line(call, passedMs, { what: "arrived", number: "115", from, hotline: demo.id });

export const end = (call: string, passedMs: number): StoryLine =>
  line(call, passedMs, {
    what: "ended",
    result: { outcome: "abandoned", endedBy: "caller", at: at(passedMs), reason: null, talk: null },
    waitMs: ms(passedMs),
  });

/** A folder that goes with the test. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "hotlined-store-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** What the store has reported, and a way to wait for the next report. */
export class Troubles {
  readonly all: (string | null)[] = [];
  #waiting: ((message: string | null) => void)[] = [];

  readonly onTrouble = (message: string | null): void => {
    this.all.push(message);
    for (const resolve of this.#waiting.splice(0)) resolve(message);
  };

  next(): Promise<string | null> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

/** A store on a file of its own, closed with the test. */
export async function temporaryStore(
  t: TestContext,
  path = join(temporaryFolder(t), "hotline.db"),
): Promise<{ store: Store; path: string; troubles: Troubles }> {
  const troubles = new Troubles();
  const store = await openStore({ path, onTrouble: troubles.onTrouble });
  t.after(() => store.close());
  return { store, path, troubles };
}

/** Looks into the file past the store, as a sysadmin would. */
export function query(path: string, sql: string): unknown[] {
  const db = new Database(path, { readonly: true });
  try {
    return db.prepare(sql).all();
  } finally {
    db.close();
  }
}

/** For tests in which the database can always be written. */
export const noTrouble = (message: string | null): void => {
  if (message !== null) throw new Error(`Unexpected trouble: ${message}`);
};

/** For migrations of a database of no consequence. */
export const noPreparation = { prepare: () => undefined, keep: () => undefined };

/** A database with nothing but these live calls. */
export const loadedOf = (calls: readonly Call[]): Loaded => ({
  hotlines: [],
  brokenHours: [],
  numbers: [],
  desks: [],
  agents: [],
  calls,
  brokenCalls: [],
  credentials: [],
  announcements: [],
  lastChange: 0,
  clock: null,
});
