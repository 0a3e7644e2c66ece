import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import fc from "fast-check";
import { documentJsonSchema, federalStateCodes } from "../../src/api/document-schema.ts";
import type { Event } from "../../src/core/events.ts";
import { State } from "../../src/core/state.ts";
import { step } from "../../src/core/step.ts";
import { type MonotonicMs, ms, type WallMs } from "../../src/core/time.ts";
import { compare } from "../../src/daemon/document/plan.ts";
import { presentRows, type Rows } from "../../src/daemon/document/rows.ts";
import { fileOf, writeYaml } from "../../src/daemon/document/write.ts";
import { federalStates } from "../../src/daemon/holidays.ts";
import { someRows, sounds } from "./document-rows.ts";
import { noRows, read } from "./document-support.ts";

const now = { monotonicMs: 1_000_000 as MonotonicMs, wallMs: Date.UTC(2026, 10, 23, 12) as WallMs };
const schemaFile = join(import.meta.dirname, "..", "..", "docs", "hotline-document.schema.json");

/** A state with these rows in it. */
function stateOf(rows: Rows): State {
  const state = new State();
  const { verdict } = step(state, { type: "document_applied", ...compare(noRows, rows).rows }, now);
  assert.equal(verdict.kind, "done");
  return state;
}

const rowsIn = (state: State, { announcements }: Rows) =>
  presentRows(state, (hotline) => [...announcements.values()].filter((row) => row.hotline === hotline));

suite("export and apply", () => {
  test("what was exported is what is there, whatever that is", () => {
    fc.assert(
      fc.property(someRows, (rows) => {
        const yaml = writeYaml(rows, "schema.json");
        const { reader, rows: again } = read(yaml, rows, sounds);
        assert.deepEqual(reader.problems(), []);
        assert.deepEqual(compare(rows, again).changes, []);
        assert.equal(writeYaml(again, "schema.json"), yaml);
      }),
      { numRuns: 40, seed: 115 },
    );
  });

  test("as JSON too", () => {
    fc.assert(
      fc.property(someRows, (rows) => {
        const { reader, rows: again } = read(JSON.stringify(fileOf(rows)), rows, sounds);
        assert.deepEqual(reader.problems(), []);
        assert.deepEqual(compare(rows, again).changes, []);
      }),
      { numRuns: 25, seed: 115 },
    );
  });

  test("the export of one home makes another one like it", () => {
    fc.assert(
      fc.property(someRows, someRows, (one, other) => {
        const state = stateOf(other);
        const { reader, rows: wanted } = read(writeYaml(one, "schema.json"), other, sounds);
        assert.deepEqual(reader.problems(), []);
        const { rows } = compare(other, wanted);
        assert.equal(step(state, { type: "document_applied", ...rows }, now).verdict.kind, "done");
        const after = rowsIn(state, wanted);
        assert.deepEqual(compare(after, one).changes, []);
        assert.deepEqual(compare(after, wanted).changes, []);
      }),
      { numRuns: 25, seed: 115 },
    );
  });

  test("what is not said has its default, and what is not named is gone", () => {
    const yaml = "version: 1\nhotlines: { demo: { name: Demo } }\nnumbers: {}\nagents:\n";
    const { rows } = read(yaml);
    const [demo, ...more] = [...rows.hotlines.values()];
    assert.deepEqual(more, []);
    assert.equal(demo?.schedule.timeZone, "Europe/Berlin");
    assert.equal(demo?.ringTimeoutMs, 20_000);
    const before = read(yaml.replace("numbers: {}", "numbers: { 115: { hotline: demo } }")).rows;
    assert.deepEqual(
      compare(before, rows).changes.map(({ kind, id, after }) => [kind, id, after]),
      [["number", "115", null]],
    );
  });
});

suite("two administrators at the same moment", () => {
  const yaml = `version: 1
hotlines: { demo: { name: Demo }, sued: { name: Süd } }
numbers: { 115: { hotline: demo } }
agents: { 201: { name: Erika, hotlines: { demo: {} } } }
`;
  const demo = [...read(yaml).rows.hotlines.values()][0]!;
  const meanwhile: readonly Event[] = [
    // Nothing that the document would change itself.
    { type: "hotline_changed", hotline: demo.id, settings: { wrapUpMs: ms(5_000) } },
    { type: "hotline_added", hotline: { ...demo, id: "nord" as typeof demo.id } },
    { type: "number_set", number: "116", hotline: demo.id, requires: [] },
    { type: "number_removed", number: "115" },
    { type: "agent_added", agent: "202" as never, name: "Max", memberships: [] },
    { type: "agent_removed", agent: "201" as never },
    { type: "agent_unassigned", agent: "201" as never, hotline: demo.id },
  ];
  for (const event of meanwhile)
    test(`${event.type} between comparing and applying: refused, and nothing is changed`, () => {
      const present = read(yaml).rows;
      const state = stateOf(present);
      const wanted = read(yaml.replace("Süd", "South")).rows;
      const { rows } = compare(present, wanted);
      assert.equal(step(state, event, now).verdict.kind, "done");
      const before = rowsIn(state, noRows);
      const { verdict, changes } = step(state, { type: "document_applied", ...rows }, now);
      assert.equal(verdict.kind === "refused" && verdict.code, "changed_since");
      assert.ok(Object.values(changes).every((table) => table.size === 0));
      assert.deepEqual(rowsIn(state, noRows), before);
    });

  test("what comes and goes by itself is no change", () => {
    const present = read(yaml).rows;
    const state = stateOf(present);
    const { rows } = compare(present, read(yaml.replace("Süd", "South")).rows);
    step(state, { type: "login_asked", agent: "201" as never }, now);
    step(state, { type: "phone_changed", agent: "201" as never, phone: "reachable" }, now);
    const { verdict, changes } = step(state, { type: "document_applied", ...rows }, now);
    assert.equal(verdict.kind, "done");
    assert.deepEqual([...changes.hotlines.keys()], ["sued"]);
    assert.equal(changes.agents.size, 0);
    assert.equal(state.agents.get("201" as never)?.duty.kind, "on");
  });
});

suite("the JSON Schema for editors", () => {
  test("is up to date (node scripts/document-schema.ts)", () => {
    assert.deepEqual(
      JSON.parse(readFileSync(schemaFile, "utf8")),
      JSON.parse(JSON.stringify(documentJsonSchema())),
    );
  });

  test("knows the federal states", () => {
    assert.deepEqual([...federalStates.keys()].sort(), [...federalStateCodes].sort());
  });
});
