import type { Logger } from "pino";
import { readIfThere, writeFileAtomic } from "../config/files.ts";
import type { Hotline } from "../core/hotlines.ts";
import { type BrokenPart, nameOfPart } from "../core/hours/restore.ts";
import type { Schedule } from "../core/hours/schedule.ts";
import type { HotlineId } from "../core/ids.ts";
import { same } from "../core/same.ts";
import type { BrokenHours } from "../store/types.ts";

/** A broken part, and what was put in its place. */
type Noted = BrokenPart & { readonly hotline: HotlineId; readonly value: unknown };

/** Parts of hours that nobody has set since they were found broken, and the schedule in which something stands in for them. */
export type StillBroken = ReadonlyMap<
  HotlineId,
  { readonly parts: readonly BrokenPart[]; readonly seen: Schedule }
>;

/**
 * Keeps in a file of its own which hours were found broken. The database forgets it: with any other setting of the hotline it is
 * given what stands in for them, as if somebody had set that.
 */
export class BrokenHoursNote {
  readonly #file: string;
  readonly #log: Logger;

  constructor(file: string, log: Logger) {
    this.#file = file;
    this.#log = log;
  }

  /** What was found broken now, and what was so earlier and is still as it was put in its place then. */
  complete(found: readonly BrokenHours[], hotlines: readonly Hotline[]): BrokenHours[] {
    const noted = this.#read();
    return hotlines.flatMap(({ id, schedule }) => {
      const now = found.find(({ hotline }) => hotline === id)?.parts ?? [];
      const earlier = noted.filter(
        ({ hotline, part, value }) =>
          hotline === id && same(schedule[part], value) && !now.some((other) => other.part === part),
      );
      const parts = [...now, ...earlier.map(({ part, why, instead }) => ({ part, why, instead }))];
      return parts.length > 0 ? [{ hotline: id, parts }] : [];
    });
  }

  write(broken: StillBroken): void {
    const noted = [...broken].flatMap(([hotline, { parts, seen }]) =>
      parts.map((part): Noted => ({ hotline, ...part, value: seen[part.part] })),
    );
    try {
      if (noted.length > 0 || readIfThere(this.#file) !== null)
        writeFileAtomic(this.#file, `${JSON.stringify(noted, null, 1)}\n`, 0o640);
    } catch (error) {
      this.#log.warn({ err: error }, "which opening hours are broken could not be noted for the next start");
    }
  }

  #read(): Noted[] {
    try {
      const noted: unknown = JSON.parse(readIfThere(this.#file) ?? "[]");
      return Array.isArray(noted) ? noted.filter(isNoted) : [];
    } catch (error) {
      this.#log.warn({ err: error }, "the note of broken opening hours cannot be read; it is begun anew");
      return [];
    }
  }
}

const isNoted = (one: unknown): one is Noted =>
  typeof one === "object" && one !== null && "part" in one && Object.hasOwn(nameOfPart, String(one.part));
