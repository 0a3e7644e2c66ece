/**
 * Loudness by EBU R 128, as ffmpeg measures it, so that all announcements are equally loud whoever spoke them. Measured is
 * what a caller hears: after A-law.
 */
export type Loudness = {
  /** Integrated loudness in LUFS. */
  readonly lufs: number;
  /** True peak in dBTP. */
  readonly peakDbtp: number;
};

/** Announcements come out at this loudness, give or take `toleranceLu`, and with no higher true peak. */
export const targetLufs = -23;
export const highestPeakDbtp = -3;
const toleranceLu = 0.5;
/** Where the limiter begins: A-law's own error comes on top, and resampling. */
const limitDb = -4;

/** The filter whose report readLoudness() reads; logs at level `info`. */
export const loudnessFilter = "ebur128=peak=true:framelog=verbose";

/** What ffmpeg wrote on stderr; null when it holds no report, or when there was nothing to measure. */
export function readLoudness(stderr: string): Loudness | null {
  const report = stderr.slice(stderr.lastIndexOf("Integrated loudness:"));
  const lufs = Number(/^\s*I:\s+(-?[\d.]+) LUFS/m.exec(report)?.[1]);
  const peakDbtp = Number(/^\s*Peak:\s+(-?[\d.]+) dBFS/m.exec(report)?.[1]);
  // ffmpeg's "nothing was loud enough to count".
  return Number.isNaN(lufs) || Number.isNaN(peakDbtp) || lufs <= -70 ? null : { lufs, peakDbtp };
}

/** How a sound is levelled: made louder (or quieter) by `gainDb`; then what is higher than `limitDb` is held down. */
export type Levelling = { readonly gainDb: number; readonly limitDb: number | null };

export function levellingFor({ lufs, peakDbtp }: Loudness): Levelling {
  const gainDb = targetLufs - lufs;
  return { gainDb, limitDb: peakDbtp + gainDb > limitDb ? limitDb : null };
}

/** What is to be done differently, after `got` came out; null: it is good. */
export function corrected({ gainDb, limitDb: limit }: Levelling, got: Loudness): Levelling | null {
  const tooHigh = got.peakDbtp > highestPeakDbtp;
  const offLu = targetLufs - got.lufs;
  if (!tooHigh && Math.abs(offLu) <= toleranceLu) return null;
  const lower = tooHigh ? got.peakDbtp - highestPeakDbtp + 0.3 : 0;
  const needsLimit = tooHigh || (limit === null && got.peakDbtp + offLu > limitDb);
  return { gainDb: gainDb + offLu, limitDb: needsLimit ? (limit ?? limitDb) - lower : limit };
}

/** In words for ffmpeg. The limiter works at four times the rate, so that it sees the peaks between the samples too. */
export function levellingFilters({ gainDb, limitDb: limit }: Levelling, rate: number): string {
  const gain = `volume=${gainDb.toFixed(2)}dB,aresample=${rate}`;
  if (limit === null) return gain;
  const ceiling = (10 ** (limit / 20)).toFixed(4);
  return `${gain},aresample=${rate * 4},alimiter=limit=${ceiling}:attack=2:release=50:level=false,aresample=${rate}`;
}

/** Of one channel, as ffmpeg's `astats` counts on samples of 16 bit. */
type Tops = { readonly peakDb: number; readonly flatDb: number; readonly count: number };

export const topsFilters =
  "aformat=sample_fmts=s16,astats=measure_perchannel=Peak_level+Flat_factor+Peak_count:measure_overall=Number_of_samples";

/** At least so many samples in a row, on average, make a flat top; a pure tone has one or two. */
const flatRun = 3;
/** Below this even a loud voice never goes when it was clipped. */
const clippedPeakDb = -12;

/**
 * The share of a recording's samples that lie in flat tops: at its highest or lowest value, several in a row. A voice that
 * was not clipped has none. 0 when ffmpeg reported nothing.
 */
export function clippedShare(stderr: string): number {
  const lines = [...stderr.matchAll(/^\[Parsed_astats_\d+ @ [^\]]+\] ([A-Za-z ]+): (\S+)\s*$/gm)];
  const values = (name: string) => lines.filter(([, label]) => label === name).map(([, , v]) => Number(v));
  const [peaks, flats, counts] = [values("Peak level dB"), values("Flat factor"), values("Peak count")];
  const samples = values("Number of samples").at(-1) ?? 0;
  const channels = peaks.map((peakDb, i): Tops => ({ peakDb, flatDb: flats[i] ?? 0, count: counts[i] ?? 0 }));
  const clipped = channels
    .filter(({ peakDb, flatDb }) => peakDb > clippedPeakDb && flatDb > 20 * Math.log10(flatRun))
    .map(({ count }) => count);
  return samples > 0 ? Math.max(0, ...clipped) / samples : 0;
}
