/** Says what is wrong with a setting written as a line of text, what is allowed, and where in it (from 0). */
export class LineError extends Error {
  override readonly name = "LineError";
  readonly position: number;

  constructor(message: string, position: number) {
    super(message);
    this.position = position;
  }
}

/** `No agents`, `no-agents` and `NO_AGENTS` are `no_agents`. */
export const nameOf = (text: string): string =>
  text
    .trim()
    .toLowerCase()
    .replace(/[\s_-]+/g, "_");
