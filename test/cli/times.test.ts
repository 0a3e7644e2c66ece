import assert from "node:assert/strict";
import { test } from "node:test";
import { sinceTime } from "../../src/cli/times.ts";

const zone = "Europe/Berlin";
const now = Date.parse("2026-03-02T09:30:00Z");

for (const [written, meant] of [
  ["2h", "2026-03-02T07:30:00.000Z"],
  ["10:00", "2026-03-02T09:00:00.000Z"],
  ["11:00", "2026-03-01T10:00:00.000Z"],
  ["2026-03-02", "2026-03-01T23:00:00.000Z"],
  ["2026-03-02T10:00", "2026-03-02T09:00:00.000Z"],
  ["2026-03-02T10:00:00+02:00", "2026-03-02T08:00:00.000Z"],
  ["today", "2026-03-01T23:00:00.000Z"],
  ["Heute", "2026-03-01T23:00:00.000Z"],
  ["yesterday", "2026-02-28T23:00:00.000Z"],
  ["gestern 8:00", "2026-03-01T07:00:00.000Z"],
  ["1.3.", "2026-02-28T23:00:00.000Z"],
  ["02.03. 08:00", "2026-03-02T07:00:00.000Z"],
  // Not the one that is to come.
  ["24.12.", "2025-12-23T23:00:00.000Z"],
  ["1.7.2025", "2025-06-30T22:00:00.000Z"],
] as const)
  test(`since ${written}`, async () => assert.equal(await sinceTime(written, zone, now), meant));

for (const written of ["29.2.", "32.1.", "1.13.2025", "tomorrow", "10:60", "1.3", "today yesterday"])
  test(`no time: ${written}`, () =>
    assert.rejects(sinceTime(written, zone, now), /is not a time; allowed: a time today such as/));
