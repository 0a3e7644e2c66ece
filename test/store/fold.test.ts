import assert from "node:assert/strict";
import { test } from "node:test";
import type { AnnouncementRow } from "../../src/core/announcement-row.ts";
import { ms } from "../../src/core/time.ts";
import { fold } from "../../src/store/fold.ts";
import {
  agentId,
  arrival,
  at,
  batchOf,
  callId,
  connectedCall,
  demo,
  demoDesk,
  hotlineId,
  line,
  temporaryStore,
  umwelt,
} from "./support.ts";

test("folding keeps the last of every row, and nothing of what was removed", () => {
  const gruss: AnnouncementRow = {
    hotline: umwelt.id,
    name: "greeting",
    source: "text",
    text: "Guten Tag.",
    sound: "text-1",
    lengthMs: 900,
  };
  const required = { number: "115", hotline: demo.id, requires: ["turkish"] };
  const emptied = { ...demoDesk, handlingMs: [] };
  const { changes, extra } = fold(
    [
      batchOf({
        hotlines: { demo, umwelt },
        numbers: { "115": "demo" },
        desks: { demo: demoDesk, umwelt: { ...demoDesk, hotline: umwelt.id } },
        extra: { announcements: [gruss] },
      }),
      batchOf({ desks: { demo: emptied }, numbers: { "115": required } }),
      batchOf({ hotlines: { umwelt: null }, desks: { umwelt: null } }),
    ],
    100,
  );
  assert.deepEqual(
    [...changes.hotlines],
    [
      ["demo", demo],
      ["umwelt", null],
    ],
  );
  assert.deepEqual([...changes.numbers], [["115", required]]);
  assert.deepEqual(changes.desks.get(demo.id), emptied);
  assert.equal(changes.desks.get(hotlineId("umwelt")), null);
  assert.deepEqual(extra?.announcements, []);
});

test("the record is the same, folded or not", async (t) => {
  const number = "03614900";
  const agent = agentId("201");
  const outcome = { outcome: "answered", endedBy: "agent", reason: null } as const;
  const talk = { since: at(60), with: { kind: "agent", agent, hotline: umwelt.id } } as const;
  const batches = [
    batchOf({ story: [arrival("c1", 0), arrival("c2", 1), arrival("c3", 2)] }),
    batchOf({ story: [line("c1", 50, { what: "moved", hotline: umwelt.id })] }),
    batchOf({ story: [line("c2", 55, { what: "forwarded", number, waitMs: ms(54) })] }),
    batchOf({
      calls: { c1: { ...connectedCall, id: callId("c1"), hotline: umwelt.id } },
      story: [line("c1", 60, { what: "connected", agent, waitMs: ms(60) })],
    }),
    batchOf({
      calls: { c3: { ...connectedCall, id: callId("c3") } },
      story: [line("c3", 62, { what: "connected", agent: agentId("202"), waitMs: ms(60) })],
    }),
    batchOf({
      calls: { c1: null },
      story: [line("c1", 90, { what: "ended", result: { ...outcome, at: at(90), talk }, waitMs: ms(60) })],
    }),
  ];
  const { store: plain } = await temporaryStore(t);
  for (const batch of batches) await plain.write(batch);
  const { store: folded } = await temporaryStore(t);
  await folded.write(fold(batches, 100));
  const calls = await plain.calls({ limit: 10 });
  assert.deepEqual(
    calls.map(({ servedBy, forwardedTo, talkMs }) => [servedBy, forwardedTo, talkMs]),
    [
      [demo.id, null, null],
      [null, number, null],
      [umwelt.id, null, 30],
    ],
  );
  assert.deepEqual(await folded.calls({ limit: 10 }), calls);
});
