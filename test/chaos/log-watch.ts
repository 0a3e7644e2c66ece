/** Reads one service's log as it is written, from a moment on: it says to the millisecond when the daemon noticed something. */
import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import type { System } from "../support/system.ts";

interface Line {
  /** `Date.now()`. */
  readonly atMs: number;
  readonly msg: string;
}

export class LogWatch {
  readonly #file: string;
  readonly #lines: Line[] = [];
  #handle: number;
  #at: number;
  #rest = "";

  /** What was written before is left out. */
  constructor(system: System, service: "daemon") {
    this.#file = join(system.home, "log", service, "current");
    this.#handle = openSync(this.#file, "r");
    this.#at = fstatSync(this.#handle).size;
  }

  /** When this was first said, at that time or later; null: not yet. */
  firstSaid(msg: string, fromMs: number): number | null {
    this.#readOn();
    return this.#lines.find((line) => line.msg === msg && line.atMs >= fromMs)?.atMs ?? null;
  }

  close(): void {
    closeSync(this.#handle);
  }

  /** To the end of the file that is open, and then of the one that has taken its place. */
  #readOn(): void {
    this.#readFile();
    if (statSync(this.#file, { throwIfNoEntry: false })?.ino === fstatSync(this.#handle).ino) return;
    this.#readFile();
    const next = openIfThere(this.#file);
    if (next === null) return;
    closeSync(this.#handle);
    this.#handle = next;
    this.#at = 0;
    this.#readFile();
  }

  #readFile(): void {
    const chunk = Buffer.alloc(65_536);
    for (;;) {
      const length = readSync(this.#handle, chunk, 0, chunk.length, this.#at);
      if (length === 0) return;
      this.#at += length;
      const lines = (this.#rest + chunk.toString("latin1", 0, length)).split("\n");
      this.#rest = lines.pop() ?? "";
      this.#lines.push(...lines.flatMap(parse));
    }
  }
}

function openIfThere(file: string): number | null {
  try {
    return openSync(file, "r");
  } catch {
    // Just now being put aside.
    return null;
  }
}

/** Only what is no story of a call: of those there are too many to keep. */
function parse(text: string): Line[] {
  if (text.includes('"call":')) return [];
  try {
    const { time, msg } = JSON.parse(text) as { time: string; msg: string };
    return [{ atMs: Date.parse(time), msg }];
  } catch {
    // A stack trace.
    return [];
  }
}
