import { workerData } from "node:worker_threads";
import type { Database } from "better-sqlite3";
import { openForTidying } from "./open-database.ts";
import { answerQuestions } from "./worker-link.ts";

/*
 * The thread that moves the write-ahead log into the database. That waits for the disk, sometimes for long; the thread
 * that writes must not, since orders to Asterisk wait for it.
 */

export type TidierQuestion = { readonly kind: "checkpoint" } | { readonly kind: "close" };

export type TidierAnswers = { checkpoint: null; close: null };

let opened: Database | null = null;

answerQuestions((question: TidierQuestion): null => {
  if (question.kind === "close") {
    opened?.close();
    opened = null;
    return null;
  }
  opened ??= openForTidying((workerData as { path: string }).path);
  // Takes what it can get without keeping anybody waiting; the rest comes next time.
  opened.pragma("wal_checkpoint(PASSIVE)");
  return null;
});
