/** Sounds that a phone plays, and what can be found again in the recording of another. All at 8 kHz. */
import { encode, readSound, sampleRate } from "./codecs.ts";
import type { Codec } from "./sip/sdp.ts";

/** What a phone sends, over and over, ready for the wire in whatever codec the call has. */
export interface Sound {
  encoded(codec: Codec): Buffer;
}

function sound(make: () => Int16Array): Sound {
  const cache = new Map<Codec, Buffer>();
  return {
    encoded(codec) {
      const known = cache.get(codec);
      if (known) return known;
      const bytes = encode(make(), codec);
      cache.set(codec, bytes);
      return bytes;
    },
  };
}

export const silence: Sound = sound(() => new Int16Array(sampleRate));

const tones = new Map<number, Sound>();

/** A sine. Whole Hertz, so that it goes on smoothly where it starts over. */
export function tone(hertz: number): Sound {
  let made = tones.get(hertz);
  if (!made) {
    made = sound(() => sine(hertz, 4_000));
    tones.set(hertz, made);
  }
  return made;
}

/** A sound file. */
export function soundFile(path: string): Sound {
  return sound(() => readSound(path));
}

export function sine(hertz: number, durationMs: number, amplitude = 8_000, rate = sampleRate): Int16Array {
  const length = Math.round((durationMs * rate) / 1_000);
  const step = (2 * Math.PI * hertz) / rate;
  return Int16Array.from({ length }, (_, index) => Math.round(amplitude * Math.sin(step * index)));
}

/** Half open, measured from the start of the recording. */
export interface Interval {
  readonly fromMs: number;
  readonly toMs: number;
}

const windowMs = 50;
/** Two tones at once have half of the energy each; speech and music seldom have a quarter of theirs at one place for long. */
const share = 0.25;
/** Root mean square below which a window counts as silent. A phone's comfort noise stays below. */
const quiet = 100;

/** When a frequency was heard, in steps of 50 ms; gaps and blips of up to 50 ms are evened out. */
export function whenHeard(pcm: Int16Array, hertz: number): Interval[] {
  const size = (sampleRate * windowMs) / 1_000;
  const found: { fromMs: number; toMs: number }[] = [];
  for (let start = 0; start + size <= pcm.length; start += size) {
    const window = pcm.subarray(start, start + size);
    if (level(window) < quiet || goertzel(window, hertz) < share) continue;
    const fromMs = (start * 1_000) / sampleRate;
    const last = found.at(-1);
    if (last && fromMs - last.toMs <= windowMs) last.toMs = fromMs + windowMs;
    else found.push({ fromMs, toMs: fromMs + windowMs });
  }
  return found.filter(({ fromMs, toMs }) => toMs - fromMs > windowMs);
}

/** For how long a frequency was heard altogether. */
export function heardMs(pcm: Int16Array, hertz: number): number {
  return whenHeard(pcm, hertz).reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
}

/** Which of some frequencies were heard for at least `leastMs`. */
export function tonesIn(pcm: Int16Array, hertz: readonly number[], leastMs = 300): number[] {
  return hertz.filter((each) => heardMs(pcm, each) >= leastMs);
}

/** The part of a window's energy that lies at one frequency, 0 to 1. */
export function goertzel(window: Int16Array, hertz: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * hertz) / sampleRate);
  let previous = 0;
  let beforeThat = 0;
  let energy = 0;
  for (const sample of window) {
    const next = sample + coefficient * previous - beforeThat;
    beforeThat = previous;
    previous = next;
    energy += sample * sample;
  }
  if (energy === 0) return 0;
  const power = previous * previous + beforeThat * beforeThat - coefficient * previous * beforeThat;
  return Math.min(1, (2 * power) / (window.length * energy));
}

/** Root mean square. */
export function level(pcm: Int16Array): number {
  let sum = 0;
  for (const sample of pcm) sum += sample * sample;
  return pcm.length === 0 ? 0 : Math.sqrt(sum / pcm.length);
}

export interface Match {
  /** The part of the wanted sound, by its loud quarter seconds, that was heard: 0 to 1. */
  readonly share: number;
  /** Where in the recording the wanted sound's start lies. */
  readonly atMs: number;
}

const pieceSize = sampleRate / 4;
const alike = 0.7;
const slipMs = 150;

/**
 * Looks for a piece of speech in a recording by correlation, which survives other codecs, other volumes and mixing, but
 * hardly any other piece of speech. The loudest quarter second is looked for everywhere, the others near where they
 * ought to be then. On a busy machine Asterisk pauses for a moment and lets what follows come so much later.
 */
export function findSpeech(recording: Int16Array, wanted: Int16Array): Match {
  const heard = audio(recording);
  const pieces: (Piece & { loudness: number })[] = [];
  for (let at = 0; at + pieceSize <= wanted.length; at += pieceSize) {
    const pcm = wanted.subarray(at, at + pieceSize);
    if (level(pcm) >= 2 * quiet) pieces.push({ at, loudness: level(pcm), audio: audio(pcm) });
  }
  pieces.sort((left, right) => right.loudness - left.loudness);
  // Several anchors: the call may have ended or been interrupted before the loudest piece.
  for (const anchor of pieces.slice(0, 5)) {
    const best = bestPlace(heard, anchor.audio, 0, recording.length);
    if (best.likeness < alike) continue;
    const later = pieces.filter(({ at }) => at > anchor.at).sort((left, right) => left.at - right.at);
    const earlier = pieces.filter(({ at }) => at < anchor.at).sort((left, right) => right.at - left.at);
    const found = 1 + follow(heard, later, best.at - anchor.at) + follow(heard, earlier, best.at - anchor.at);
    return { share: found / pieces.length, atMs: ((best.at - anchor.at) * 1_000) / sampleRate };
  }
  return { share: 0, atMs: 0 };
}

interface Piece {
  readonly at: number;
  readonly audio: Audio;
}

/** How many of these pieces are where the one before was, give or take a slip, which then counts for the rest too. */
function follow(heard: Audio, pieces: readonly Piece[], start: number): number {
  const slip = (sampleRate * slipMs) / 1_000;
  let shift = start;
  let found = 0;
  for (const { at, audio: piece } of pieces) {
    const best = bestPlace(heard, piece, shift + at - slip, shift + at + slip);
    if (best.likeness < alike) continue;
    found++;
    shift = best.at - at;
  }
  return found;
}

interface Place {
  readonly at: number;
  readonly likeness: number;
}

/** First coarsely, in a quarter of the samples, which is a sixteenth of the work; then exactly around the place found. */
function bestPlace(recording: Audio, piece: Audio, from: number, to: number): Place {
  const coarse = correlate(recording.coarse, piece.coarse, from / coarseness, to / coarseness);
  const near = coarse.at * coarseness;
  return correlate(recording.pcm, piece.pcm, near - 2 * coarseness, near + 2 * coarseness);
}

function correlate(recording: Float32Array, piece: Float32Array, from: number, to: number): Place {
  let best = { at: 0, likeness: 0 };
  const pieceEnergy = energyOf(piece);
  const first = Math.max(0, Math.floor(from));
  const last = Math.min(Math.ceil(to), recording.length - piece.length);
  let energy = first <= last ? energyOf(recording.subarray(first, first + piece.length)) : 0;
  for (let at = first; at <= last; at++) {
    if (energy > pieceEnergy * 0.001) {
      let product = 0;
      for (let index = 0; index < piece.length; index++) product += piece[index]! * recording[at + index]!;
      const likeness = product / Math.sqrt(pieceEnergy * energy);
      if (likeness > best.likeness) best = { at, likeness };
    }
    energy += (recording[at + piece.length] ?? 0) ** 2 - recording[at]! ** 2;
  }
  return best;
}

function energyOf(pcm: Float32Array): number {
  let sum = 0;
  for (const sample of pcm) sum += sample * sample;
  return sum;
}

const coarseness = 4;

/** Samples, and the same with four of them averaged into one. */
interface Audio {
  readonly pcm: Float32Array;
  readonly coarse: Float32Array;
}

function audio(samples: Int16Array): Audio {
  const pcm = Float32Array.from(samples);
  const coarse = new Float32Array(Math.floor(pcm.length / coarseness));
  for (let index = 0; index < coarse.length * coarseness; index++) {
    const at = Math.floor(index / coarseness);
    coarse[at] = coarse[at]! + pcm[index]! / coarseness;
  }
  return { pcm, coarse };
}
