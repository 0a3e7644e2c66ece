import { closeSync, fchmodSync, fstatSync, openSync, rmSync, writeSync } from "node:fs";
import { failure } from "./errors.ts";

/**
 * Passwords are about to be printed. Where stdout goes into a file, it is closed to everybody but its owner first: a
 * shell's `>` makes files that all may read. Throws when that is not possible.
 */
export function closeToOthers(): void {
  const stat = fstatSync(process.stdout.fd);
  if (!stat.isFile() || (stat.mode & 0o077) === 0) return;
  try {
    fchmodSync(process.stdout.fd, stat.mode & 0o700);
  } catch (error) {
    throw failure("the output would hold passwords in a file that others may read; use --out FILE", error);
  }
}

export interface PrivateFile {
  /** Once. */
  write(text: string): void;
  /** Takes the file away again; for when nothing came of it. */
  remove(): void;
}

/**
 * Makes a file that only this user may read (mode 0600), before anything is done whose result has to be in it. One that
 * is there already is left alone and refused.
 */
export function makePrivateFile(file: string): PrivateFile {
  let handle: number;
  try {
    handle = openSync(file, "wx", 0o600);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "EEXIST")
      throw failure(`${file} is there already and was left as it is; name another file for --out`, error);
    if (code === "ENOENT") throw failure(`there is no folder for ${file}`, error);
    throw failure(`${file} cannot be written: ${message}`, error);
  }
  return {
    write(text) {
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at);
      closeSync(handle);
    },
    remove() {
      closeSync(handle);
      rmSync(file, { force: true });
    },
  };
}
