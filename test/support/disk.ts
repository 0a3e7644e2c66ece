/** Harm to where a home keeps its data: no room, no lock to be had, no hurry. Each lasts until it is ended. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import Database from "better-sqlite3";
import { homePaths } from "../../src/config/paths.ts";
import { endProcess, poll, spawnTied } from "./process.ts";

export interface Harm {
  end(): Promise<void> | void;
}

/** So long it is waited for somebody else's lock: nothing else is done here meanwhile. */
const lockWaitMs = 200;
const syncDelayUs = 1_000_000;

/** Gives a home that is not there yet a small disk of its own, which takes root. Returns why it cannot be done; null: done. */
export function mountDisk(home: string, megabytes: number): string | null {
  mkdirSync(home);
  const options = ["-t", "tmpfs", "-o", `size=${megabytes}m,mode=0755`, "hotline-test", home];
  try {
    execFileSync("mount", options, { stdio: "pipe" });
    return null;
  } catch (error) {
    return `no tmpfs can be mounted here: ${String((error as { stderr?: Buffer }).stderr ?? error).trim()}`;
  }
}

/** Whatever still has a file open there does not keep it from going. */
export function unmountDisk(home: string): void {
  execFileSync("umount", ["--lazy", home]);
}

/** Not one more byte fits: neither on the disk, nor into what the write-ahead log has for itself. */
export async function fillDisk(home: string): Promise<Harm> {
  const db = new Database(homePaths(home).database, { timeout: lockWaitMs });
  try {
    await poll("the log is cut to nothing", 10_000, () => {
      const [done] = db.pragma("wal_checkpoint(TRUNCATE)") as { busy: number }[];
      return done?.busy === 0 || undefined;
    });
  } finally {
    db.close();
  }
  const filler = join(home, "filler");
  const file = await open(filler, "w");
  for (const size of [1024 * 1024, 4096]) {
    try {
      for (;;) if ((await file.write(Buffer.alloc(size))).bytesWritten < size) break;
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, "ENOSPC");
    }
  }
  await file.close();
  return { end: () => rmSync(filler) };
}

/** As another program that writes, and does not come to an end. */
export function lockDatabase(home: string): Harm {
  const db = new Database(homePaths(home).database);
  db.exec("BEGIN EXCLUSIVE");
  return { end: () => void db.close() };
}

/** Each sync of a process takes a second more. Throws where strace cannot attach itself to it. */
export async function slowDisk(pid: number): Promise<Harm> {
  const syncs = "fsync,fdatasync";
  const inject = ["-e", `trace=${syncs}`, "-e", `inject=${syncs}:delay_enter=${syncDelayUs}`];
  const strace = spawnTied("strace", ["-f", "-q", "-o", "/dev/null", ...inject, "-p", String(pid)], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const complaint = text(strace.stderr!);
  await poll("strace has attached itself", 10_000, async () => {
    if (strace.exitCode !== null || strace.signalCode !== null)
      throw new Error(`strace cannot be attached here: ${(await complaint).trim()}`);
    return isTraced(pid) || undefined;
  });
  return { end: () => endProcess(strace, "SIGINT") };
}

/** With all its threads. */
function isTraced(pid: number): boolean {
  const tasks = `/proc/${pid}/task`;
  return readdirSync(tasks).every(
    (task) => !/^TracerPid:\t0$/m.test(readFileSync(join(tasks, task, "status"), "utf8")),
  );
}
