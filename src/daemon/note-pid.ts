import { closeSync, ftruncateSync, openSync, writeSync } from "node:fs";
import type { Logger } from "pino";
import { writeFileAtomic } from "../config/files.ts";

/** Calls must be served on a full disk, too: then the file that is there is written over, which takes no more room. */
export function notePid(file: string, log: Logger): void {
  const text = `${process.pid}\n`;
  try {
    writeFileAtomic(file, text, 0o644);
  } catch (error) {
    log.warn({ err: error }, "the pid is written over the old one");
    const handle = openSync(file, "r+");
    try {
      writeSync(handle, text, 0);
      ftruncateSync(handle, text.length);
    } finally {
      closeSync(handle);
    }
  }
}
