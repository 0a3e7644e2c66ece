/**
 * Real calls while daemon and Asterisk are killed, their connection is cut and the database locked; scripts/chaos does the same for
 * longer.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { useSystem } from "../support/system.ts";
import { play } from "./play.ts";
import { brokenRules } from "./report.ts";

const system = useSystem();
/** A minute, if nothing is in the way. */
const timeout = 300_000;

test("daemon and Asterisk die and lose each other, and no call, place or outcome goes wrong", {
  timeout,
}, async (context) => {
  const faults = [
    "daemon-kill",
    "ari-cut",
    "db-lock",
    "daemon-kill",
    "asterisk-kill",
    "daemon-kill",
  ] as const;
  const report = await play(
    system,
    {
      seed: 1,
      minutes: Number.POSITIVE_INFINITY,
      calls: Number.POSITIVE_INFINITY,
      faults,
      count: faults.length,
      everyMs: 2_000,
      freezeMs: 20_000,
      storeMs: 3_000,
      rate: 4,
      waiting: 8,
      agents: 6,
      sampleMs: null,
    },
    (line) => context.diagnostic(line),
  );
  for (const [what, found] of brokenRules(report)) assert.deepEqual(found, [], what);
  assert.equal(report.faults.length, faults.length);
  const outcomes = new Set(report.record.rows.map(({ outcome }) => outcome));
  assert.ok(outcomes.has("answered") && outcomes.has("failed"), "too little has happened to prove anything");
});
