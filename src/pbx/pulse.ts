/**
 * A sign of life, given over and over by the event loop itself: who hangs gives none. One beat at a time; a beat that fails
 * is not repeated before its time.
 */
export class Pulse {
  readonly #beat: () => Promise<unknown>;
  readonly #everyMs: number;
  #timer: NodeJS.Timeout | null = null;
  #isBeating = false;

  constructor(beat: () => Promise<unknown>, everyMs: number) {
    this.#beat = beat;
    this.#everyMs = everyMs;
  }

  /** The first beat is given now. */
  start(): void {
    this.stop();
    this.#timer = setInterval(() => this.#beatOnce(), this.#everyMs);
    this.#beatOnce();
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }

  #beatOnce(): void {
    if (this.#isBeating) return;
    this.#isBeating = true;
    const done = () => {
      this.#isBeating = false;
    };
    // Why it failed is logged where it failed.
    this.#beat().then(done, done);
  }
}
