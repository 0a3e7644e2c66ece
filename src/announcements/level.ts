/** Samples of 16 bit at this rate are what a sound is looked at by. */
export const measuredRate = 16_000;

export type Measure = {
  readonly lengthMs: number;
  /** Of the loudest 20 ms, in dB below full scale (0 = full scale). */
  readonly loudestDb: number;
  /** The samples between the silence before and the silence after; empty when there is nothing but silence. */
  readonly from: number;
  readonly to: number;
  /** From the first that is not silence to the last, without the margins that `from` and `to` leave. */
  readonly soundMs: number;
};

const fullScale = 32_768;
const windowLength = measuredRate / 50;
/** What lies further below the loudest part, at the beginning and at the end, is taken for silence. */
const silenceBelowLoudestDb = 40;
/** Breath and the softest consonants begin below that. */
const marginMs = 60;

export function measure(samples: Int16Array): Measure {
  const powers: number[] = [];
  // Whole numbers in the inner loop: it holds up everything else, and runs nearly two million times for a long recording.
  for (let start = 0; start < samples.length; start += windowLength) {
    const end = Math.min(start + windowLength, samples.length);
    let sum = 0;
    for (let i = start; i < end; i += 1) sum += samples[i]! * samples[i]!;
    powers.push(sum / (end - start) / fullScale ** 2);
  }
  const loudest = powers.reduce((a, b) => Math.max(a, b), 0);
  const isLoud = (power: number) => power > 0 && power >= loudest / 10 ** (silenceBelowLoudestDb / 10);
  const first = powers.findIndex(isLoud);
  const afterLast = powers.findLastIndex(isLoud) + 1;
  const margin = (marginMs * measuredRate) / 1000;
  return {
    lengthMs: Math.round((samples.length / measuredRate) * 1000),
    loudestDb: 10 * Math.log10(loudest),
    from: first < 0 ? 0 : Math.max(0, first * windowLength - margin),
    to: first < 0 ? 0 : Math.min(samples.length, afterLast * windowLength + margin),
    soundMs: first < 0 ? 0 : ((afterLast - first) * windowLength * 1000) / measuredRate,
  };
}
