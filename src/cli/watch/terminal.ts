import { writeSync } from "node:fs";
import type { Size } from "./screen.ts";

const enter = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J";
const leave = "\x1b[?7h\x1b[?25h\x1b[?1049l";

/** q, Q, Ctrl-C, Ctrl-D. */
const quitKeys: ReadonlySet<number> = new Set([0x71, 0x51, 0x03, 0x04]);

export type Terminal = {
  size(): Size;
  /** Brings the screen up to these lines in one write, and only where it differs. */
  draw(lines: readonly string[]): void;
  /** The window is as it was before. */
  close(): void;
};

/**
 * Takes over the window: alternate screen, no cursor, keys as they are pressed. Whatever ends the process, the window is
 * given back.
 */
export function openTerminal(on: { quit: () => void; resized: () => void }): Terminal {
  const { stdin, stdout } = process;
  let before: readonly string[] = [];
  let open = true;
  let blocked = false;
  const giveBack = () => {
    if (!open) return;
    open = false;
    stdin.setRawMode(false);
    // The last moment of a process allows no other way of writing; a window that is gone needs none.
    try {
      writeSync(stdout.fd, leave);
    } catch {}
  };
  const keys = (pressed: Buffer) => {
    if (pressed.some((key) => quitKeys.has(key))) on.quit();
  };
  const resized = () => {
    before = [];
    on.resized();
  };
  const drained = () => {
    blocked = false;
    on.resized();
  };
  stdin.setRawMode(true);
  stdin.resume();
  stdin.on("data", keys);
  stdin.once("end", on.quit);
  stdout.on("resize", resized);
  stdout.on("drain", drained);
  process.once("exit", giveBack);
  stdout.write(enter);

  return {
    size: () => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 }),
    draw(lines) {
      // A terminal behind a slow line gets the newest frame when it has taken the last one.
      if (!open || blocked) return;
      const text = differenceText(before, lines);
      if (text === "") return;
      before = [...lines];
      blocked = !stdout.write(text);
    },
    close() {
      giveBack();
      process.off("exit", giveBack);
      stdin.off("data", keys);
      stdin.off("end", on.quit);
      stdin.pause();
      stdin.unref();
      stdout.off("resize", resized);
      stdout.off("drain", drained);
    },
  };
}

/** What changes one screen into the other; `before` empty: clears it first. */
export function differenceText(before: readonly string[], after: readonly string[]): string {
  const lines = Array.from({ length: Math.max(before.length, after.length) }, (_, i) => i);
  const changed = lines
    .filter((i) => before.length === 0 || before[i] !== after[i])
    .map((i) => `\x1b[${i + 1};1H${after[i] ?? ""}\x1b[K`);
  return `${before.length === 0 && after.length > 0 ? "\x1b[2J" : ""}${changed.join("")}`;
}
