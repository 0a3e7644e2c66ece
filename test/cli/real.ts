import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import pino from "pino";
import { createAnnouncements } from "../../src/announcements/announcements.ts";
import { homePaths } from "../../src/config/paths.ts";
import type { Event } from "../../src/core/events.ts";
import { State } from "../../src/core/state.ts";
import { createAdministration } from "../../src/daemon/administration.ts";
import { Alarms } from "../../src/daemon/alarms.ts";
import { Audit } from "../../src/daemon/audit.ts";
import { systemClock } from "../../src/daemon/clock.ts";
import { Feed } from "../../src/daemon/feed.ts";
import { Loop } from "../../src/daemon/loop.ts";
import { Phones } from "../../src/daemon/phones.ts";
import { demoAgents, demoHotline, demoMemberships } from "../../src/daemon/seed.ts";
import { serveAdmin } from "../../src/http/admin.ts";
import { TodaysCalls } from "../../src/report/today.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { makeHome } from "./support.ts";

export interface Real {
  readonly home: string;
  readonly state: State;
  readonly store: Store;
  /** How often Asterisk was told to read the phones anew. */
  reloads(): number;
  /** What the daemon has logged, one JSON object a line. */
  readonly logged: readonly string[];
  /** What Asterisk would report. */
  tell(event: Event): void;
}

/**
 * A home in which the real daemon's parts answer, the database among them, and nothing else: Asterisk and speech are left
 * out. It begins with what a new home begins with.
 */
export async function startReal(t: TestContext, pauseReasons: readonly string[] = []): Promise<Real> {
  const home = makeHome(t);
  mkdirSync(join(home, "run"));
  const logged: string[] = [];
  const log = pino({ level: "info" }, { write: (line) => void logged.push(line) });
  const state = new State();
  const clock = systemClock();
  const alarms = new Alarms(log);
  const store = await openStore({ path: join(home, "hotline.db"), onTrouble: () => undefined });
  const noPhones = () => Promise.reject(new Error("there are no phones here"));
  const pbx = {
    status: () => ({ connected: true, amiConnected: true, requestsWaiting: 0, version: "22.10.1" }),
    examine: async () => ({ modules: [], trunk: "online" as const }),
    playToPhone: noPhones,
    recordFromPhone: noPhones,
  };
  const feed = new Feed({ state, clock, calls: new TodaysCalls(), pbx, alarms, log });
  // Converts what is imported; nothing is spoken, since nothing is prepared.
  const announcements = createAnnouncements({
    soundsFolder: join(home, "sounds"),
    speech: "espeak-ng",
    convert: "ffmpeg",
    voice: "de",
    wordsPerMinute: 150,
    rows: [],
    now: () => clock.now().wallMs,
    onTrouble: () => undefined,
    logger: log,
  });
  const loop = new Loop({
    state,
    clock,
    log,
    alarms,
    write: (batch) => store.write(batch),
    carryOut: () => undefined,
    reportFault: (_event, fault) => {
      throw fault;
    },
    changed: (changes, story) => {
      feed.changed(changes, story);
      for (const [id, row] of changes.hotlines) if (!row) announcements.forgetHotline(id);
    },
  });
  let reloads = 0;
  const phones = new Phones({
    credentials: [],
    render: async () => true,
    reload: async () => {
      reloads += 1;
    },
    forget: async () => undefined,
  });
  const sip = { host: "127.0.0.1", port: 5060, tls: null };
  const audit = new Audit(0, (hotline) => announcements.rowsOf(hotline));
  const parts = {
    state,
    clock,
    loop,
    store,
    phones,
    announcements,
    alarms,
    pbx,
    feed,
    sip,
    home,
    recordings: join(home, "recordings"),
    log,
    pauseReasons,
    audit,
  };
  for (const event of demoHotline) await loop.ask(event);
  for (const { agent, name } of demoAgents)
    await loop.ask({ type: "agent_added", agent, name, memberships: demoMemberships });
  const app = await serveAdmin(homePaths(home), createAdministration(parts), log);
  t.after(async () => {
    await app.close();
    await loop.stop();
    await store.close();
  });
  return { home, state, store, logged, reloads: () => reloads, tell: (event) => loop.submit(event) };
}
