/** Samples of 16 bit at this rate are what a sound is measured by. */
export const measuredRate = 16_000;

export type Measure = {
  readonly lengthMs: number;
  /** Of the highest sample, in dB below full scale (0 = full scale). */
  readonly peakDb: number;
  /** Of the loudest 20 ms. */
  readonly loudestDb: number;
  /** Mean level of those parts in which somebody speaks. */
  readonly speechDb: number;
};

const fullScale = 32_768;
const windowLength = measuredRate / 50;
/** What lies further below the loudest part is taken for a pause. */
const pauseBelowLoudestDb = 30;

export function measure(samples: Int16Array): Measure {
  let lowest = 0;
  let highest = 0;
  const powers: number[] = [];
  // Whole numbers in the inner loop: it holds up everything else, and runs nearly five million times for a long recording.
  for (let start = 0; start < samples.length; start += windowLength) {
    const end = Math.min(start + windowLength, samples.length);
    let sum = 0;
    for (let i = start; i < end; i += 1) {
      const value = samples[i]!;
      if (value > highest) highest = value;
      else if (value < lowest) lowest = value;
      sum += value * value;
    }
    powers.push(sum / (end - start) / fullScale ** 2);
  }
  const peak = Math.max(highest, -lowest) / fullScale;
  const loudest = powers.reduce((a, b) => Math.max(a, b), 0);
  const spoken = powers.filter((power) => power > 0 && power >= loudest / 10 ** (pauseBelowLoudestDb / 10));
  const mean = spoken.reduce((a, b) => a + b, 0) / Math.max(1, spoken.length);
  return {
    lengthMs: Math.round((samples.length / measuredRate) * 1000),
    peakDb: 20 * Math.log10(peak),
    loudestDb: 10 * Math.log10(loudest),
    speechDb: 10 * Math.log10(mean),
  };
}

/** Loud enough on a phone, and about what hold music and people in a call have. */
const targetSpeechDb = -20;
/** Room for what the filters of 8 kHz and G.722 add, so that nothing clips. */
const highestPeakDb = -4;

/** By how much a sound is to be made louder (or quieter), so that all announcements are about equally loud. */
export function gainDb({ speechDb, peakDb }: Measure): number {
  return Math.min(targetSpeechDb - speechDb, highestPeakDb - peakDb);
}
