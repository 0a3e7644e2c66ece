/**
 * What one check has found. `unknown`: it cannot be told from here, which is nobody's fault. `advice`: what to do, for all
 * that is not ok.
 */
export type Finding = {
  readonly check: string;
  readonly result: "ok" | "warning" | "problem" | "unknown";
  readonly what: string;
  readonly advice: string | null;
};

export const good = (check: string, what: string): Finding => ({ check, result: "ok", what, advice: null });
export const warning = (check: string, what: string, advice: string): Finding => ({
  check,
  result: "warning",
  what,
  advice,
});
export const problem = (check: string, what: string, advice: string): Finding => ({
  check,
  result: "problem",
  what,
  advice,
});
export const unknown = (check: string, what: string, advice: string): Finding => ({
  check,
  result: "unknown",
  what,
  advice,
});

/** `201, 202, 203 and 12 more`. */
export function someOf(names: readonly string[], most = 8): string {
  const shown = names.slice(0, most).join(", ");
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}
