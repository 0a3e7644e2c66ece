import { workerData } from "node:worker_threads";
import type { Database } from "better-sqlite3";
import type { CallId } from "../core/ids.ts";
import type { WallMs } from "../core/time.ts";
import { type Arrivals, type ArrivalsWanted, countArrivals } from "./arrivals.ts";
import {
  type AuditRecord,
  type ChangesWanted,
  changeSince,
  findChange,
  lastUndoable,
  listChanges,
} from "./audit.ts";
import { type Examination, examine } from "./check.ts";
import { type CountedRow, listCounted } from "./counted.ts";
import { load } from "./load.ts";
import { openForReading } from "./open-database.ts";
import { endedCalls, findCall, listCalls } from "./queries.ts";
import type { CallRecord, CallsWanted, CallWithEvents, Loaded } from "./types.ts";
import { answerQuestions } from "./worker-link.ts";

/*
 * The thread that reads, so that a long list holds up neither the loop nor the thread that writes.
 */

export type ReaderQuestion =
  | { readonly kind: "load" }
  | { readonly kind: "calls"; readonly wanted: CallsWanted }
  | { readonly kind: "call"; readonly id: string }
  | { readonly kind: "ended_calls"; readonly ids: readonly CallId[] }
  | { readonly kind: "arrivals"; readonly wanted: ArrivalsWanted }
  | { readonly kind: "changes"; readonly wanted: ChangesWanted }
  | { readonly kind: "change"; readonly id: number }
  | { readonly kind: "last_undoable" }
  | { readonly kind: "change_since"; readonly id: number }
  | { readonly kind: "counted"; readonly fromMs: WallMs }
  | { readonly kind: "examine"; readonly atMostMs: number }
  | { readonly kind: "close" };

export type ReaderAnswers = {
  load: Loaded;
  calls: readonly CallRecord[];
  call: CallWithEvents | null;
  ended_calls: readonly CallId[];
  arrivals: Arrivals;
  examine: Examination;
  changes: readonly AuditRecord[];
  change: AuditRecord | null;
  last_undoable: AuditRecord | null;
  change_since: number | null;
  counted: readonly CountedRow[];
  close: null;
};

let opened: Database | null = null;

answerQuestions((question: ReaderQuestion): ReaderAnswers[ReaderQuestion["kind"]] => {
  if (question.kind === "close") {
    opened?.close();
    opened = null;
    return null;
  }
  opened ??= openForReading((workerData as { path: string }).path);
  switch (question.kind) {
    case "load":
      return load(opened);
    case "calls":
      return listCalls(opened, question.wanted);
    case "call":
      return findCall(opened, question.id);
    case "ended_calls":
      return endedCalls(opened, question.ids);
    case "arrivals":
      return countArrivals(opened, question.wanted);
    case "examine":
      return examine(opened, question.atMostMs);
    case "changes":
      return listChanges(opened, question.wanted);
    case "change":
      return findChange(opened, question.id);
    case "last_undoable":
      return lastUndoable(opened);
    case "change_since":
      return changeSince(opened, question.id);
    case "counted":
      return listCounted(opened, question.fromMs);
  }
});
