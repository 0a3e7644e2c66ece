import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import Database from "better-sqlite3";
import type { Agent } from "../../src/core/agents.ts";
import type { Call } from "../../src/core/calls.ts";
import type { Hotline } from "../../src/core/hotlines.ts";
import { aroundTheClock } from "../../src/core/hours/schedule.ts";
import type { AgentId, BridgeId, CallId, HotlineId, LegId } from "../../src/core/ids.ts";
import type { CallStory, StoryLine } from "../../src/core/story.ts";
import { type MonotonicMs, ms, type Now, type WallMs } from "../../src/core/time.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import type { Batch, Extra } from "../../src/store/types.ts";

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
  id: hotlineId("demo"),
  name: "Demo",
  strategy: "longest-idle",
  ringTimeoutMs: ms(20_000),
  wrapUpMs: ms(10_000),
  autoPauseAfter: 2,
  maxWaiting: 500,
  maxWaitMs: ms(3_600_000),
  shortAbandonMs: ms(5000),
  schedule: { timeZone: "Europe/Berlin", weekly: aroundTheClock, adHoc: { kind: "none" } },
};

export const erika: Agent = {
  id: agentId("201"),
  name: "Erika Muster",
  memberships: [{ hotline: demo.id }],
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
};

export const waitingCall: Call = {
  id: callId("c1"),
  hotline: demo.id,
  number: "115",
  from: "+493612345",
  arrivedAt: at(0),
  giveUpAtMs: at(3_600_000).monotonicMs,
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

export type BatchParts = {
  readonly hotlines?: Record<string, Hotline | null>;
  readonly numbers?: Record<string, string | null>;
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
    ([number, hotline]) =>
      [number, hotline === null ? null : { number, hotline: hotlineId(hotline) }] as const,
  );
  return {
    changes: {
      hotlines: new Map(Object.entries(parts.hotlines ?? {}) as [HotlineId, Hotline | null][]),
      numbers: new Map(numbers),
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
    result: { outcome: "abandoned", endedBy: "caller", at: at(passedMs), talk: null },
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
