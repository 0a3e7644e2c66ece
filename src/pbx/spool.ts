import { randomUUID } from "node:crypto";
import { appendFile, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { type WayWhileAway, waysWhileAway } from "../core/events.ts";
import type { WallMs } from "../core/time.ts";
import { callerNumber } from "./ari/translate.ts";

/** A caller's channel is there, as the dialplan noted it. */
export type CallerArrival = {
  readonly kind: "arrival";
  readonly channel: string;
  readonly arrivedMs: WallMs;
  /** As dialled. */
  readonly number: string;
  readonly from: string | null;
};

/** A caller's channel has ended, as the dialplan noted it: see `[ended]` in asterisk-config/extensions.conf. */
export type CallerEnd = {
  readonly kind: "caller";
  readonly channel: string;
  readonly endedMs: WallMs;
  /** Null: of a call that began before the dialplan noted that. */
  readonly arrivedMs: WallMs | null;
  /** As dialled. */
  readonly number: string;
  readonly from: string | null;
  readonly reached: WayWhileAway;
  readonly endedBy: "caller" | "other";
  /** Was in a bridge with somebody, who hung up first. */
  readonly isJoined: boolean;
  /** Who picked up in Asterisk's own queue: the name of the phone's channel. */
  readonly talk: { readonly channel: string; readonly sinceMs: WallMs } | null;
};

/** A leg of ours has ended. */
export type LegEnd = {
  readonly kind: "leg";
  readonly channel: string;
  readonly endedMs: WallMs;
  readonly isJoined: boolean;
};

export type SpooledEnd = CallerEnd | LegEnd;

export type Notes = { readonly arrivals: readonly CallerArrival[]; readonly ends: readonly SpooledEnd[] };

/** So long a file is when it holds these lines. */
export type SpoolFile = Notes & { readonly name: string; readonly bytes: number };

export type SpoolTrouble = (message: string | null) => void;

/** A file takes the lines of one minute and is named after it, in UTC. */
const fileName = /^\d{8}-\d{4}$/;
const malformedFile = "malformed";
/** What a daemon that lives has seen itself is kept so long, for the case that it dies before it could write it down. */
const keptMs = 600_000;

/**
 * The dialplan's notes of calls that came and ended. They count only for what ended while nobody watched; all are thrown away after a few
 * minutes, since there are callers' numbers in them.
 */
export class Spool {
  readonly #folder: string;
  readonly #trouble: SpoolTrouble;

  constructor(folder: string, trouble: SpoolTrouble) {
    this.#folder = folder;
    this.#trouble = trouble;
  }

  /** All that was noted and not yet dropped, earliest first. Never rejects: what cannot be read is told as trouble. */
  async read(): Promise<Notes> {
    const files = await this.readFiles(new Map());
    return {
      arrivals: files.flatMap(({ arrivals }) => arrivals).toSorted((a, b) => a.arrivedMs - b.arrivedMs),
      ends: files.flatMap(({ ends }) => ends).toSorted((a, b) => a.endedMs - b.endedMs),
    };
  }

  /** Likewise, file by file, without those that are still as long as `known` says. */
  async readFiles(known: ReadonlyMap<string, number>): Promise<SpoolFile[]> {
    try {
      const files: SpoolFile[] = [];
      for (const name of await this.#files()) {
        const { size } = await stat(join(this.#folder, name));
        if (known.get(name) !== size) files.push(await this.#readFile(name));
      }
      return files;
    } catch (error) {
      this.#complain("read", error);
      return [];
    }
  }

  async #readFile(name: string): Promise<SpoolFile> {
    const text = await readFile(join(this.#folder, name), "utf8");
    const lines = text.split("\n").filter((line) => line !== "");
    const parsed = lines.map(parseSpoolLine);
    const good = lines.filter((_, index) => parsed[index] !== null);
    const bad = lines.filter((_, index) => parsed[index] === null);
    const notes = parsed.filter((note) => note !== null);
    if (bad.length > 0) await this.#setAside(name, good, bad);
    return {
      name,
      bytes: Buffer.byteLength(bad.length > 0 ? good.map(withNewline).join("") : text),
      arrivals: notes.filter((note) => note.kind === "arrival"),
      ends: notes.filter((note) => note.kind !== "arrival"),
    };
  }

  /** Drops the files that are old, and returns their names. To be called every few minutes, as long as the daemon watches. */
  async drop(nowMs: WallMs): Promise<string[]> {
    const oldest = minuteOf((nowMs - keptMs) as WallMs);
    try {
      const old = (await this.#files()).filter((name) => name < oldest);
      for (const name of old) await rm(join(this.#folder, name));
      return old;
    } catch (error) {
      this.#complain("tidied", error);
      return [];
    }
  }

  async #files(): Promise<string[]> {
    return (await readdir(this.#folder)).filter((name) => fileName.test(name)).sort();
  }

  /** For somebody to look at. Asterisk may still write into the file of this minute: what it adds meanwhile is kept. */
  async #setAside(name: string, good: readonly string[], bad: readonly string[]): Promise<void> {
    const kept = join(this.#folder, malformedFile);
    const taken = join(this.#folder, `${name}.${randomUUID()}`);
    await rename(join(this.#folder, name), taken);
    const added = (await readFile(taken, "utf8")).split("\n").slice(good.length + bad.length);
    await appendFile(kept, bad.map(withNewline).join(""), { mode: 0o600 });
    const stay = [...good, ...added.filter((line) => line !== "")];
    await appendFile(join(this.#folder, name), stay.map(withNewline).join(""), { mode: 0o600 });
    await rm(taken);
    this.#trouble(
      `${bad.length} line(s) that Asterisk noted of ended calls cannot be understood; their calls end in the record when the daemon noticed, or are missing. The lines are kept in ${kept}: report it, then delete that file.`,
    );
  }

  #complain(what: string, error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    this.#trouble(
      `Asterisk's notes of ended calls cannot be ${what} (${why}); calls that ended while the daemon was away end in the record when it came back. Look at ${this.#folder}.`,
    );
  }
}

const withNewline = (line: string): string => `${line}\n`;

/** Null: the line is none of ours, or only a part of one. */
export function parseSpoolLine(line: string): CallerArrival | SpooledEnd | null {
  const [kind, channel = "", atMs = "", ...rest] = line.split("|");
  if (!/^[A-Za-z0-9._~-]{1,150}$/.test(channel) || !isMoment(atMs) || rest.at(-1) !== "end") return null;
  if (kind === "arrival") return callerArrival(channel, Number(atMs) as WallMs, rest);
  const end = { channel, endedMs: Number(atMs) as WallMs };
  if (kind === "leg")
    return rest.length === 2 && isYesOrNo(rest[0]) ? { kind, ...end, isJoined: rest[0] === "yes" } : null;
  return kind === "caller" ? callerEnd(end, rest) : null;
}

function callerArrival(channel: string, arrivedMs: WallMs, rest: readonly string[]): CallerArrival | null {
  const [number = "", from = ""] = rest;
  if (rest.length !== 3 || !isNumber(number) || !isFrom(from)) return null;
  return { kind: "arrival", channel, arrivedMs, number, from: callerNumber(from) };
}

function callerEnd(end: { channel: string; endedMs: WallMs }, rest: readonly string[]): CallerEnd | null {
  const [arrivedMs = "", number = "", from = "", reached = "", endedBy = "", sinceMs = "", by = "", joined] =
    rest;
  const way = waysWhileAway.find((one) => one === reached);
  if (rest.length !== 9 || !isYesOrNo(joined) || (arrivedMs !== "" && !isMoment(arrivedMs)) || !way)
    return null;
  if (!isNumber(number) || !isFrom(from)) return null;
  if (endedBy !== "caller" && endedBy !== "other") return null;
  if (sinceMs !== "" && !(isMoment(sinceMs) && /^[A-Za-z0-9._/-]{1,150}$/.test(by))) return null;
  return {
    kind: "caller",
    ...end,
    arrivedMs: arrivedMs === "" ? null : (Number(arrivedMs) as WallMs),
    number,
    from: callerNumber(from),
    reached: way,
    endedBy,
    isJoined: joined === "yes",
    talk: sinceMs === "" ? null : { channel: by, sinceMs: Number(sinceMs) as WallMs },
  };
}

const isYesOrNo = (text: string | undefined): boolean => text === "yes" || text === "no";
const isNumber = (text: string): boolean => /^[+*#0-9A-Za-z]{0,80}$/.test(text);
const isFrom = (text: string): boolean => /^[+*#0-9A-Za-z@._]{0,80}$/.test(text);
const isMoment = (text: string): boolean => /^\d{13}$/.test(text);

/** The name of the file that takes the lines of a moment. */
export function minuteOf(at: WallMs): string {
  const [date = "", time = ""] = new Date(at).toISOString().split("T");
  return `${date.replaceAll("-", "")}-${time.slice(0, 5).replace(":", "")}`;
}
