import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { threadEntry, WorkerLink } from "../../src/store/worker-link.ts";
import type { WriterAnswers, WriterQuestion } from "../../src/store/writer.ts";
import { arrival, batchOf, query, temporaryFolder } from "./support.ts";

test("a thread that has died starts again, and what is posted twice is written once", async (t) => {
  const path = join(temporaryFolder(t), "hotline.db");
  const link = new WorkerLink<WriterQuestion, WriterAnswers>(threadEntry("writer"), { path });
  t.after(() => link.end());
  const numbered = [1, 2, 3].map((number) => ({
    number,
    batch: batchOf({ story: [arrival("c1", number)] }),
  }));
  await link.ask({ kind: "write", run: "run-1", batches: numbered.slice(0, 2) });

  const ended = link.end();
  await assert.rejects(link.ask({ kind: "open" }), { code: "thread_died" });
  await ended;

  // As after a death between the commit and the answer: nobody knows whether the first two are written.
  await link.ask({ kind: "write", run: "run-1", batches: numbered });
  assert.equal(query(path, "SELECT * FROM call_events").length, 3);

  // The next process counts from one again.
  await link.ask({ kind: "write", run: "run-2", batches: numbered.slice(0, 1) });
  assert.equal(query(path, "SELECT * FROM call_events").length, 4);
  await link.ask({ kind: "close" });
});
