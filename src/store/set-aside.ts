import {
  constants,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { type Copy, closeToStrangers, damageOf, listCopies, syncFile } from "./copies.ts";
import { messageOf, StoreError } from "./errors.ts";

/*
 * A damaged database is set aside under another name, never overwritten, and the last good copy takes its place. A note lies
 * beside it, which is an alarm for as long as it is there.
 */

/** SQLite keeps these beside a database; they belong to it. */
const companions = ["", "-wal", "-shm"];

/** What lies where hotline.db should, so that a copy can take its place. Throws StoreError `damaged` when there is no good copy. */
export function openWithCopy(path: string, why: string, nowMs: number): void {
  const copy = listCopies(path).find(({ file }) => damageOf(file) === null);
  if (!copy)
    throw new StoreError(
      "damaged",
      `${path} ${why}, and there is no copy of it in ${dirname(path)}/copies. It was left as it is. Restore a backup: hotline restore FILE. Without one, and only if all settings may be lost: move it away, and the next start makes a new one.`,
    );
  try {
    const aside = setAside(path, nowMs);
    putInPlace(copy.file, path);
    writeFileSync(`${aside}.txt`, noteOf(path, aside, why, copy), { mode: 0o640, flush: true });
  } catch (error) {
    throw new StoreError("damaged", `${path} ${why}, and could not be replaced: ${messageOf(error)}.`, {
      cause: error,
    });
  }
}

/** Returns the new name of the database. Nothing has that name yet. */
export function setAside(path: string, nowMs: number): string {
  const stamp = new Date(nowMs).toISOString().replaceAll(":", "-");
  const aside = `${path}.damaged-${stamp}`;
  if (companions.some((end) => existsSync(aside + end))) throw new Error(`${aside} is there already`);
  for (const end of companions) if (existsSync(path + end)) renameSync(path + end, aside + end);
  syncFile(dirname(path));
  return aside;
}

/** The copy stays; what is at `path` must be gone. */
function putInPlace(copy: string, path: string): void {
  const temporary = `${path}.part`;
  rmSync(temporary, { force: true });
  copyFileSync(copy, temporary, constants.COPYFILE_EXCL);
  closeToStrangers(temporary);
  syncFile(temporary);
  renameSync(temporary, path);
  syncFile(dirname(path));
}

function noteOf(path: string, aside: string, why: string, { file, madeAtMs }: Copy): string {
  const isThere = existsSync(aside);
  return [
    `${path} ${why}.`,
    isThere ? `It was set aside as ${aside}.` : "There was nothing to set aside.",
    `The hotline has opened with the copy of ${new Date(madeAtMs).toISOString()} (${basename(file)}): what was set and recorded after that is missing.`,
    "See: hotline help backup.",
    `This is an alarm until ${aside}.txt is moved away.\n`,
  ].join(" ");
}

/** The notes that lie there, newest first. */
export function notesOf(path: string): string[] {
  const prefix = `${basename(path)}.damaged-`;
  return readdirSync(dirname(path))
    .filter((name) => name.startsWith(prefix) && name.endsWith(".txt"))
    .sort()
    .reverse()
    .map((name) => readFileSync(join(dirname(path), name), "utf8").trim());
}
