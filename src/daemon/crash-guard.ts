import { closeSync, constants, openSync, statSync, writeSync } from "node:fs";
import type { Logger } from "pino";
import { isBug } from "../config/bug.ts";
import { padded, readIfThere, writeOver } from "../config/files.ts";
import type { HomePaths } from "../config/paths.ts";
import { type Crash, planStart, recent, type StartPlan, type Tried } from "../core/crash-loop.ts";
import type { Effect } from "../core/effects.ts";
import type { Event } from "../core/events.ts";
import type { CallId } from "../core/ids.ts";
import type { WallMs } from "../core/time.ts";
import type { Clock } from "./clock.ts";

/*
 * Knows of lives of the daemon that ended by a bug, so that it does not die of the same thing for ever. Three small files, each
 * written over in its place:
 *
 * run/daemon.last     what was looked at when an exception ended the process; from a second life on also before each event, in case
 *                     there is no time for that (a crash in native code, memory, an endless loop).
 * run/daemon.end      exit code and signal, from the supervisor (`finish` of the service).
 * run/daemon.crashes  the crashes of this boot of the machine, and how was started because of them.
 */

const lastBytes = 8_192;
const endBytes = 10;
const historyBytes = 16_384;
const kept = 20;
/** So long after a crash each event is written down. */
const trailMs = 60_000;
/** The guard kills who has not moved for ten seconds (scripts/guard). */
const frozenMs = 9_000;
const frozen = "it did not move for ten seconds and was killed";
/** SIGHUP, SIGINT, SIGKILL, SIGPIPE, SIGTERM: somebody wanted it to end, or took its output away. */
const signalsFromOutside = [1, 2, 9, 13, 15];
/** Node's own exit codes for errors inside it; what we end with is below, what a shell cannot start is above. */
const innerErrors = { from: 3, to: 14 };

/** `what`: the event or order; `error`: what ended the process, null: it was not there to say so. */
export type LastThing = {
  readonly call: CallId | null;
  readonly what: string | null;
  readonly error: string | null;
};

export type Death = { readonly call: CallId | null; readonly how: string; readonly last: LastThing | null };

type History = {
  readonly bootId: string;
  readonly crashes: readonly Crash[];
  readonly tried: readonly Tried[];
  /** When something was last set aside, and why. */
  readonly told: { readonly atMs: WallMs; readonly message: string } | null;
};

export class CrashGuard {
  /** Of what the daemon has died just before; null: it has not. */
  readonly death: Death | null;
  /** How to start. */
  readonly plan: StartPlan;
  readonly #files: HomePaths;
  readonly #clock: Clock;
  readonly #log: Logger;
  #history: History;
  /** Looks up whom something is about; nothing is known before there is a state. */
  #about: (what: Event | Effect) => CallId | null = () => null;
  #last: Event | Effect | null = null;
  /** Open while each event is written down before it is looked at. */
  #trail: number | null = null;
  #trailTimer: NodeJS.Timeout | undefined;
  #written: CallId | null = null;
  readonly #onException = (error: unknown) => this.#diedOf(error);

  /** Once the home is locked, before the first sign of life. Never throws: calls come first. */
  constructor(files: HomePaths, clock: Clock, log: Logger) {
    this.#files = files;
    this.#clock = clock;
    this.#log = log;
    this.death = this.#deathBefore();
    const now = clock.now();
    const before = this.#readHistory();
    const crashes = this.death
      ? [...before.crashes, { at: now.monotonicMs, call: this.death.call }].slice(-kept)
      : before.crashes;
    this.plan = planStart(crashes, before.tried, now.monotonicMs);
    const isUsual = this.plan.kind === "as_usual";
    const tried = isUsual ? before.tried : [...before.tried, { at: now.monotonicMs, plan: this.plan }];
    this.#history = { ...before, crashes, tried: tried.slice(-kept) };
    if (this.death) {
      const { how, last } = this.death;
      // Once, that may be the machine's doing; three times within a minute it is not.
      if (how === frozen) log.info({ how, last }, "the daemon had died");
      else log.error({ how, last }, "the daemon had died: this is a bug");
    }
    this.#save();
    this.#over(files.daemonLast, "", lastBytes);
    this.#over(files.daemonEnd, "", endBytes);
    if (recent(crashes, now.monotonicMs).length > 0) this.#openTrail();
    // Watches only; what Node does then stays as it is.
    process.on("uncaughtExceptionMonitor", this.#onException);
  }

  /** From now on it is known whom things are about. */
  aboutWhom(about: (what: Event | Effect) => CallId | null): void {
    this.#about = about;
  }

  /** Something is being done: one assignment in a usual life, one small write after a crash. */
  beginning(what: Event | Effect): void {
    this.#last = what;
    if (this.#trail === null) return;
    const call = this.#about(what);
    if (call === this.#written) return;
    this.#written = call;
    try {
      writeSync(this.#trail, padded(JSON.stringify({ call, what: null, error: null }), 256), 0, 256, 0);
    } catch {
      this.#closeTrail();
    }
  }

  /** The start has failed. Only a bug counts: a port in use, say, is no reason to set calls aside. */
  startFailed(error: unknown): void {
    if (isBug(error)) this.#diedOf(error);
  }

  /** Something was set aside because of the crashes: what people are told, for a day. */
  tellForADay(message: string): void {
    this.#history = { ...this.#history, told: { atMs: this.#clock.now().wallMs, message } };
    this.#save();
  }

  get told(): History["told"] {
    return this.#history.told;
  }

  stop(): void {
    process.off("uncaughtExceptionMonitor", this.#onException);
    this.#closeTrail();
  }

  #diedOf(error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const cause = error instanceof Error && error.cause instanceof Error ? `\n${error.cause.stack}` : "";
    const call = this.#last && this.#aboutLast(this.#last);
    const last = { call, what: this.#last?.type ?? null, error: `${text}${cause}`.slice(0, 1_500) };
    this.#over(this.#files.daemonLast, JSON.stringify(last), lastBytes);
  }

  #aboutLast(what: Event | Effect): CallId | null {
    try {
      return this.#about(what);
    } catch {
      return null;
    }
  }

  #deathBefore(): Death | null {
    const last = this.#read<LastThing>(this.#files.daemonLast);
    const call = last?.call ?? null;
    if (last?.error) return { call, how: last.error.split("\n")[0] ?? "", last };
    const [code, signal] = (readOrNull(this.#files.daemonEnd) ?? "").trim().split(/\s+/).map(Number);
    if (code === undefined || signal === undefined) return null;
    const how = this.#howBad(code, signal & 0x7f);
    return how === null ? null : { call, how, last };
  }

  /** Null: it was stopped, or killed from outside. */
  #howBad(code: number, signal: number): string | null {
    const isInner = code >= innerErrors.from && code <= innerErrors.to;
    if (code >= 0) return isInner ? `Node gave up with exit code ${code}` : null;
    if (signal === 9 && this.#wasFrozen()) return frozen;
    return signalsFromOutside.includes(signal) ? null : `it was ended by signal ${signal}`;
  }

  /** Its last sign of life was long before its end. */
  #wasFrozen(): boolean {
    try {
      return statSync(this.#files.daemonEnd).mtimeMs - statSync(this.#files.daemonAlive).mtimeMs >= frozenMs;
    } catch {
      return false;
    }
  }

  #readHistory(): History {
    const { bootId } = this.#clock;
    const found = this.#read<History>(this.#files.daemonCrashes);
    const told = found?.told ?? null;
    if (found?.bootId !== bootId) return { bootId, crashes: [], tried: [], told };
    return { bootId, crashes: found.crashes ?? [], tried: found.tried ?? [], told };
  }

  #read<T>(file: string): T | null {
    const text = (readOrNull(file) ?? "").trim();
    try {
      return text === "" ? null : (JSON.parse(text) as T);
    } catch {
      // Cut off in the middle of writing.
      return null;
    }
  }

  #save(): void {
    this.#over(this.#files.daemonCrashes, JSON.stringify(this.#history), historyBytes);
  }

  #over(file: string, text: string, bytes: number): void {
    try {
      writeOver(file, text, bytes);
    } catch (error) {
      this.#log.warn({ err: error, file }, "this could not be noted for the next start");
    }
  }

  #openTrail(): void {
    this.#trailTimer = setTimeout(() => this.#closeTrail(), trailMs).unref();
    try {
      this.#trail = openSync(this.#files.daemonLast, constants.O_WRONLY);
    } catch (error) {
      this.#log.warn({ err: error }, "what is looked at cannot be noted for the next start");
    }
  }

  #closeTrail(): void {
    clearTimeout(this.#trailTimer);
    if (this.#trail === null) return;
    closeSync(this.#trail);
    this.#trail = null;
  }
}

function readOrNull(file: string): string | null {
  try {
    return readIfThere(file);
  } catch {
    return null;
  }
}
