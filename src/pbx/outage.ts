const startPatienceMs = 10_000;

/**
 * Tells the sysadmin that a connection is away, once it has been for longer than a moment: one that breaks and is back at once
 * is in the log, and worth no alarm.
 */
export class Outage {
  readonly #patienceMs: number;
  readonly #tell: (message: string | null) => void;
  readonly #describe: (since: string, why: string) => string;
  #sinceMs: number | null = null;
  #why = "";
  #timer: NodeJS.Timeout | null = null;
  #isTold = false;

  /** `describe` makes one line of the time of day, such as 14:02:11, and of the last reason. */
  constructor(
    patienceMs: number,
    tell: (message: string | null) => void,
    describe: (since: string, why: string) => string,
  ) {
    this.#patienceMs = patienceMs;
    this.#tell = tell;
    this.#describe = describe;
  }

  /** At a start of the whole system: Asterisk takes longer for it than the daemon. */
  starting(): void {
    this.#begin("not connected yet", Math.max(this.#patienceMs, startPatienceMs));
  }

  /** It is away, or still is, for this reason. Only the last one before it is told counts. */
  down(why: string): void {
    this.#begin(why, this.#patienceMs);
  }

  #begin(why: string, patienceMs: number): void {
    if (this.#isTold) return;
    this.#why = why;
    this.#sinceMs ??= Date.now();
    this.#timer ??= setTimeout(() => this.#say(), patienceMs);
  }

  up(): void {
    this.stop();
    this.#sinceMs = null;
    if (this.#isTold) this.#tell(null);
    this.#isTold = false;
  }

  /** Says no more. */
  stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #say(): void {
    this.#isTold = true;
    // By this machine's own time, as the logs' readers have it.
    const since = new Date(this.#sinceMs ?? 0).toTimeString().slice(0, 8);
    this.#tell(this.#describe(since, this.#why));
  }
}
