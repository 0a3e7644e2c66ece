import { execFile } from "node:child_process";
import {
  chmodSync,
  chownSync,
  closeSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
} from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { backupFormat, backupManifestSchema } from "../api/backup.ts";
import { ensureFolder, type Owner, ownerOf, readIfThere } from "../config/files.ts";
import { parseConfig } from "../config/load.ts";
import { homePaths } from "../config/paths.ts";
import { syncFile } from "../store/copies.ts";
import { inspectDatabase } from "../store/inspect.ts";
import { lockHome } from "./lock.ts";

/*
 * Bringing a backup back. It is unpacked beside what there is and looked through before anything is touched; what there
 * is goes into a folder of its own, and comes back from there when something goes wrong.
 */

export type BackupContents = {
  /** ISO 8601. */
  readonly madeAt: string;
  readonly hotlines: number;
  readonly agents: number;
  readonly calls: number;
  /** What will be put in place. */
  readonly parts: readonly string[];
};

export type OpenedBackup = {
  readonly contents: BackupContents;
  /** Once. `before`: the folder where everything is that was there; null: there was nothing. */
  restore(): { readonly before: string | null };
  /** Removes what was unpacked. The home is free again then. */
  close(): void;
};

/** What belongs to a database beside its file. */
const databaseFiles = ["hotline.db", "hotline.db-wal", "hotline.db-shm"];

/**
 * Opens what `hotline backup` has written, or a bare database, for a home whose daemon does not run. Throws with one clear
 * line when it runs, or the file is damaged, newer than this program or no backup; nothing is changed then.
 */
export async function openBackup(home: string, file: string, keepSettings: boolean): Promise<OpenedBackup> {
  const paths = homePaths(home);
  ensureFolder(home, 0o750, null);
  const owner = ownerOf(home);
  ensureFolder(paths.run, 0o750, owner);
  const lock = lockHome(paths.run, () => readIfThere(paths.daemonPid)?.trim() ?? null);
  giveTo(join(paths.run, "daemon.lock"), owner);
  const stage = mkdtempSync(join(home, ".restore-"));
  const close = () => {
    rmSync(stage, { recursive: true, force: true });
    lock.release();
  };
  try {
    const madeAt = await unpack(file, stage);
    const inside = inspectDatabase(join(stage, "hotline.db"), file);
    if (keepSettings) rmSync(join(stage, "hotline.yaml"), { force: true });
    checkSettings(stage, file);
    const parts = ["hotline.db", "hotline.yaml", "sounds"].filter((name) => existsSync(join(stage, name)));
    const contents = { madeAt: madeAt ?? new Date(inside.lastMs).toISOString(), ...inside.counts, parts };
    return { contents, restore: () => ({ before: swap(home, stage, parts, owner) }), close };
  } catch (error) {
    close();
    throw error;
  }
}

/** Gives when it was made; null: a bare database does not say. */
async function unpack(file: string, stage: string): Promise<string | null> {
  const begin = readBegin(file);
  if (begin.startsWith("SQLite format 3\0")) {
    copyFileSync(file, join(stage, "hotline.db"));
    return null;
  }
  const options = ["--extract", `--file=${file}`, "-C", stage, "--no-same-owner", "--no-same-permissions"];
  try {
    // Nothing else is taken, whatever is in it.
    await promisify(execFile)("tar", [...options, "backup.json", "hotline.db", "hotline.yaml", "sounds"]);
  } catch (error) {
    const said = String((error as { stderr?: string }).stderr ?? (error as Error).message).trim();
    throw new Error(`${file} is no backup of a hotline, or not all of it: ${said.split("\n")[0]}`, {
      cause: error,
    });
  }
  const manifest = backupManifestSchema.safeParse(
    JSON.parse(readFileSync(join(stage, "backup.json"), "utf8")),
  );
  if (!manifest.success) throw new Error(`${file} is no backup of a hotline: its backup.json is wrong`);
  if (manifest.data.format > backupFormat)
    throw new Error(
      `${file} was made by a newer version of this program (${manifest.data.program}); install that version to restore it`,
    );
  return manifest.data.madeAt;
}

function readBegin(file: string): string {
  const bytes = Buffer.alloc(16);
  try {
    const handle = openSync(file, "r");
    readSync(handle, bytes);
    closeSync(handle);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Error(code === "ENOENT" ? `There is no file ${file}` : `${file} cannot be read: ${message}`, {
      cause: error,
    });
  }
  return bytes.toString("latin1");
}

function checkSettings(stage: string, file: string): void {
  const text = readIfThere(join(stage, "hotline.yaml"));
  const [problem] = text === null ? [] : parseConfig(text, stage).problems;
  if (problem)
    throw new Error(
      `hotline.yaml in ${file} is not right for this program: ${problem.path} ${problem.message}. To leave the one that is here: --keep-settings`,
    );
}

/** All or nothing. Returns where everything is that was there before. */
function swap(home: string, stage: string, parts: readonly string[], owner: Owner | null): string | null {
  for (const part of parts) makeOurs(join(stage, part), owner);
  const before = join(home, `before-restore-${new Date().toISOString().replaceAll(":", "-")}`);
  const replaced = parts.flatMap((part) => (part === "hotline.db" ? databaseFiles : [part]));
  const present = replaced.filter((name) => existsSync(join(home, name)));
  const moves = [
    ...present.map((name) => [join(home, name), join(before, name)] as const),
    ...parts.map((name) => [join(stage, name), join(home, name)] as const),
  ];
  if (present.length > 0) {
    mkdirSync(before, { mode: 0o750 });
    giveTo(before, owner);
  }
  const done: (readonly [from: string, to: string])[] = [];
  try {
    for (const [from, to] of moves) {
      renameSync(from, to);
      done.push([from, to]);
    }
    syncFile(home);
  } catch (error) {
    for (const [from, to] of done.reverse()) renameSync(to, from);
    throw error;
  }
  return present.length > 0 ? before : null;
}

/** The daemon's, and closed to strangers; on disk before it is put in place. */
function makeOurs(path: string, owner: Owner | null): void {
  giveTo(path, owner);
  if (lstatSync(path).isDirectory()) {
    chmodSync(path, 0o750);
    for (const name of readdirSync(path)) makeOurs(join(path, name), owner);
  } else {
    chmodSync(path, 0o640);
    syncFile(path);
  }
}

function giveTo(path: string, owner: Owner | null): void {
  if (owner) chownSync(path, owner.uid, owner.gid);
}
