/** Does harm to a running system, from a seed, and takes the time until it is well again. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { chance } from "../support/chance.ts";
import { poll } from "../support/process.ts";
import type { System } from "../support/system.ts";
import type { FaultKind, Options } from "./options.ts";
import type { People } from "./people.ts";

const run = promisify(execFile);

export interface Fault {
  readonly kind: FaultKind;
  /** `Date.now()`, all of them. */
  readonly atMs: number;
  readonly aliveCalls: number;
  /** When the daemon's status said so; null: it is not expected to say anything. */
  noticedMs: number | null;
  /** When what was killed was started again, or what was frozen was thawed. */
  startedMs: number | null;
  /** The first phone that rang after that. Null: the next fault came first. */
  firstOfferMs: number | null;
}

type Service = "daemon" | "asterisk";

/** A fault that lasts ends, and all is well again, before the next one; so long at most. */
const recoveryMs = 60_000;

export class Faults {
  readonly done: Fault[] = [];
  readonly #system: System;
  readonly #options: Options;
  readonly #people: () => People;
  #stopped = false;

  constructor(system: System, options: Options, people: () => People) {
    this.#system = system;
    this.#options = options;
    this.#people = people;
  }

  /** A phone rings. */
  offered(atMs: number): void {
    const last = this.done.at(-1);
    if (last && last.startedMs !== null && last.firstOfferMs === null && atMs > last.startedMs)
      last.firstOfferMs = atMs;
  }

  /** One fault after the other until the time is up, or all are done. */
  async inject(): Promise<void> {
    const { faults, everyMs, minutes, count, seed } = this.#options;
    if (faults.length === 0) return pause(minutes * 60_000);
    const next = chance(seed, "faults");
    const until = performance.now() + minutes * 60_000;
    while (!this.#stopped && this.done.length < count) {
      await pause(-Math.log(1 - next()) * everyMs);
      if (performance.now() > until) return;
      await this.#inject(faults[Math.floor(next() * faults.length)]!);
    }
  }

  stop(): void {
    this.#stopped = true;
  }

  async #inject(kind: FaultKind): Promise<void> {
    const fault: Fault = {
      kind,
      atMs: Date.now(),
      aliveCalls: this.#people().aliveCalls,
      noticedMs: null,
      startedMs: null,
      firstOfferMs: null,
    };
    this.done.push(fault);
    switch (kind) {
      case "daemon-kill":
        return this.#kill(fault, "daemon");
      case "asterisk-kill":
        await this.#kill(fault, "asterisk");
        this.#people().asteriskDied();
        await this.#comesBack(fault);
        return;
      case "daemon-freeze":
        return this.#freeze(fault, "daemon");
      case "asterisk-freeze":
        return this.#freeze(fault, "asterisk");
      case "ari-cut":
        return this.#cut(fault, this.#system.ports.ari);
      case "ami-cut":
        return this.#cut(fault, this.#system.ports.ami);
    }
  }

  async #kill(fault: Fault, service: Service): Promise<void> {
    const pid = this.#pid(service);
    if (pid === null) return;
    process.kill(pid, "SIGKILL");
    const next = await poll(`${service} is started again`, recoveryMs, () => {
      const now = this.#pid(service);
      return now !== null && now !== pid ? now : undefined;
    });
    fault.startedMs = startOf(next);
  }

  async #freeze(fault: Fault, service: Service): Promise<void> {
    const pid = this.#pid(service);
    if (pid === null) return;
    process.kill(pid, "SIGSTOP");
    const thaw = pause(this.#options.freezeMs).then(() => {
      // A frozen daemon may have been replaced meanwhile: then there is nobody to be thawed.
      if (this.#pid(service) === pid) process.kill(pid, "SIGCONT");
    });
    if (service === "asterisk") await this.#notices(fault, thaw);
    await thaw;
    fault.startedMs = Date.now();
    await this.#comesBack(fault);
  }

  /** The connection's two ends are told that it was reset, as a firewall does. */
  async #cut(fault: Fault, port: number): Promise<void> {
    await run("ss", ["-K", "dst", "127.0.0.1", "dport", "=", `:${port}`]);
    fault.startedMs = Date.now();
    await this.#comesBack(fault);
  }

  async #notices(fault: Fault, until: Promise<unknown>): Promise<void> {
    let over = false;
    until.finally(() => {
      over = true;
    });
    while (!over && fault.noticedMs === null) {
      const status = await this.#system.api.status().catch(() => null);
      if (status && !status.pbx.connected) fault.noticedMs = Date.now();
      await pause(50);
    }
  }

  /** Connected, the phones are there, and somebody was rung. */
  async #comesBack(fault: Fault): Promise<void> {
    if (fault.kind === "asterisk-kill") {
      await this.#notices(fault, pause(15_000));
      await poll("the phones are there again", recoveryMs, () =>
        this.#people()
          .registerAgain()
          .then(
            () => true,
            () => undefined,
          ),
      );
    }
    await poll(`somebody is rung again after ${fault.kind}`, recoveryMs, async () => {
      const status = await this.#system.api.status().catch(() => null);
      return status?.pbx.connected && fault.firstOfferMs !== null ? true : undefined;
    });
  }

  /** As its supervisor knows it, from the very beginning; null: it does not run now. */
  #pid(service: Service): number | null {
    const file = join(this.#system.home, "service", service, "supervise/pid");
    return Number(readFileSync(file, "utf8")) || null;
  }
}

/** When a process was started, to the hundredth of a second that the kernel keeps. `Date.now()`. */
function startOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const ticks = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
  const upMs = Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]) * 1_000;
  return Date.now() - upMs + ticks * 10;
}
