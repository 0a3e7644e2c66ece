/** Plain errors carry one clear line and are expected; what the language itself throws is a bug. */
export const isBug = (error: unknown): boolean =>
  !(error instanceof Error) ||
  [TypeError, ReferenceError, RangeError, SyntaxError].some((kind) => error instanceof kind);
