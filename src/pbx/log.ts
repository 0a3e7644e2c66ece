/** The part of pino's interface that is used here. */
export type Log = {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
};

/** A telephone number as it may stand in a log: its last three digits. */
export function shortened(number: string | null): string {
  if (number === null) return "anonymous";
  return number.length > 3 ? `…${number.slice(-3)}` : number;
}

/** The line of text that an error is worth. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
