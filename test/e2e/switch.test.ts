/**
 * Calls in the second in which a hotline opens or closes: by its plan, and by an administrator's word. Each caller hears what is
 * right at the moment of the call, and nothing is restarted.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import type { HoursOrderInput } from "../../src/api/hours.ts";
import { testAftermath } from "../support/aftermath.ts";
import { setClockShift, shiftClock } from "../support/clock.ts";
import { writeWav } from "../support/codecs.ts";
import { daemonPid } from "../support/inside.ts";
import { supervise } from "../support/services.ts";
import { useSystem } from "../support/system.ts";
import { heardMs, sine } from "../support/tones.ts";

/** New Year: a Wednesday becomes a Thursday that is a public holiday. */
const midnight = Date.parse("2026-01-01T00:00:00+01:00");
shiftClock(midnight - 2 * 3_600_000 - Date.now());
const system = useSystem();

const hertz = {
  no_agents: 600,
  closed: 1_000,
  closed_holiday: 1_300,
  closed_adhoc: 1_600,
  special_1: 1_900,
} as const;
type Heard = keyof typeof hertz;

/** What callers hear before midnight, and from then on. Nobody is there to answer, which is told to who is let in. */
type Plan = {
  readonly hotline: string;
  readonly number: string;
  readonly hears: readonly [Heard, Heard];
  readonly hours: readonly HoursOrderInput[];
};
const aroundTheClock = { do: "set" as const, lines: ["24/7"] };
const plans: readonly Plan[] = [
  {
    hotline: "weekly",
    number: "2001",
    hears: ["no_agents", "closed"],
    hours: [{ do: "set", lines: ["mon-wed 0-24 thu-sun closed"] }],
  },
  {
    hotline: "dated",
    number: "2002",
    hears: ["closed", "no_agents"],
    hours: [
      { do: "set", lines: ["mon-sun closed"] },
      { ...aroundTheClock, from: "2026-01-01" },
    ],
  },
  {
    hotline: "exception",
    number: "2003",
    hears: ["no_agents", "special_1"],
    hours: [
      aroundTheClock,
      { do: "except", line: "2026-01-01 closed", reason: "Umzug", announcement: "special_1" },
    ],
  },
  {
    hotline: "holiday",
    number: "2004",
    hears: ["no_agents", "closed_holiday"],
    hours: [aroundTheClock, { do: "holidays", region: "TH" }],
  },
];

/** A call that was made, and what its caller heard. */
type Made = { readonly number: string; readonly from: string; readonly heard: Heard };
let calls = 0;

async function callAndListen(number: string, choices: readonly Heard[]): Promise<Made> {
  calls += 1;
  const from = `0305551${String(calls).padStart(3, "0")}`;
  const call = await system.call(number, { from });
  // Both say goodbye and hang up.
  await call.ended();
  const heard = choices.filter((name) => heardMs(call.recording(), hertz[name]) >= 500);
  assert.equal(heard.length, 1, `heard [${heard.join(", ")}]\n${call.describe()}`);
  return { number, from, heard: heard[0]! };
}

/** When each of the calls arrived for the daemon. */
async function withArrivals(made: readonly Made[]): Promise<(Made & { readonly atMs: number })[]> {
  const last = made.at(-1)?.from;
  await system.waitForCall("the record of the last call", ({ from }) => from === last);
  const records = new Map((await system.api.calls(1_000, null)).map((record) => [record.from, record]));
  return made.map((each) => ({ ...each, atMs: Date.parse(records.get(each.from)!.arrivedAt) }));
}

/** Restarts the daemon so that it is so much before midnight for it; gives by how much its clock differs. */
async function shortlyBeforeMidnight(leadMs: number): Promise<number> {
  await supervise(system, "down", "daemon");
  const shiftMs = midnight - leadMs - Date.now();
  setClockShift(system.home, shiftMs);
  await supervise(system, "up", "daemon");
  await system.waitFor("the daemon is back", ({ pbx }) => pbx.connected, 30_000);
  // On a busy machine the start may have taken all of it.
  return midnight - (Date.now() + shiftMs) >= 4_000 ? shiftMs : shortlyBeforeMidnight(3 * leadMs);
}

async function announce(hotline: string, name: Heard): Promise<void> {
  const file = join(system.home, `../${hotline}-${name}.wav`);
  writeWav(file, sine(hertz[name], 2_000));
  const contentBase64 = readFileSync(file).toString("base64");
  await system.api.importAnnouncement(hotline, name, { fileName: basename(file), contentBase64 });
}

test("four hotlines that open or close at midnight, each for another reason", {
  timeout: 120_000,
}, async () => {
  const { api } = system;
  for (const { hotline, number, hears, hours } of plans) {
    await api.addHotline({ id: hotline, name: hotline });
    await api.setNumber(number, { hotline, skills: [] });
    for (const order of hours) await api.changeHours(hotline, order);
    await Promise.all(hears.map((name) => announce(hotline, name)));
  }
  await Promise.all((["no_agents", "closed_adhoc"] as const).map((name) => announce("demo", name)));
});

test("at midnight: weekly hours, hours from a day on, an exception, a holiday", {
  timeout: 120_000,
}, async (t) => {
  const shiftMs = await shortlyBeforeMidnight(12_000);
  const toMidnightMs = () => midnight - Date.now() - shiftMs;
  const daemon = daemonPid(system);
  const callAll = () => plans.map(({ number, hears }) => callAndListen(number, hears));
  const making = callAll();
  // Real time must pass until the switch.
  for (const atMs of [-300, -50, 50, 300]) {
    await pause(Math.max(0, toMidnightMs() + atMs));
    making.push(...callAll());
  }
  const made = await withArrivals(await Promise.all(making));
  for (const { number, hotline, hears } of plans) {
    const own = made.filter((each) => each.number === number);
    for (const { atMs, heard } of own)
      assert.equal(heard, hears[atMs < midnight ? 0 : 1], `${hotline}, ${atMs - midnight} ms after midnight`);
    const distances = own.map(({ atMs }) => atMs - midnight).sort((one, other) => one - other);
    assert.ok(distances[0]! < 0 && distances.at(-1)! >= 0, `${hotline}: calls before and after`);
    t.diagnostic(`${hotline}: calls at ${distances.join(", ")} ms`);
  }
  assert.equal(daemonPid(system), daemon, "no restart");
});

test("closed and opened by an administrator, while calls come in", { timeout: 120_000 }, async (t) => {
  const daemon = daemonPid(system);
  const making: Promise<Made>[] = [];
  const callThreeTimes = async () => {
    for (let i = 0; i < 3; i++) {
      making.push(callAndListen("115", ["no_agents", "closed_adhoc"]));
      await pause(100);
    }
  };
  const close = { do: "close", reason: "Storm", until: null, forMs: 3_600_000 } as const;
  await callThreeTimes();
  await Promise.all([callThreeTimes(), system.api.changeHours("demo", close)]);
  await callThreeTimes();
  await Promise.all([callThreeTimes(), system.api.changeHours("demo", { do: "resume" })]);
  await callThreeTimes();

  const made = await withArrivals(await Promise.all(making));
  const [resumed, closed] = (await system.api.changes("hours demo", 2)).map(({ at }) => Date.parse(at));
  assert.ok(closed !== undefined && resumed !== undefined && closed < resumed);
  // In the very millisecond it may have been before or after.
  for (const { atMs, heard } of made.filter(({ atMs }) => atMs !== closed && atMs !== resumed))
    assert.equal(
      heard,
      closed < atMs && atMs < resumed ? "closed_adhoc" : "no_agents",
      `${atMs - closed} ms after closing, ${atMs - resumed} ms after opening`,
    );
  const between = made.filter(({ heard }) => heard === "closed_adhoc");
  assert.ok(between.length >= 3 && made.length - between.length >= 6);
  const distances = made.map(({ atMs }) => Math.min(Math.abs(atMs - closed), Math.abs(atMs - resumed)));
  t.diagnostic(`${made.length} calls, the nearest ${Math.min(...distances)} ms from a change`);
  assert.equal(daemonPid(system), daemon, "no restart");
});

testAftermath(system);
