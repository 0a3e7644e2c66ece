import type { Logger } from "pino";
import type { WallMs } from "../core/time.ts";

export type Alarm = { readonly code: string; readonly message: string; readonly since: WallMs };

/** What a sysadmin must know of now. Raised and cleared by code; each change is logged once. */
export class Alarms {
  readonly #active = new Map<string, Alarm>();
  readonly #log: Logger;
  /** Told of every change. */
  onChange: () => void = () => undefined;

  constructor(log: Logger) {
    this.#log = log;
  }

  raise(code: string, message: string): void {
    const known = this.#active.get(code);
    if (known?.message === message) return;
    this.#active.set(code, { code, message, since: known?.since ?? (Date.now() as WallMs) });
    this.#log.error({ alarm: code }, `alarm: ${message}`);
    this.onChange();
  }

  clear(code: string): void {
    if (!this.#active.delete(code)) return;
    this.#log.info({ alarm: code }, `alarm over: ${code}`);
    this.onChange();
  }

  list(): Alarm[] {
    return [...this.#active.values()];
  }
}
