import { randomInt } from "node:crypto";
import { flushCompileCache } from "node:module";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "pino";
import { type Announcements, createAnnouncements } from "../announcements/announcements.ts";
import { roomOf } from "../config/disk.ts";
import { readIfThere, writeFileAtomic } from "../config/files.ts";
import { type Config, loadConfig } from "../config/load.ts";
import { type HomePaths, homePaths } from "../config/paths.ts";
import { readSecrets } from "../config/secrets.ts";
import { spokenPosition } from "../core/estimates.ts";
import type { AdminEvent } from "../core/events.ts";
import type { CallId } from "../core/ids.ts";
import type { State } from "../core/state.ts";
import type { Changes } from "../core/step.ts";
import { callAbout } from "../core/subject.ts";
import type { WallMs } from "../core/time.ts";
import { createPbx } from "../pbx/pbx.ts";
import { renderAgents } from "../pbx/render/agents.ts";
import { renderFallback, renderFallbackQueues } from "../pbx/render/fallback.ts";
import { renderNumbers } from "../pbx/render/numbers.ts";
import { keptMs, TodaysCalls } from "../report/today.ts";
import { openStore, type Store } from "../store/store.ts";
import type { Threads } from "../store/threads.ts";
import type { Loaded } from "../store/types.ts";
import { Alarms } from "./alarms.ts";
import { allAnnounced, prepareChanged } from "./announced.ts";
import { Audit } from "./audit.ts";
import { BrokenHoursNote } from "./broken-hours-note.ts";
import { CapacityWatch } from "./capacity-watch.ts";
import { type Clock, systemClock, systemTimer } from "./clock.ts";
import { CopyKeeper } from "./copies.ts";
import { CrashGuard } from "./crash-guard.ts";
import { Fallback } from "./fallback.ts";
import { reportFault } from "./faults.ts";
import { Feed } from "./feed.ts";
import { HoursWatch } from "./hours-watch.ts";
import type { House, Started } from "./house.ts";
import { LateMetrics } from "./late-metrics.ts";
import { lockHome } from "./lock.ts";
import { openLog } from "./log.ts";
import { Loop } from "./loop.ts";
import { notePid } from "./note-pid.ts";
import { newCredential, Phones } from "./phones.ts";
import { carryOver, restoreState } from "./restore.ts";
import { RoomWatch } from "./room-watch.ts";
import { demoAgents, demoHotline, demoMemberships } from "./seed.ts";
import { sortOut, tellSetAside } from "./set-aside.ts";
import { startSignOfLife } from "./sign-of-life.ts";
import { SilentAgents } from "./silent-agents.ts";
import { Standstill } from "./standstill.ts";

/**
 * Runs the daemon of a home until SIGTERM or SIGINT; calls stay up in Asterisk. Parts are started from the disk outwards
 * and stopped in reverse. Resolves with the exit code. Throws with one clear line when it cannot start.
 */
export async function serve(home: string, threads: Threads): Promise<number> {
  const paths = homePaths(home);
  const config = await loadConfig(home);
  const log = openLog(config.log.level);
  const teardown: { name: string; stop: () => void | Promise<void> }[] = [];
  const started = (name: string, stop: () => void | Promise<void>) => teardown.push({ name, stop });
  let guard: CrashGuard | null = null;
  try {
    const stopAsked = waitForSignal();
    const lock = lockHome(paths.run, () => readIfThere(paths.daemonPid)?.trim() ?? null);
    started("lock", () => lock.release());
    const clock = systemClock();
    guard = new CrashGuard(paths, clock, log);
    started("crash guard", () => guard?.stop());
    // Before the pid: who has just started must not pass for one that froze.
    started("sign of life", startSignOfLife(paths.daemonAlive));
    notePid(paths.daemonPid, log);
    const house = await openHouse(paths, config, log, clock, guard, started, threads);
    if (house.store.created) await seed(house);
    await start(house, paths, config, log, started);
    log.info({ pid: process.pid, home }, "the hotline is running");
    // For the next start, which may follow a crash: at that end Node would write nothing.
    flushCompileCache();
    log.info({ signal: await stopAsked }, "stopping; calls stay up in Asterisk");
    return 0;
  } catch (error) {
    guard?.startFailed(error);
    throw error;
  } finally {
    for (const { name, stop } of teardown.reverse()) {
      try {
        await stop();
      } catch (error) {
        log.error({ err: error, part: name }, "stopping this part failed");
      }
    }
  }
}

/** A start waits no longer for speech; until it is there, callers hear something more general. */
const longestPreparationMs = 10_000;

const callersFirstMs = 2_000;

/** A disk that takes longer is asked again with the next look at what ended unseen. */
const provenWithinMs = 5_000;

/** What is said of the next opening is made a day and a half ahead, so this may come late. */
const renewEveryMs = 3_600_000;

async function openHouse(
  paths: HomePaths,
  config: Config,
  log: Logger,
  clock: Clock,
  guard: CrashGuard,
  started: Started,
  threads: Threads,
): Promise<House> {
  const alarms = new Alarms(log);
  const storeOptions = {
    path: paths.database,
    onTrouble: (message: string | null) =>
      message === null ? alarms.clear("store") : alarms.raise("store", message),
    onBadBatch: (error: Error) => alarms.raise("store_bad_batch", `${error.message} This is a bug.`),
  };
  const store = await openStore(storeOptions, threads);
  started("store", () => store.close());
  const found = await store.load();
  const { loaded: trusted, carriedOver } = carryOver(found, clock.bootId, clock.now());
  // Goes ahead of all other changes, also when the disk is not ready yet; what keeps it from being written is reported.
  if (carriedOver) store.write(carriedOver).catch(() => undefined);
  const sorted = sortOut(trusted, guard.plan);
  const { loaded } = sorted;
  const state = restoreState(loaded);
  guard.aboutWhom((what) => callAbout(state, what));
  const announcements = openAnnouncements(paths, config, log, loaded, clock, alarms, () =>
    fallback.announcementChanged(),
  );
  started("announcements", () => announcements.stop());
  // Phones and loop are told of each other by what they do, so the names are used before they are set.
  const phones: Phones = new Phones({
    credentials: loaded.credentials,
    render: async (credentials) => {
      const named = credentials.map(({ agent, ...sip }) => ({
        id: agent,
        name: state.agents.get(agent)?.name ?? agent,
        ...sip,
      }));
      const phonesChanged = writeFileAtomic(paths.agentsFile, renderAgents(named, config), 0o640);
      const numbersChanged = writeFileAtomic(paths.numbersFile, renderNumbers(named), 0o640);
      return phonesChanged || numbersChanged;
    },
    reload: () => pbx.reloadPhones(),
    forget: (endpoint) => pbx.forgetContacts(endpoint),
  });
  const { ariPassword, amiPassword } = readSecrets(paths.home);
  const { promise: served, resolve: isServed } = Promise.withResolvers<void>();
  const pbx = createPbx(
    {
      ari: { port: config.ari.port, password: ariPassword },
      ami: { port: config.ami.port, password: amiPassword },
      endedCalls: paths.endedCalls,
      log: log.child({ part: "pbx" }),
    },
    {
      tell: (event) => {
        loop.submit(event);
        if (event.type === "pbx_snapshot" || event.type === "pbx_lost") feed.touched();
        if (event.type === "pbx_lost") fallback.lost();
        if (event.type === "pbx_snapshot") void whenServed().then(readAnew);
      },
      onTrouble: (connection, message) =>
        message === null ? alarms.clear(connection) : alarms.raise(connection, message),
      endpointOf: (agent) => phones.endpointOf(agent),
      agentOf: (endpoint) => phones.agentOf(endpoint),
      mediaOf: (call, hotline, announcement, spoken) =>
        announcements.mediaOf(hotline, announcement, spoken, placeOf(state, call)),
      lastHeard: (id) => {
        const call = state.calls.get(id);
        const kind = call?.hears.kind;
        return call && (kind === "announcement" || kind === "music")
          ? { kind, playbacks: call.playbacks }
          : null;
      },
      confirmationMedia: (confirmation) => announcements.confirmationMedia(confirmation),
      isKnown: (channel) => state.knows(channel),
      onRecord: async (calls) => {
        // All that the core has decided so far is on disk then.
        const proof = store.prove({ bootId: clock.bootId, ...clock.now() }).then(() => true);
        const isProven = await Promise.race([proof, pause(provenWithinMs, false, { ref: false })]);
        return isProven ? new Set(await store.endedCalls(calls)) : null;
      },
      spoolTrouble: (message) =>
        message === null ? alarms.clear("ended_calls") : alarms.raise("ended_calls", message),
    },
  );
  // People who wait go first, also where Asterisk is busy with what it is asked.
  const whenServed = async () => {
    await loop.ordersOut();
    await Promise.race([pbx.ordersDone(), pause(callersFirstMs, undefined, { ref: false })]);
  };
  // The database wins over what Asterisk has in its files: it reads them anew at each connection.
  const readAnew = () => {
    isServed();
    if (!pbx.status().connected) return;
    renewPhones(phones, log);
    fallback.connected();
  };
  const feed: Feed = new Feed({ state, clock, calls: await todaysCalls(store, clock), pbx, alarms, log });
  alarms.onChange = () => feed.touched();
  const loop: Loop = new Loop({
    state,
    clock,
    log,
    alarms,
    write: (batch) => {
      copies.written(batch);
      return store.write(batch);
    },
    standstill: new Standstill(clock.now()),
    beginning: (what) => guard.beginning(what),
    carryOut: (effect) => pbx.carryOut(effect),
    reportFault: (event, fault) => reportFault(join(paths.logs, "faults"), state, log, event, fault),
    changed: (changes, story) => {
      feed.changed(changes, story);
      metrics.told(story, changes);
      capacityWatch.told(story);
      silentAgents.told(changes, story);
      forgetRemoved(changes, phones, log);
      prepareChanged(changes, state, announcements);
      fallback.changed(changes);
      if (changes.hotlines.size > 0) hoursWatch.look();
    },
  });
  tellSetAside(sorted, found, guard, { alarms, loop }, paths.logs, log);
  const { maxAtOnce: maxCalls, maxNewPerSecond } = config.calls;
  const capacity = { maxCalls, maxNewPerSecond };
  loop.submit({ type: "capacity_set", capacity });
  const capacityWatch = new CapacityWatch(capacity, alarms);
  started("capacity watch", () => capacityWatch.stop());
  const silentAgents = new SilentAgents(alarms);
  const metrics: LateMetrics = new LateMetrics({ state, clock, alarms, pbx, loop, store });
  const fallback: Fallback = new Fallback({
    state,
    clock,
    alarms,
    startTimer: systemTimer,
    closedSound: (hotline) => announcements.lastingMediaOf(hotline, "closed").replace(/^sound:/, ""),
    endpointOf: (agent) => phones.endpointOf(agent),
    write: (hotlines) => {
      const planChanged = writeFileAtomic(paths.fallbackFile, renderFallback(hotlines), 0o640);
      const queues = renderFallbackQueues(hotlines);
      return writeFileAtomic(paths.fallbackQueuesFile, queues, 0o640) || planChanged;
    },
    reload: () => pbx.reloadFallback(),
  });
  const copies = new CopyKeeper({ store, alarms, log, startTimer: systemTimer, nowMs: Date.now });
  const ask = (event: AdminEvent) => loop.ask(event);
  const note = new BrokenHoursNote(paths.brokenHours, log);
  const hoursWatch = new HoursWatch({
    ...{ state, clock, alarms, log, startTimer: systemTimer, ask },
    broken: note.complete(loaded.brokenHours, loaded.hotlines),
    remember: (broken) => note.write(broken),
  });
  const audit = new Audit(loaded.lastChange, (hotline) => announcements.rowsOf(hotline));
  const parts = { state, clock, alarms, store, loop, phones, announcements, pbx, feed, metrics, audit };
  return { ...parts, hoursWatch, fallback, copies, served };
}

/** What the figures of the day begin with; nothing happens yet that could be missed. */
async function todaysCalls(store: Store, clock: Clock): Promise<TodaysCalls> {
  const calls = new TodaysCalls();
  for (const call of await store.counted((clock.now().wallMs - keptMs) as WallMs)) calls.put(call);
  return calls;
}

function openAnnouncements(
  paths: HomePaths,
  config: Config,
  log: Logger,
  loaded: Loaded,
  clock: Clock,
  alarms: Alarms,
  onChange: () => void,
): Announcements {
  return createAnnouncements({
    soundsFolder: paths.sounds,
    ...config.announcements,
    rows: loaded.announcements,
    now: () => clock.now().wallMs,
    onTrouble: (code, message) => (message === null ? alarms.clear(code) : alarms.raise(code, message)),
    onChange,
    logger: log,
  });
}

async function start(
  house: House,
  paths: HomePaths,
  config: Config,
  log: Logger,
  started: Started,
): Promise<void> {
  const { state, alarms, loop, announcements, pbx, hoursWatch, fallback, copies } = house;
  await announcements.prepareArrivals(allAnnounced(state), longestPreparationMs);
  loop.start();
  started("loop", () => loop.stop());
  loop.submit({ type: "seeded", seed: randomInt(2 ** 32) });
  pbx.start();
  started("pbx", () => pbx.stop());
  started("fallback", () => fallback.stop());
  // After a crash people are waiting. What administrators and monitoring need is half of the program to load: it can wait until the
  // first phones ring, but not for long for an Asterisk that is away.
  await Promise.race([house.served, pause(callersFirstMs, undefined, { ref: false })]);
  hoursWatch.start();
  started("hours", () => hoursWatch.stop());
  copies.start();
  started("copies", () => copies.stop());
  const { home } = paths;
  const room = new RoomWatch({ home, look: () => roomOf(home), alarms, startTimer: systemTimer });
  room.start();
  started("room on the disk", () => room.stop());
  const { openOffice } = await import("./office.ts");
  await openOffice(house, paths, config, log, started);
  // Requests wait for these calls, and the admin API for its requests.
  started("calls for announcements", () => pbx.stopStudio());
  const hourly = () => {
    void announcements.renew();
    void eraseNumbers(house, config.retention.callerNumbersDays, log);
  };
  const timer = setInterval(hourly, renewEveryMs);
  started("what is done every hour", () => clearInterval(timer));
  void eraseNumbers(house, config.retention.callerNumbersDays, log);
  void announcements.prepareConfirmations();
  for (const hotline of allAnnounced(state)) void announcements.prepareHotline(hotline);
}

/** What cannot be erased now is erased an hour later. */
async function eraseNumbers({ store, clock }: House, afterDays: number, log: Logger): Promise<void> {
  try {
    const erased = await store.eraseNumbers((clock.now().wallMs - afterDays * 86_400_000) as WallMs);
    if (erased > 0) log.info({ erased, afterDays }, "callers' numbers were erased");
  } catch (error) {
    log.warn({ err: error }, "callers' numbers could not be erased");
  }
}

/** The demo hotline, for a new database only. */
async function seed({ loop, phones }: House): Promise<void> {
  for (const event of demoHotline) await loop.ask(event);
  for (const { agent, name } of demoAgents) {
    const credential = newCredential(agent);
    await loop.ask(
      { type: "agent_added", agent, name, memberships: demoMemberships },
      { credentials: [credential] },
    );
    phones.add(credential);
  }
}

/** Whose row is gone, their phone goes too: at once, or when the call is over that they were in. */
function forgetRemoved(changes: Changes, phones: Phones, log: Logger): void {
  for (const [agent, row] of changes.agents) {
    if (row !== null) continue;
    phones
      .remove(agent)
      .catch((error: Error) =>
        log.warn({ err: error, agent }, "Asterisk still knows a removed agent's phone"),
      );
  }
}

/** The place in the queue; null for a caller who is not in one. */
function placeOf(state: State, id: CallId): number | null {
  const call = state.calls.get(id);
  const waits = call && ["listening", "waiting", "offering"].includes(call.phase.kind);
  return waits ? spokenPosition(state, call) : null;
}

function renewPhones(phones: Phones, log: Logger): void {
  phones.renew().catch((error: Error) => log.warn({ err: error }, "Asterisk does not know the phones yet"));
}

function waitForSignal(): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, () => resolve(signal));
  return promise;
}
