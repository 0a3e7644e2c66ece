import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { staffingQuerySchema, staffingSchema } from "../../src/api/staffing.ts";
import type { WallMs } from "../../src/core/time.ts";
import { staffing } from "../../src/daemon/staffing.ts";
import { Refusal } from "../../src/http/service.ts";
import type { Arrivals, ArrivalsWanted } from "../../src/store/arrivals.ts";
import { demo } from "../store/support.ts";

const nowMs = Date.UTC(2026, 10, 23, 12) as WallMs;

/** Asks as a client would, of a record that holds these arrivals. */
async function ask(query: Record<string, unknown>, arrivals?: Arrivals) {
  const wanted: ArrivalsWanted[] = [];
  const store = {
    arrivals: async (asked: ArrivalsWanted) => {
      wanted.push(asked);
      if (!arrivals) throw new Error("The record is not to be asked");
      return arrivals;
    },
  };
  const parts = { store, nowMs, findHotline: () => demo };
  const answer = await staffing(parts, staffingQuerySchema.parse(query));
  // What goes over the wire is what a client gets.
  return { wanted, answer: staffingSchema.parse(JSON.parse(JSON.stringify(answer))) };
}

const refusedAs = (code: string, says: RegExp) => (error: unknown) =>
  error instanceof Refusal && error.code === code && says.test(error.message);

suite("given figures", () => {
  test("the fewest agents that meet the target, and the table around them", async () => {
    const { answer } = await ask({ callsPerHour: 30, talkMs: 360_000, wrapUpMs: 30_000 });
    assert.equal(answer.record, null);
    assert.equal(answer.load, 3.25);
    assert.deepEqual([answer.targetPercent, answer.targetWithinMs], [75, 30_000]);
    assert.deepEqual([answer.agents, answer.agentsMin], [6, 4]);
    assert.deepEqual(
      answer.table.map(({ agents, meetsTarget }) => [agents, meetsTarget]),
      [
        [4, false],
        [5, false],
        [6, true],
        [7, true],
        [8, true],
        [9, true],
      ],
    );
    assert.ok(answer.table.every(({ abandoned }) => abandoned === null));
  });

  test("with patience an overload is possible, and some give up", async () => {
    const { answer } = await ask({ callsPerHour: 30, talkMs: 360_000, patienceMs: 180_000 });
    assert.deepEqual([answer.agents, answer.agentsMin, answer.wrapUpMs], [5, 1, 0]);
    assert.deepEqual(
      answer.table.map(({ agents }) => agents),
      [2, 3, 4, 5, 6, 7, 8],
    );
    assert.ok(answer.table[0]!.abandoned! > 0.4);
  });

  test("more agents than there can be", async () => {
    await assert.rejects(
      ask({ callsPerHour: 20_000, talkMs: 3_600_000 }),
      refusedAs("too_many_agents", /more than 5000 agents \(a load of 20000 erlangs\)/),
    );
  });

  test("figures that are not allowed", () => {
    for (const [query, says] of [
      [{ callsPerHour: 0, talkMs: 360_000 }, /at least 0.1/],
      [{ callsPerHour: 1e9, talkMs: 360_000 }, /at most 20000/],
      [{ callsPerHour: 30, talkMs: 0 }, /at least 1s/],
      [{ callsPerHour: 30, talkMs: 360_000, targetPercent: 175 }, /from 1 to 99/],
      [{ callsPerHour: 30 }, /both .* or neither/],
      [{ callsPerHour: 30, talkMs: 360_000, weeks: 4 }, /leave them out/],
    ] as const) {
      const parsed = staffingQuerySchema.safeParse(query);
      assert.match(parsed.error?.issues.map(({ message }) => message).join() ?? "allowed", says);
    }
  });
});

suite("figures from the record", () => {
  const week = [
    { weekday: 1, hour: 10, hours: 4, calls: 100 },
    { weekday: 2, hour: 9, hours: 3, calls: 90 },
    { weekday: 2, hour: 10, hours: 4, calls: 120 },
    { weekday: 7, hour: 10, hours: 4, calls: 0 },
  ];
  const recorded: Arrivals = { week, answeredCalls: 250, meanTalkMs: 300_000.4 };

  test("the busiest hour of the week, with the wrap-up of the hotline", async () => {
    const { answer, wanted } = await ask({ hotline: "demo" }, recorded);
    const fromMs = nowMs - 28 * 86_400_000;
    assert.deepEqual(wanted, [{ hotline: "demo", timeZone: "Europe/Berlin", fromMs, toMs: nowMs }]);
    assert.deepEqual(answer.record, {
      hotline: "demo",
      timeZone: "Europe/Berlin",
      weeks: 4,
      weekday: 2,
      hour: 9,
      hours: 3,
      calls: 90,
      answeredCalls: 250,
    });
    assert.deepEqual([answer.callsPerHour, answer.talkMs, answer.wrapUpMs], [30, 300_000, 10_000]);
  });

  test("wrap-up and weeks can be chosen", async () => {
    const { answer, wanted } = await ask({ hotline: "demo", weeks: 1, wrapUpMs: 0 }, recorded);
    assert.equal(wanted[0]!.fromMs, nowMs - 7 * 86_400_000);
    assert.equal(answer.wrapUpMs, 0);
  });

  test("too few calls to go by", async () => {
    const tooFew = refusedAs("too_few_calls", /29 answered at demo in the last 4 weeks.*--calls-per-hour/);
    await assert.rejects(ask({ hotline: "demo" }, { ...recorded, answeredCalls: 29 }), tooFew);
    const none: Arrivals = { week: [], answeredCalls: 0, meanTalkMs: null };
    await assert.rejects(ask({ hotline: "demo", weeks: 1 }, none), /0 answered at demo in the last week/);
  });

  test("no hotline named", async () => {
    await assert.rejects(ask({}), refusedAs("invalid", /Name a hotline/));
  });
});
