import { randomUUID } from "node:crypto";
import { appendFile, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { WallMs } from "../core/time.ts";

/** A call or a leg has ended, as the dialplan noted it: see `[spool]` in asterisk-config/extensions.conf. */
export type SpooledEnd =
  | { readonly kind: "caller"; readonly channel: string; readonly endedMs: WallMs }
  | { readonly kind: "leg"; readonly channel: string; readonly endedMs: WallMs };

export type SpoolTrouble = (message: string | null) => void;

/** A file takes the lines of one minute and is named after it, in UTC. */
const fileName = /^\d{8}-\d{4}$/;
const malformedFile = "malformed";
/** What a daemon that lives has seen itself is kept so long, for the case that it dies before it could write it down. */
const keptMs = 600_000;

/**
 * The dialplan's notes of ended calls. They count only for what ended while nobody watched; the rest is thrown away unread
 * after a few minutes, since there are callers' numbers in it.
 */
export class Spool {
  readonly #folder: string;
  readonly #trouble: SpoolTrouble;

  constructor(folder: string, trouble: SpoolTrouble) {
    this.#folder = folder;
    this.#trouble = trouble;
  }

  /** All that was noted and not yet dropped, earliest first. Never rejects: what cannot be read is told as trouble. */
  async read(): Promise<SpooledEnd[]> {
    try {
      const files = await this.#files();
      const texts = await Promise.all(files.map((name) => readFile(join(this.#folder, name), "utf8")));
      const lines = texts.flatMap((text, index) =>
        text.split("\n").flatMap((line) => (line === "" ? [] : [{ line, file: files[index]! }])),
      );
      const ends = lines.map(({ line }) => parseSpoolLine(line));
      const bad = lines.filter((_, index) => ends[index] === null);
      if (bad.length > 0) await this.#setAside(bad);
      return ends.filter((end) => end !== null).toSorted((a, b) => a.endedMs - b.endedMs);
    } catch (error) {
      this.#complain("read", error);
      return [];
    }
  }

  /** Drops what is old. To be called every few minutes, as long as the daemon watches. */
  async drop(nowMs: WallMs): Promise<void> {
    const oldest = minuteOf((nowMs - keptMs) as WallMs);
    try {
      for (const name of await this.#files()) if (name < oldest) await rm(join(this.#folder, name));
    } catch (error) {
      this.#complain("tidied", error);
    }
  }

  async #files(): Promise<string[]> {
    return (await readdir(this.#folder)).filter((name) => fileName.test(name)).sort();
  }

  /** The good lines of such a file were read; it is kept whole, for somebody to look at. */
  async #setAside(bad: readonly { readonly line: string; readonly file: string }[]): Promise<void> {
    const kept = join(this.#folder, malformedFile);
    for (const file of new Set(bad.map(({ file }) => file))) {
      // Asterisk may still write into the one of this minute.
      const taken = join(this.#folder, `${file}.${randomUUID()}`);
      await rename(join(this.#folder, file), taken);
      await appendFile(kept, await readFile(taken), { mode: 0o600 });
      await rm(taken);
    }
    this.#trouble(
      `${bad.length} line(s) that Asterisk noted of ended calls cannot be understood; their calls end in the record when the daemon noticed. The files are kept in ${kept}: report it, then delete that file.`,
    );
  }

  #complain(what: string, error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    this.#trouble(
      `Asterisk's notes of ended calls cannot be ${what} (${why}); calls that ended while the daemon was away end in the record when it came back. Look at ${this.#folder}.`,
    );
  }
}

/** Null: the line is none of ours, or only a part of one. */
export function parseSpoolLine(line: string): SpooledEnd | null {
  const [kind, channel = "", endedMs = "", ...rest] = line.split("|");
  if (kind !== "caller" && kind !== "leg") return null;
  if (!/^[A-Za-z0-9._~-]{1,150}$/.test(channel) || !/^\d{13}$/.test(endedMs) || rest.length !== 1)
    return null;
  if (rest[0] !== "end") return null;
  return { kind, channel, endedMs: Number(endedMs) as WallMs };
}

/** The name of the file that takes the lines of a moment. */
export function minuteOf(at: WallMs): string {
  const [date = "", time = ""] = new Date(at).toISOString().split("T");
  return `${date.replaceAll("-", "")}-${time.slice(0, 5).replace(":", "")}`;
}
