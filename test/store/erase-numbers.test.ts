import assert from "node:assert/strict";
import { test } from "node:test";
import { arrival, at, batchOf, end, query, temporaryStore } from "./support.ts";

test("callers' numbers are erased when they are old, and their calls stay", async (t) => {
  const { store, path } = await temporaryStore(t);
  const calls = Array.from({ length: 1_200 }, (_, i) => [arrival(`c${i}`, i, `+49361${i}`), end(`c${i}`, i)]);
  await store.write(batchOf({ story: calls.flat() }));
  // One that goes on is needed as it is.
  await store.write(batchOf({ story: [arrival("running", 0, "+49361")] }));
  assert.equal(await store.eraseNumbers(at(1_150).wallMs), 1_150);
  assert.equal(await store.eraseNumbers(at(1_150).wallMs), 0);
  const all = await store.calls({ limit: 2_000 });
  assert.equal(all.length, 1_201);
  assert.deepEqual(
    all.flatMap(({ id, from }) => (from === null ? [] : [id])).sort(),
    [...Array.from({ length: 50 }, (_, i) => `c${1_150 + i}`), "running"].sort(),
  );
  assert.equal(query(path, "SELECT * FROM call_events WHERE detail LIKE '%+49361%'").length, 0);
});
