import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import Database from "better-sqlite3";
import type { Hotline } from "../../src/core/hotlines.ts";
import { plainSchedule, type Weekly } from "../../src/core/hours/schedule.ts";
import { step } from "../../src/core/step.ts";
import { restoreState } from "../../src/daemon/restore.ts";
import type { AuditEntry } from "../../src/store/audit.ts";
import { openStore } from "../../src/store/store.ts";
import { at, auditEntry, batchOf, callId, demo, noTrouble, temporaryFolder } from "./support.ts";

/** Open at noon, and closed in the evening. */
const office: Weekly = Array.from({ length: 7 }, () => [{ fromMinute: 480, toMinute: 1080 }]);
const withOffice: Hotline = { ...demo, schedule: plainSchedule("Europe/Berlin", office) };

/** An administrator's change of a hotline, as the history has it. */
const change = (id: number, before: Hotline | null, after: Hotline): AuditEntry =>
  auditEntry(id, { rows: [{ kind: "hotline", id: demo.id, before, after }] });

/** What a start finds in a home whose database was damaged with `sql`, and what a caller hears at noon and at night. */
async function startAfter(t: TestContext, sql: string, audit: readonly AuditEntry[] = []) {
  const path = join(temporaryFolder(t), "hotline.db");
  const before = await openStore({ path, onTrouble: noTrouble });
  await before.write(
    batchOf({ hotlines: { demo: withOffice }, numbers: { "115": "demo" }, extra: { audit }, durable: true }),
  );
  await before.close();
  const db = new Database(path);
  db.pragma("ignore_check_constraints = ON");
  db.exec(sql);
  db.close();
  const store = await openStore({ path, onTrouble: noTrouble });
  t.after(() => store.close());
  const loaded = await store.load();
  const state = restoreState(loaded);
  step(
    state,
    { type: "pbx_snapshot", run: "first" as never, callers: [], legs: [], talks: [], phones: [] },
    at(0),
  );
  const outcomeAfter = (hours: number) => {
    const now = at(hours * 3_600_000);
    const { story } = step(
      state,
      { type: "call_arrived", call: callId(`c${hours}`), number: "115", from: null },
      now,
    );
    const [ended] = story.flatMap((line) =>
      "call" in line && line.told.what === "ended" ? [line.told.result] : [],
    );
    return ended?.outcome;
  };
  return { loaded, noon: outcomeAfter(0), night: outcomeAfter(10) };
}

test("hours that cannot be read: the last good ones of the history count", async (t) => {
  const never: Hotline = { ...demo, schedule: plainSchedule("Europe/Berlin", [[], [], [], [], [], [], []]) };
  const history = [change(1, never, demo), change(2, demo, withOffice)];
  const { loaded, noon, night } = await startAfter(t, "UPDATE hotlines SET weekly = '[[{\"fromMin'", history);
  assert.deepEqual(loaded.hotlines, [withOffice]);
  assert.deepEqual(loaded.brokenHours, [
    { hotline: "demo", parts: [{ part: "weekly", why: "cannot be read", instead: "earlier" }] },
  ]);
  assert.deepEqual([noon, night], ["no_agents", "closed"]);
});

test("what an older change knew is better than nothing, and an unreadable history is passed over", async (t) => {
  const sql = `UPDATE hotlines SET weekly = '17'; UPDATE audit SET after = 'x', before = '[' WHERE id = 2`;
  const { loaded, noon, night } = await startAfter(t, sql, [
    change(1, null, withOffice),
    change(2, withOffice, demo),
  ]);
  assert.deepEqual(loaded.hotlines, [withOffice]);
  assert.deepEqual([noon, night], ["no_agents", "closed"]);
});

test("several broken parts are each as they were last good", async (t) => {
  const sql = "UPDATE hotlines SET weekly = '', time_zone = 'Mars/Base', exceptions = '7'";
  const { loaded } = await startAfter(t, sql, [change(1, demo, withOffice)]);
  assert.deepEqual(loaded.hotlines, [withOffice]);
  assert.deepEqual(
    loaded.brokenHours[0]?.parts.map(({ part, instead }) => [part, instead]),
    [
      ["timeZone", "earlier"],
      ["weekly", "earlier"],
      ["exceptions", "earlier"],
    ],
  );
});

for (const [what, sql, part] of [
  ["a zone that this machine does not know", "UPDATE hotlines SET time_zone = 'Mars/Base'", "timeZone"],
  ["exceptions that are none", `UPDATE hotlines SET exceptions = '{"from":1}'`, "exceptions"],
  ["holidays without days", `UPDATE hotlines SET holidays = '{"region":"TH"}'`, "holidays"],
  ["a closing of unknown kind", `UPDATE hotlines SET ad_hoc = '{"kind":"shut"}'`, "adHoc"],
] as const)
  test(`${what}: the other hours stay`, async (t) => {
    const { loaded, noon, night } = await startAfter(t, sql);
    assert.deepEqual(loaded.hotlines, [withOffice]);
    assert.deepEqual(
      loaded.brokenHours.map(({ hotline, parts }) => [hotline, ...parts.map((each) => each.part)]),
      [["demo", part]],
    );
    assert.deepEqual([noon, night], ["no_agents", "closed"]);
  });

test("weekly hours of which nothing is known any more do not close the hotline", async (t) => {
  const { noon, night } = await startAfter(t, "UPDATE hotlines SET weekly = ''");
  assert.deepEqual([noon, night], ["no_agents", "no_agents"]);
});
