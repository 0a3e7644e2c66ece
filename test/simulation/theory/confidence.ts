/** Of the mean of independent figures. */
export type Interval = { readonly mean: number; readonly low: number; readonly high: number };

export const replications = 20;

/** Student's t with 19 degrees of freedom: 99.9 % lie within ± this. */
const t = 3.8834;

/** The 99.9 % confidence interval of the mean of 20 figures, each from a run of its own. */
export function confidence(figures: readonly number[]): Interval {
  if (figures.length !== replications) throw new Error(`${figures.length} figures, not ${replications}`);
  const mean = figures.reduce((sum, figure) => sum + figure, 0) / replications;
  const variance = figures.reduce((sum, figure) => sum + (figure - mean) ** 2, 0) / (replications - 1);
  const half = t * Math.sqrt(variance / replications);
  return { mean, low: mean - half, high: mean + half };
}

/** What has not happened once in so many tries has, with 99.9 % confidence, at most this probability. */
export const neverSeen = (tries: number): Interval => ({ mean: 0, low: 0, high: Math.log(1000) / tries });
