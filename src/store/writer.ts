import { workerData } from "node:worker_threads";
import type Database from "better-sqlite3";
import type { WallMs } from "../core/time.ts";
import { eraseNumbers } from "./erase-numbers.ts";
import { openForWriting } from "./open-database.ts";
import { answerQuestions } from "./worker-link.ts";
import { GroupWriter, type NumberedBatch, type Rejected } from "./write-group.ts";

/*
 * The thread that writes. It holds the only connection that changes the database, and no state beside it: what it was
 * given is either committed when it answers, or still with the main thread.
 */

export type WriterQuestion =
  | { readonly kind: "open" }
  /** `run` names the process, so that a batch posted twice is told from another one with the same number. */
  | { readonly kind: "write"; readonly run: string; readonly batches: readonly NumberedBatch[] }
  | { readonly kind: "erase_numbers"; readonly beforeMs: WallMs }
  | { readonly kind: "close" };

export type WriterAnswers = {
  open: { readonly created: boolean };
  write: { readonly rejected: readonly Rejected[] };
  erase_numbers: number;
  close: null;
};

type Connection = {
  readonly db: Database.Database;
  readonly created: boolean;
  readonly groups: GroupWriter;
};

let connection: Connection | null = null;

answerQuestions((question: WriterQuestion): WriterAnswers[WriterQuestion["kind"]] => {
  switch (question.kind) {
    case "open":
      return { created: connect().created };
    case "write":
      return { rejected: connect().groups.write(question.run, question.batches) };
    case "erase_numbers":
      return eraseNumbers(connect().db, question.beforeMs);
    case "close":
      connection?.db.pragma("wal_checkpoint(PASSIVE)");
      connection?.db.close();
      connection = null;
      return null;
  }
});

function connect(): Connection {
  if (!connection) {
    const { db, created } = openForWriting((workerData as { path: string }).path);
    connection = { db, created, groups: new GroupWriter(db) };
  }
  return connection;
}
