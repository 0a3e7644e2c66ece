import assert from "node:assert/strict";
import { test } from "node:test";
import type { AnnouncementRow } from "../../src/core/announcement-row.ts";
import type { LocalDate } from "../../src/core/hours/calendar.ts";
import type { AuditEntry } from "../../src/store/audit.ts";
import { fold } from "../../src/store/fold.ts";
import { auditEntry, batchOf, demo, temporaryStore, umwelt } from "./support.ts";

const entry = (id: number, parts: Partial<AuditEntry> = {}): AuditEntry =>
  auditEntry(id, {
    rows: [{ kind: "hotline", id: demo.id, before: demo, after: { ...demo, name: `Neu ${id}` } }],
    ...parts,
  });

const batchWith = (...audit: AuditEntry[]) => batchOf({ extra: { audit }, durable: true });

test("a change is kept with the rows it has changed, and found again", async (t) => {
  const { store } = await temporaryStore(t);
  const first = entry(1, { reason: "Umzug", who: "anna", found: "claimed" });
  const second = entry(2, {
    object: "number 115",
    rows: [
      { kind: "number", id: "115", before: null, after: { number: "115", hotline: demo.id, requires: [] } },
    ],
  });
  await store.write(batchOf({ hotlines: { demo }, extra: { audit: [first] }, durable: true }));
  await store.write(batchWith(second));
  assert.deepEqual(await store.changes({ limit: 50, object: "" }), [
    { ...second, undoneBy: null },
    { ...first, undoneBy: null },
  ]);
  assert.deepEqual(await store.change(1), { ...first, undoneBy: null });
  assert.equal(await store.change(3), null);
  assert.equal((await store.load()).lastChange, 2);
});

test("the list is of what the object begins with, and no longer than asked for", async (t) => {
  const { store } = await temporaryStore(t);
  await store.write(
    batchWith(entry(1), entry(2, { object: "hours demo" }), entry(3, { object: "hotline de_o" })),
  );
  const ids = async (object: string, limit = 50) =>
    (await store.changes({ limit, object })).map(({ id }) => id);
  assert.deepEqual(await ids("hotline"), [3, 1]);
  assert.deepEqual(await ids("hours"), [2]);
  assert.deepEqual(await ids("hotline de_"), [3], "no pattern");
  assert.deepEqual(await ids("", 2), [3, 2]);
});

test("a document is of all that it has changed, of the hours only where it has changed those", async (t) => {
  const { store } = await temporaryStore(t);
  const renamed = { kind: "hotline", id: demo.id, before: demo, after: { ...demo, name: "Neu" } } as const;
  const schedule = { ...demo.schedule, timeZone: "Europe/London" };
  const moved = { kind: "hotline", id: demo.id, before: demo, after: { ...demo, schedule } } as const;
  const holidays = {
    ...demo.schedule.holidays,
    days: [{ date: "2026-12-25" as LocalDate, name: "1. Weihnachtstag" }],
  };
  const renewed = { ...renamed, after: { ...demo, schedule: { ...demo.schedule, holidays } } } as const;
  const number = { number: "115", hotline: demo.id, requires: [] };
  const added = { kind: "number", id: "115", before: null, after: number } as const;
  const object = "document";
  await store.write(
    batchWith(
      entry(1, { object, rows: [moved, added] }),
      entry(2, { object, rows: [renamed] }),
      entry(3, { object: "number 116" }),
      entry(4, { object, rows: [added, renewed] }),
      entry(5, { object: "hours demo" }),
      entry(6, { object, rows: [moved], undoes: 1 }),
    ),
  );
  const ids = async (wanted: string, limit = 50) =>
    (await store.changes({ limit, object: wanted })).map(({ id }) => id);
  assert.deepEqual(await ids("hours"), [6, 5, 1]);
  assert.deepEqual(await ids("hours", 2), [6, 5]);
  assert.deepEqual(await ids("hours", 0), []);
  assert.deepEqual(await ids(`hotline ${demo.id}`), [6, 4, 2, 1]);
  assert.deepEqual(await ids("number"), [4, 3, 1]);
  assert.deepEqual(await ids("document"), [6, 4, 2, 1]);
  assert.deepEqual(await ids(""), [6, 5, 4, 3, 2, 1]);
});

test("undoing marks the change, undoing that takes the mark away, and the last to undo is never an undo", async (t) => {
  const { store } = await temporaryStore(t);
  const marks = async () =>
    (await store.changes({ limit: 50, object: "" })).map(({ undoneBy }) => undoneBy).reverse();
  await store.write(batchWith(entry(1), entry(2), entry(3, { undoable: false })));
  assert.equal((await store.lastUndoable())?.id, 2);
  await store.write(batchWith(entry(4, { undoes: 2 })));
  assert.deepEqual(await marks(), [null, 4, null, null]);
  assert.equal((await store.lastUndoable())?.id, 1);
  await store.write(batchWith(entry(5, { undoes: 4 })));
  assert.deepEqual(await marks(), [null, null, null, 5, null]);
  assert.equal((await store.lastUndoable())?.id, 2);
});

test("the later change of the same row is named, unless it is undone", async (t) => {
  const { store } = await temporaryStore(t);
  const other = entry(3, { rows: [{ kind: "hotline", id: umwelt.id, before: null, after: umwelt }] });
  await store.write(batchWith(entry(1), entry(2), other));
  assert.equal(await store.changeSince(1), 2);
  assert.equal(await store.changeSince(2), null);
  await store.write(batchWith(entry(4, { undoes: 2, rows: [] })));
  assert.equal(await store.changeSince(1), null);
});

test("a change stands in the same transaction as its entry: neither is there without the other", async (t) => {
  const { store } = await temporaryStore(t);
  await store.write(batchWith(entry(1)));
  // The number is taken, so the entry cannot be written.
  await assert.rejects(store.write(batchOf({ hotlines: { demo }, extra: { audit: [entry(1)] } })), {
    code: "bad_batch",
  });
  assert.deepEqual((await store.load()).hotlines, []);
});

test("folding keeps every entry, and the last of an announcement that came and went", async (t) => {
  const row: AnnouncementRow = {
    hotline: demo.id,
    name: "greeting",
    source: "text",
    text: "Guten Tag.",
    sound: "text-1",
    lengthMs: 900,
  };
  const gone = { hotline: demo.id, name: "greeting" } as const;
  const batches = [
    batchOf({ hotlines: { demo }, extra: { announcements: [row], audit: [entry(1)] } }),
    batchOf({ extra: { announcementsRemoved: [gone], audit: [entry(2)] } }),
  ];
  const folded = fold(batches, 10);
  assert.deepEqual(folded.extra?.announcements, []);
  assert.deepEqual(
    folded.extra?.audit?.map(({ id }) => id),
    [1, 2],
  );
  const { store } = await temporaryStore(t);
  await store.write(batchOf({ hotlines: { demo }, extra: { announcements: [row] } }));
  assert.deepEqual((await store.load()).announcements, [row]);
  await store.write(folded);
  assert.deepEqual((await store.load()).announcements, []);
  const back = batchOf({ extra: { announcements: [row] } });
  assert.deepEqual(fold([...batches, back], 10).extra?.announcements, [row]);
  assert.deepEqual(fold([...batches, back], 10).extra?.announcementsRemoved, []);
});

test("of a hotline, the later change of the same part is named", async (t) => {
  const { store } = await temporaryStore(t);
  const rows = (before: typeof demo, after: typeof demo) =>
    ({ rows: [{ kind: "hotline", id: demo.id, before, after }] }) as const;
  const named = { ...demo, name: "Neu" };
  const asleep = { ...named, schedule: { ...demo.schedule, timeZone: "Europe/Lisbon" } };
  const renamed = { ...asleep, name: "Neuer" };
  await store.write(
    batchWith(
      entry(1, rows(demo, named)),
      entry(2, rows(named, asleep)),
      entry(3, rows(asleep, renamed)),
      entry(4, rows(renamed, { ...renamed, priority: 7 })),
      entry(5, rows({ ...renamed, priority: 7 }, { ...renamed, priority: 7, hoursOf: umwelt.id })),
    ),
  );
  assert.equal(await store.changeSince(1), 3);
  assert.equal(await store.changeSince(2), null);
});
