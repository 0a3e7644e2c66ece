/** Does harm to a running system, from a seed, and takes the time until it is well again. */
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { chance } from "../support/chance.ts";
import { fillDisk, type Harm, lockDatabase, slowDisk } from "../support/disk.ts";
import { poll } from "../support/process.ts";
import type { System } from "../support/system.ts";
import { LogWatch } from "./log-watch.ts";
import { type FaultKind, isStoreFault, type Options, type StoreFault } from "./options.ts";
import type { People } from "./people.ts";

const run = promisify(execFile);

export interface Fault {
  readonly kind: FaultKind;
  /** `Date.now()`, all of them. */
  atMs: number;
  readonly aliveCalls: number;
  /**
   * When the daemon's log said so, its status had the alarm, or a frozen daemon was replaced; null: nobody has to notice, or had
   * no time to.
   */
  noticedMs: number | null;
  /** When what was killed was started again, what was frozen was thawed or replaced, or the harm to the store was over. */
  startedMs: number | null;
  /** When the daemon had its connection again. */
  connectedMs: number | null;
  /** When all was written and the alarm over. Null: no harm was done to the store. */
  writtenMs: number | null;
  /** The first phone that rang after `startedMs`. Null: the next fault came first. */
  firstOfferMs: number | null;
}

type Service = "daemon" | "asterisk";

const watchEveryMs = 20;
/** A fault that lasts ends, and all is well again, before the next one; so long at most. */
const recoveryMs = 60_000;

/** What the daemon says of the connection that was harmed. */
const ariWords = { lost: "the connection to Asterisk is lost", back: "connected to Asterisk" };
const amiWords = { lost: "not connected to AMI, trying again", back: "connected to AMI" };
const wordsOf = (kind: FaultKind) => (kind === "ami-cut" ? amiWords : ariWords);

export class Faults {
  readonly done: Fault[] = [];
  /** When Asterisk died, `Date.now()`: because it was killed, or by itself. */
  readonly deaths: number[] = [];
  /** How often it was by itself: asterisk#1985 and the like, see docs/asterisk-notes.md. */
  ownDeaths = 0;
  readonly #system: System;
  readonly #options: Options;
  readonly #people: () => People;
  readonly #log: LogWatch;
  readonly #watch: NodeJS.Timeout;
  /** The Asterisk that is known to be alive, and the one that died last. */
  #asterisk: number | null = null;
  #dead: number | null = null;
  #stopped = false;

  constructor(system: System, options: Options, people: () => People) {
    this.#system = system;
    this.#options = options;
    this.#people = people;
    this.#log = new LogWatch(system, "daemon");
    this.#watch = setInterval(() => this.#lookAtAsterisk(), watchEveryMs);
  }

  /** A phone rings. */
  offered(atMs: number): void {
    const last = this.done.at(-1);
    if (last && last.startedMs !== null && last.firstOfferMs === null && atMs > last.startedMs)
      last.firstOfferMs = atMs;
  }

  /** One fault after the other until the time is up, or all are done. */
  async inject(): Promise<void> {
    const { faults, everyMs, minutes, count, calls, seed } = this.#options;
    const next = chance(seed, "faults");
    const until = performance.now() + minutes * 60_000;
    while (!this.#stopped && this.done.length < count && this.#people().placed < calls) {
      await pause(-Math.log(1 - next()) * everyMs);
      if (performance.now() > until) return;
      // In turn where the number is set, so that each kind has its share.
      const index = Number.isFinite(count)
        ? this.done.length % faults.length
        : Math.floor(next() * faults.length);
      await this.#inject(faults[index]!);
    }
  }

  /** All is well again after the last one, too. */
  async settle(): Promise<void> {
    const last = this.done.at(-1);
    if (last) await this.#comesBack(last);
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#watch);
    this.#log.close();
  }

  async #inject(kind: FaultKind): Promise<void> {
    const service = kind.startsWith("daemon") || isStoreFault(kind) ? "daemon" : "asterisk";
    // It may still be on its way back from the last one.
    const pid = await poll(`${service} runs`, recoveryMs, () => this.#pid(service) ?? undefined);
    const fault: Fault = {
      kind,
      atMs: Date.now(),
      aliveCalls: this.#people().aliveCalls,
      noticedMs: null,
      startedMs: null,
      connectedMs: null,
      writtenMs: null,
      firstOfferMs: null,
    };
    this.done.push(fault);
    switch (kind) {
      case "daemon-kill":
        process.kill(pid, "SIGKILL");
        fault.startedMs = await this.#startedAgain(service, pid);
        return;
      case "asterisk-kill":
        process.kill(pid, "SIGKILL");
        this.#asteriskDied(pid);
        fault.startedMs = await this.#startedAgain(service, pid);
        await this.#phonesReturn();
        return this.#comesBack(fault);
      case "daemon-freeze":
      case "asterisk-freeze":
        await this.#freeze(fault, service, pid);
        return this.#comesBack(fault);
      case "ari-cut":
        await this.#cut(fault, this.#system.ports.ari);
        return this.#comesBack(fault);
      case "ami-cut":
        await this.#cut(fault, this.#system.ports.ami);
        return this.#comesBack(fault);
      case "disk-full":
        await this.#harmStore(fault, kind, () => fillDisk(this.#system.home));
        return this.#comesBack(fault);
      case "db-lock":
        await this.#harmStore(fault, kind, () => lockDatabase(this.#system.home));
        return this.#comesBack(fault);
      case "disk-slow":
        await this.#harmStore(fault, kind, () => this.#slowDisk(pid));
        return this.#comesBack(fault);
    }
  }

  #lookAtAsterisk(): void {
    const pid = this.#pid("asterisk");
    if (pid === this.#asterisk || pid === this.#dead) return;
    if (this.#asterisk === null) this.#asterisk = pid;
    else {
      this.ownDeaths += 1;
      this.#asteriskDied(this.#asterisk);
      void this.#phonesReturn();
    }
  }

  #asteriskDied(pid: number): void {
    this.#asterisk = null;
    this.#dead = pid;
    this.deaths.push(Date.now());
    this.#people().asteriskDied();
  }

  /** When. */
  async #startedAgain(service: Service, pid: number): Promise<number> {
    return poll(`${service} is started again`, recoveryMs, () => {
      const now = this.#pid(service);
      return now !== null && now !== pid ? (startOf(now) ?? undefined) : undefined;
    });
  }

  /** Whoever is frozen for long is replaced by scripts/guard, if it is the daemon. */
  async #freeze(fault: Fault, service: Service, pid: number): Promise<void> {
    process.kill(pid, "SIGSTOP");
    const thawMs = Date.now() + this.#options.freezeMs;
    while (Date.now() < thawMs) {
      if (this.#pid(service) !== pid) break;
      await pause(20);
    }
    if (this.#pid(service) === pid && thaw(pid)) {
      fault.startedMs = Date.now();
      return;
    }
    fault.startedMs = await this.#startedAgain(service, pid);
    fault.noticedMs = fault.startedMs;
  }

  /** The connections' two ends are told that they were reset, as a firewall does. */
  async #cut(fault: Fault, port: number): Promise<void> {
    await this.#connected("before a cut");
    // Nothing is cut while the last fault is not over, or by a kernel without INET_DIAG_DESTROY.
    await poll(`a connection to port ${port} is cut`, recoveryMs, async () => {
      fault.atMs = Date.now();
      const { stdout } = await run("ss", ["-HnK", "dst", "127.0.0.1", "dport", "=", `:${port}`]);
      return stdout.trim() === "" ? undefined : true;
    });
    fault.startedMs = Date.now();
    await poll(`${fault.kind} is noticed`, recoveryMs, () => this.#whenNoticed(fault) ?? undefined);
  }

  /** Until the daemon has told of it, and for as long as is wanted; then all is written that had to wait. */
  async #harmStore(fault: Fault, kind: StoreFault, begin: () => Harm | Promise<Harm>): Promise<void> {
    const harm = await begin();
    fault.atMs = Date.now();
    try {
      const alarm = kind === "disk-slow" ? ["store_slow"] : ["store"];
      await poll(`${kind} is noticed`, recoveryMs, async () => (await this.#hasAlarm(alarm)) || undefined);
      fault.noticedMs = Date.now();
      await pause(Math.max(0, fault.atMs + this.#options.storeMs - Date.now()));
    } finally {
      await harm.end();
    }
    fault.startedMs = Date.now();
    await poll(`all is written after ${kind}`, recoveryMs, async () =>
      (await this.#hasAlarm(["store", "store_slow"])) === false ? true : undefined,
    );
    fault.writtenMs = Date.now();
  }

  /** Undefined: it does not say, on a machine that is too busy. */
  async #hasAlarm(codes: readonly string[]): Promise<boolean | undefined> {
    const status = await this.#system.api.status().catch(() => null);
    return status?.alarms.some(({ code }) => codes.includes(code));
  }

  /** Calls alone are not synced to the disk, but what an administrator changes is: so one goes on changing something. */
  async #slowDisk(pid: number): Promise<Harm> {
    const harm = await slowDisk(pid);
    let isOver = false;
    const change = async () => {
      for (let maxWaiting = 1_000; !isOver; maxWaiting++)
        // Whoever gets no answer in time tries again.
        await this.#system.api.changeHotline("demo", { maxWaiting }).catch(() => pause(1_000));
    };
    const changes = change();
    return {
      end: async () => {
        isOver = true;
        await harm.end();
        await changes;
      },
    };
  }

  /** As phones do by themselves after a while. */
  async #phonesReturn(): Promise<void> {
    const register = () =>
      this.#people()
        .registerAgain()
        .then(
          () => true,
          () => undefined,
        );
    await poll("the phones are there again", recoveryMs, register);
  }

  /** Connected, and somebody was rung. */
  async #comesBack(fault: Fault): Promise<void> {
    const mayStayConnected = fault.kind === "daemon-freeze" || isStoreFault(fault.kind);
    await poll(`the daemon is connected again after ${fault.kind}`, recoveryMs, () => {
      this.timesOf(fault);
      return fault.connectedMs !== null || mayStayConnected ? true : undefined;
    });
    await poll(`somebody is rung after ${fault.kind}`, recoveryMs, () => fault.firstOfferMs ?? undefined);
    await this.#connected(`after ${fault.kind}`);
  }

  async #connected(when: string): Promise<void> {
    const connected = async () => (await this.#system.api.status()).pbx.connected || undefined;
    await poll(`the daemon is connected ${when}`, recoveryMs, () => connected().catch(() => undefined));
  }

  /** Fills in what the log says by now. */
  timesOf(fault: Fault): void {
    fault.noticedMs ??= this.#whenNoticed(fault);
    if (fault.startedMs === null || isStoreFault(fault.kind)) return;
    fault.connectedMs ??= this.#log.firstSaid(wordsOf(fault.kind).back, fault.startedMs);
  }

  #whenNoticed({ kind, atMs }: Fault): number | null {
    if (kind === "daemon-kill" || kind === "daemon-freeze" || isStoreFault(kind)) return null;
    return this.#log.firstSaid(wordsOf(kind).lost, atMs);
  }

  /** As its supervisor knows it, from the very beginning; null: it does not run now. What runs when it has ended has a pid there, too. */
  #pid(service: Service): number | null {
    const about = (what: "pid" | "stat") =>
      readFileSync(join(this.#system.home, "service", service, "supervise", what), "utf8");
    const pid = Number(about("pid")) || null;
    return about("stat").startsWith("run") && Number(about("pid")) === pid ? pid : null;
  }
}

/** False: it is gone. */
function thaw(pid: number): boolean {
  try {
    return process.kill(pid, "SIGCONT");
  } catch {
    return false;
  }
}

/** When a process was started, to the hundredth of a second that the kernel keeps. `Date.now()`; null: it is gone. */
function startOf(pid: number): number | null {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return null;
  const stat = readFileSync(file, "utf8");
  const ticks = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
  const upMs = Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]) * 1_000;
  return Date.now() - upMs + ticks * 10;
}
