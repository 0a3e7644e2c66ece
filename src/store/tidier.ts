import { workerData } from "node:worker_threads";
import type { Database } from "better-sqlite3";
import { type Copy, copyInto, makeCopy } from "./copies.ts";
import { openForTidying } from "./open-database.ts";
import { answerQuestions } from "./worker-link.ts";

/*
 * The thread for what waits for the disk, sometimes for long: it moves the write-ahead log into the database, and makes
 * copies. The thread that writes must not wait so, since orders to Asterisk wait for it.
 */

export type TidierQuestion =
  | { readonly kind: "checkpoint" }
  /** One of the copies that are made all the time. */
  | { readonly kind: "copy" }
  /** A copy into this file. */
  | { readonly kind: "copy_into"; readonly file: string }
  | { readonly kind: "close" };

export type TidierAnswers = { checkpoint: null; copy: Copy; copy_into: null; close: null };

let opened: Database | null = null;

answerQuestions((question: TidierQuestion): TidierAnswers[TidierQuestion["kind"]] => {
  const { path } = workerData as { path: string };
  switch (question.kind) {
    case "checkpoint":
      opened ??= openForTidying(path);
      // Takes what it can get without keeping anybody waiting; the rest comes next time.
      opened.pragma("wal_checkpoint(PASSIVE)");
      return null;
    case "copy":
      opened ??= openForTidying(path);
      return makeCopy(opened, path, { kind: "regular" }, Date.now());
    case "copy_into":
      opened ??= openForTidying(path);
      copyInto(opened, question.file);
      return null;
    case "close":
      opened?.close();
      opened = null;
      return null;
  }
});
