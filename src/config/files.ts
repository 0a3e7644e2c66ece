import { randomUUID } from "node:crypto";
import {
  chownSync,
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

/** Who owns a home; what root makes in it must belong to them, or the services could not use it. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** The owner to hand new files to, or null when this process is not root and they are its own anyway. */
export function ownerOf(folder: string): Owner | null {
  if (process.getuid?.() !== 0) return null;
  const { uid, gid } = statSync(folder);
  return { uid, gid };
}

/** Makes a folder, and those above it, if it is not there. */
export function ensureFolder(folder: string, mode: number, owner: Owner | null): void {
  mkdirSync(folder, { recursive: true, mode });
  if (owner) chownSync(folder, owner.uid, owner.gid);
}

/**
 * Writes a file so that nobody ever reads half of it. Returns whether anything changed: a file with the same text is left
 * alone.
 */
export function writeFileAtomic(
  file: string,
  text: string,
  mode: number,
  owner: Owner | null = null,
): boolean {
  if (readIfThere(file) === text && (lstatSync(file).mode & 0o777) === mode) return false;
  const temporary = join(dirname(file), `.${basename(file)}.${randomUUID()}`);
  try {
    // `wx`: never through a link that somebody else left there.
    writeFileSync(temporary, text, { mode, flag: "wx", flush: true });
    if (owner) chownSync(temporary, owner.uid, owner.gid);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  return true;
}

/** The file's text, or null when there is no such file. */
export function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/**
 * Writes over what is in a file, always as many bytes: takes no more room than the file has already, so that it works on a full
 * disk, and is in the kernel's hands when it returns, whatever becomes of this process. Throws when the text is too long.
 */
export function writeOver(file: string, text: string, bytes: number): void {
  const handle = openSync(file, constants.O_RDWR | constants.O_CREAT, 0o640);
  try {
    writeSync(handle, padded(text, bytes), 0, bytes, 0);
  } finally {
    closeSync(handle);
  }
}

/** What `writeOver` writes. */
export function padded(text: string, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes, "\n");
  if (Buffer.byteLength(text) > bytes)
    throw new Error(`${text.length} characters do not fit in ${bytes} bytes`);
  buffer.write(text);
  return buffer;
}
