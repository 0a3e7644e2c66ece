/**
 * Who hears whom: callers and agents say their names in the audio, in packets that pass Asterisk unchanged. That two of them
 * were put together is thus seen where it counts, and not taken from anybody's record.
 */
import type { Call } from "../support/call.ts";

/** When a voice was first and last heard, `Date.now()`. */
export interface Voice {
  readonly firstMs: number;
  readonly lastMs: number;
}

const mark = "who:";
const payloadBytes = 160;
/** Silence in alaw. */
const quiet = 0xd5;

export function tagOf(name: string): Buffer {
  const payload = Buffer.alloc(payloadBytes, quiet);
  payload.write(`${mark}${name};`, "latin1");
  return payload;
}

function nameIn(payload: Buffer): string | null {
  if (payload.length !== payloadBytes || payload[0] !== 0x77) return null;
  const text = payload.toString("latin1", 0, 40);
  return text.startsWith(mark) ? text.slice(mark.length, text.indexOf(";")) : null;
}

/** What was heard in one call. */
export class Ears {
  readonly voices = new Map<string, Voice>();
  #longestGapMs = 0;
  #firstPacketMs: number | null = null;
  #lastPacketMs: number | null = null;

  hear(payload: Buffer): void {
    const now = Date.now();
    if (this.#lastPacketMs !== null)
      this.#longestGapMs = Math.max(this.#longestGapMs, now - this.#lastPacketMs);
    this.#firstPacketMs ??= now;
    this.#lastPacketMs = now;
    const name = nameIn(payload);
    if (name === null) return;
    this.voices.set(name, { firstMs: this.voices.get(name)?.firstMs ?? now, lastMs: now });
  }

  /** The longest time without any packet, between two moments (`Date.now()`). Of a caller who waits or talks it is a silence. */
  longestSilenceMs(fromMs: number, toMs: number): number {
    if (this.#firstPacketMs === null || this.#lastPacketMs === null) return toMs - fromMs;
    return Math.max(this.#firstPacketMs - fromMs, this.#longestGapMs, toMs - this.#lastPacketMs);
  }
}

/** Says names in all calls that are answered, ten times a second. */
export class Voices {
  readonly #speaking = new Map<Call, Buffer>();
  readonly #timer = setInterval(() => this.#speak(), 100);

  join(call: Call, name: string): void {
    this.#speaking.set(call, tagOf(name));
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #speak(): void {
    for (const [call, payload] of this.#speaking) {
      if (call.state === "ended") this.#speaking.delete(call);
      else if (call.state === "answered") call.audio.sendOnce(payload);
    }
  }
}
