import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { type BackupManifest, backupFormat } from "../api/backup.ts";
import { programVersion } from "../config/version.ts";
import { Refusal } from "../http/service.ts";
import { type ChangingParts, noteInAudit } from "./asking.ts";

/*
 * A backup is one tar archive: the database as of one moment, hotline.yaml, and the sounds. Passwords between daemon and
 * Asterisk are not in it: each home makes its own.
 */

/** The object of its entry in the history. */
export const backupObject = "backup";

/**
 * The archive, piece by piece, while calls go on. It is whole when the generator ends; whatever goes wrong is thrown. Who has
 * taken it is in the history, and in the backup itself: it holds the phones' passwords.
 */
export async function* backUp(parts: ChangingParts): AsyncGenerator<Buffer> {
  const { home, store, log } = parts;
  await noteInAudit(parts, { object: backupObject, action: "backup taken", undoes: null });
  const copies = join(home, "copies");
  mkdirSync(copies, { recursive: true, mode: 0o700 });
  const stage = mkdtempSync(join(copies, "backup-"));
  try {
    await store.copyInto(join(stage, "hotline.db")).catch((error: Error) => {
      throw new Refusal(503, "no_backup", `No backup was made: ${error.message}.`, { cause: error });
    });
    const manifest: BackupManifest = {
      format: backupFormat,
      program: programVersion(),
      madeAt: new Date().toISOString(),
    };
    writeFileSync(join(stage, "backup.json"), `${JSON.stringify(manifest, null, 1)}\n`);
    yield* archive(stage, home);
    log.info({ by: parts.mandate.who }, "a backup was taken");
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

async function* archive(stage: string, home: string): AsyncGenerator<Buffer> {
  const sources = ["-C", stage, "backup.json", "hotline.db", "-C", home, "hotline.yaml", "sounds"];
  const tar = spawn("tar", ["--create", "--file=-", "--exclude=sounds/.work", ...sources], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  tar.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-1_000);
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    tar.once("error", reject);
    tar.once("close", resolve);
  });
  // Looked at below; until then it must not count as nobody's.
  ended.catch(() => undefined);
  try {
    yield* tar.stdout as Readable & AsyncIterable<Buffer>;
    const code = await ended;
    // 1: a sound was being made meanwhile.
    if (code !== 0 && code !== 1) throw new Error(`tar has failed (${code}): ${said.trim()}`);
  } finally {
    tar.kill();
  }
}
