import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { applyChange, type LiveAgent, type LiveCall, type LiveSnapshot } from "../../src/api/live.ts";
import { percentText, timeText } from "../../src/cli/figures.ts";
import { changeLines } from "../../src/cli/watch/lines.ts";
import { narrowing } from "../../src/cli/watch/narrow.ts";
import { screenLines, share } from "../../src/cli/watch/screen.ts";
import { differenceText } from "../../src/cli/watch/terminal.ts";
import type { View } from "../../src/cli/watch/view.ts";
import { fit, width } from "../../src/cli/width.ts";

process.env.TZ = "UTC";
const nowMs = Date.UTC(2026, 10, 23, 12, 1, 7);
const ago = (seconds: number) => new Date(nowMs - seconds * 1000).toISOString();

const today = {
  offered: 1204,
  answered: 1100,
  answeredInTime: 812,
  abandoned: 61,
  abandonedShort: 23,
  otherwise: 20,
  reachability: 1100 / 1204,
  serviceLevel: 812 / 1181,
  asaMs: 41_300,
};
const quiet = {
  ...today,
  offered: 0,
  answered: 0,
  answeredInTime: 0,
  abandoned: 0,
  abandonedShort: 0,
  otherwise: 0,
  reachability: null,
  serviceLevel: null,
  asaMs: null,
};
const none = { ready: 0, offered: 0, talking: 0, wrap_up: 0, paused: 0, busy: 0, offline: 0, logged_out: 0 };

const names = ["Erika Muster", "Jürgen Größer", "山田太郎", "Zoë Łukasz-Żółkiewska", "Max Beispiel"];
const states = ["ready", "offered", "talking", "talking", "wrap_up", "paused", "offline", "busy"] as const;
const agents = Array.from({ length: 14 }, (_, i): LiveAgent => {
  const state = i < 10 ? states[i % states.length]! : "logged_out";
  return {
    id: `${201 + i}`,
    name: names[i % names.length]!,
    state,
    reason: state === "paused" ? "Mittagspause" : null,
    since: i === 5 ? null : ago(20 + i * 75),
    until: state === "wrap_up" ? ago(-7) : null,
    hotlines: i % 3 === 0 ? ["buerger", "umwelt"] : ["buerger"],
  };
});

const call = (id: number, row: Partial<LiveCall>): LiveCall => ({
  id: `1795434067.${id}`,
  hotline: "buerger",
  from: `…${100 + id}`,
  phase: "waiting",
  arrivedAt: ago(id * 11),
  waitingSince: ago(id * 11),
  talkingSince: null,
  agents: [],
  forwardedTo: null,
  outcome: null,
  ...row,
});
const calls = [
  call(31, { phase: "offering", agents: ["202", "210"] }),
  ...[1, 2, 3, 4, 5].map((id) => call(id, {})),
  call(6, { from: null, phase: "listening" }),
  call(40, { phase: "connected", agents: ["203"], talkingSince: ago(400) }),
  call(41, { phase: "connected", agents: ["204"], talkingSince: ago(12) }),
  call(42, { phase: "forwarded", forwardedTo: "+4936198", talkingSince: ago(90), hotline: "umwelt" }),
  call(43, { phase: "ended", outcome: "timed_out" }),
];

const live: LiveSnapshot = {
  type: "snapshot",
  at: ago(0),
  target: { percent: 75, withinMs: 30_000 },
  pbx: { connected: true, version: "22.10.1" },
  alarms: [
    { code: "store", message: "The disk is full: /var/lib/hotlined has 0 bytes left.", since: ago(60) },
  ],
  hotlines: [
    {
      id: "buerger",
      name: "Bürgertelefon Thüringen",
      timeZone: "Europe/Berlin",
      open: true,
      reason: "opening hours",
      waiting: 7,
      waitingSince: ago(341),
      agents: {
        ...none,
        ready: 2,
        offered: 2,
        talking: 2,
        wrap_up: 1,
        paused: 1,
        offline: 1,
        busy: 1,
        logged_out: 4,
      },
      today,
    },
    {
      id: "umwelt",
      name: "Umwelttelefon",
      timeZone: "Europe/Berlin",
      open: false,
      reason: "outside opening hours, opens 24 Nov 2026, 08:00",
      waiting: 0,
      waitingSince: null,
      agents: { ...none, ready: 1, talking: 1, logged_out: 1 },
      today: quiet,
    },
  ],
  agents,
  calls,
};

const view: View = { live, only: null, awaySince: null, clockOffsetMs: 0 };
const calm: View = { ...view, live: { ...live, alarms: [], calls: [] } };

/** Compares with the file, or writes it anew with UPDATE_SCREENS=1: read the difference then. */
function assertScreen(name: string, lines: readonly string[]): void {
  const path = join(import.meta.dirname, "screens", `${name}.txt`);
  const text = `${lines.join("\n")}\n`;
  if (process.env.UPDATE_SCREENS === "1" || !existsSync(path)) writeFileSync(path, text);
  assert.equal(text, readFileSync(path, "utf8"));
}

suite("the screen", () => {
  for (const [columns, rows] of [
    [80, 24],
    [60, 20],
    [200, 50],
  ] as const) {
    test(`${columns} columns, ${rows} rows`, () => {
      const lines = screenLines(view, { columns, rows }, false, nowMs);
      assertScreen(`${columns}x${rows}`, lines);
      assert.equal(lines.length, rows);
      for (const line of lines) assert.ok(width(line) <= columns, line);
    });
  }

  test("without a daemon, at rest, of one hotline only", () => {
    const away = { ...calm, only: "umwelt", awaySince: nowMs - 12_000 };
    assertScreen("away", screenLines(away, { columns: 80, rows: 24 }, false, nowMs));
  });

  test("colours change nothing but the colours", () => {
    const size = { columns: 80, rows: 24 };
    const coloured = screenLines(view, size, true, nowMs);
    assert.ok(coloured.join("").includes("\x1b[31m"));
    assert.deepEqual(
      coloured.map((line) => stripVTControlCharacters(line).trimEnd()),
      screenLines(view, size, false, nowMs).map((line) => line.trimEnd()),
    );
  });

  test("fits any window", () => {
    for (let columns = 1; columns <= 220; columns += 7)
      for (let rows = 1; rows <= 60; rows += 3) {
        const lines = screenLines(view, { columns, rows }, true, nowMs);
        assert.ok(lines.length <= rows, `${columns}x${rows}: ${lines.length} lines`);
        for (const line of lines) assert.ok(width(line) <= columns, `${columns}x${rows}: ${line}`);
      }
  });

  test("the clocks of daemon and terminal may differ", () => {
    const size = { columns: 80, rows: 24 };
    const ahead = { ...view, clockOffsetMs: 3_600_000 };
    const body = (lines: readonly string[]) => lines.slice(1);
    assert.deepEqual(
      body(screenLines(ahead, size, false, nowMs - 3_600_000)),
      body(screenLines(view, size, false, nowMs)),
    );
  });

  test("what strangers send cannot steer the terminal", () => {
    const evil = { ...view, live: { ...live, calls: [call(1, { from: "\x1b[2J\n…1" })] } };
    const text = screenLines(evil, { columns: 80, rows: 24 }, false, nowMs).join("");
    assert.ok(!text.includes("\x1b") && !text.includes("\n"));
  });
});

test("only the lines that differ are written", () => {
  assert.equal(differenceText(["a", "b"], ["a", "c"]), "\x1b[2;1Hc\x1b[K");
  assert.equal(differenceText(["a", "b"], ["a", "b"]), "");
  assert.equal(differenceText(["a", "b"], ["a"]), "\x1b[2;1H\x1b[K");
  assert.equal(differenceText([], ["a"]), "\x1b[2J\x1b[1;1Ha\x1b[K");
});

test("columns of wide, narrow and combined characters", () => {
  for (const [text, columns] of [
    ["Größer", 6],
    ["Gro\u0308ßer", 6],
    ["山田", 4],
    ["👍", 2],
    ["\x1b[31mrot\x1b[39m", 3],
  ] as const)
    assert.equal(width(text), columns, text);
  assert.equal(fit("山田太郎", 6), "山田… ");
  assert.equal(fit("Größer", 4), "Grö…");
  assert.equal(fit("7", 3, "right"), "  7");
  assert.equal(fit("x", 0), "");
});

test("lengths and shares", () => {
  assert.deepEqual([0, 7_900, 760_000, 3_727_000, -5].map(timeText), [
    "0:00",
    "0:07",
    "12:40",
    "1:02:07",
    "0:00",
  ]);
  assert.deepEqual([null, 0, 1, 0.9999, 0.29].map(percentText), ["-", "0.0%", "100.0%", "99.9%", "29.0%"]);
  assert.deepEqual(share([1, 5, 2], 5), [1, 2, 2]);
  assert.deepEqual(share([1, 1], 9), [1, 1]);
  assert.deepEqual(share([3, 3], -1), [0, 0]);
});

suite("a line for each change", () => {
  test("all there is, then what is different", () => {
    const small: View = { ...view, live: { ...live, agents: agents.slice(0, 1), calls: calls.slice(0, 1) } };
    const all = changeLines(null, small, nowMs);
    assert.deepEqual(all.slice(-2), [
      "12:01:07 agent 201: Erika Muster: ready",
      "12:01:07 call 1795434067.31: buerger, from …131: ringing 202, 210",
    ]);
    assert.ok(all.some((line) => line.startsWith("12:01:07 ALARM: The disk is full")));
    const after = applyChange(small.live, {
      type: "changed",
      at: ago(-1),
      alarms: [],
      agents: [{ ...agents[0]!, state: "paused", reason: "lunch" }],
      removed: { calls: [calls[0]!.id] },
    });
    assert.deepEqual(changeLines(small, { ...small, live: after }, nowMs), [
      "12:01:07 alarm over: The disk is full: /var/lib/hotlined has 0 bytes left.",
      "12:01:07 agent 201: Erika Muster: paused (lunch)",
      "12:01:07 call 1795434067.31: gone",
    ]);
    assert.deepEqual(changeLines(small, small, nowMs), []);
  });
});

test("events of one hotline: who leaves it is gone, the others are not spoken of", () => {
  const narrow = narrowing("umwelt");
  const first = narrow(live);
  assert.deepEqual(
    [first?.hotlines?.length, first?.agents?.length, first?.calls?.length],
    [1, agents.filter(({ hotlines }) => hotlines.includes("umwelt")).length, 1],
  );
  const change = { type: "changed", at: ago(-1) } as const;
  assert.equal(narrow({ ...change, calls: [calls[0]!], agents: [agents[1]!] }), null);
  assert.equal(narrow({ ...change, removed: { calls: [calls[0]!.id] } }), null);
  const moved = { ...calls[9]!, hotline: "buerger" };
  assert.deepEqual(narrow({ ...change, calls: [moved] }), { ...change, removed: { calls: [moved.id] } });
  assert.deepEqual(narrow({ ...change, calls: [{ ...moved, hotline: "umwelt" }] })?.calls?.length, 1);
});
