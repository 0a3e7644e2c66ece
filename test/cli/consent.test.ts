import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import { hotline, hotlineProgram, runProgram, startFake } from "./support.ts";

const changes: string[][] = [
  ["agent", "add", "201", "--name", "Erika"],
  ["agent", "import", "/dev/null"],
  ["agent", "remove", "201"],
  ["agent", "login", "201"],
  ["agent", "logout", "201"],
  ["agent", "pause", "201"],
  ["agent", "resume", "201"],
  ["agent", "assign", "201", "demo"],
  ["agent", "unassign", "201", "demo"],
  ["agent", "wrapup", "201", "end"],
  ["number", "add", "116", "demo"],
  ["number", "remove", "116"],
  ["hotline", "add", "sued", "--name", "Süd"],
  ["hotline", "remove", "sued"],
  ["hours", "set", "mon-fri", "08:00-18:00"],
  ["hours", "close", "--reason", "Storm"],
  ["hours", "open", "--reason", "Storm"],
  ["hours", "except", "24.12.", "closed", "--reason", "Storm"],
  ["hours", "holidays", "TH"],
  ["hours", "share", "sued", "demo"],
  ["hours", "zone", "Europe/Berlin"],
  ["hours", "resume"],
  ["hotline", "set", "--wrap-up", "5s"],
  ["undo", "7"],
  ["announce", "import", "demo", "greeting", "/dev/null"],
  ["apply", "/dev/null"],
  ["announce", "say", "demo", "closed", "Auf Wiederhören."],
  ["announce", "reset", "demo", "closed"],
  ["announce", "record", "demo", "greeting", "--agent", "201"],
];

suite("without --yes and without a terminal nothing is changed", { concurrency: 4 }, () => {
  for (const args of changes) {
    test(args.join(" "), async (t) => {
      const fake = await startFake(t);
      const result = await hotline(fake.home, [...args, "--json"]);
      assert.deepEqual(result, {
        code: 2,
        stdout: "",
        stderr: "hotline: this changes something and there is no terminal to ask on; add --yes to do it\n",
      });
      assert.deepEqual(fake.requests, []);
    });
  }
});

/** Both outputs come back as one, as on a screen. */
function onTerminal(home: string, args: readonly string[], typed: string, env: NodeJS.ProcessEnv = {}) {
  const line = [hotlineProgram, ...args].map((word) => `'${word}'`).join(" ");
  const screen = { HOTLINE_HOME: home, TERM: "xterm", ...env };
  return runProgram("script", ["-qec", line, "/dev/null"], screen, { prompt: "[y/N] ", typed });
}

suite("on a terminal it asks", { concurrency: 3 }, () => {
  test("yes", async (t) => {
    const fake = await startFake(t);
    const { code, stdout } = await onTerminal(fake.home, ["hotline", "set", "--wrap-up", "5s"], "y\n");
    assert.match(stdout, /Change demo: wrap-up 10s -> 5s\? \[y\/N\]/);
    assert.equal(code, 0);
    assert.deepEqual(
      fake.changes().map(({ body }) => body),
      [{ wrapUpMs: 5_000 }],
    );
  });

  for (const [args, question] of [
    [
      ["hotline", "set", "--overflow", "waited 90s: next-tier"],
      /Change demo: overflow waited 2m: move sued \| no_agents: hang-up no_agents -> waited 90s: next-tier\?/,
    ],
    [["hotline", "add", "sued", "--name", "Nord"], /Add hotline sued \(name Nord\)\?/],
    [
      ["number", "add", "+4936112345", "sued"],
      /Let \+4936112345 lead to hotline sued\? It leads to hotline demo, for agents with en, tax now\./,
    ],
    [["number", "add", "116", "sued"], /Let 116 lead to hotline sued\? \[y/],
    [["hours", "close", "--now", "--reason", "Fire"], /reason "Fire"\? All who wait are let go too\./],
    [["agent", "assign", "201", "demo", "--tier", "2"], /Let agent 201 serve demo, tier 2\?/],
  ] as const) {
    test(args.join(" "), async (t) => {
      const fake = await startFake(t);
      const { stdout } = await onTerminal(fake.home, args, "n\n");
      assert.match(stdout, question);
      assert.deepEqual(fake.changes(), []);
    });
  }

  test("a change of hours says what will differ, and who waits", async (t) => {
    const fake = await startFake(t);
    const { stdout } = await onTerminal(fake.home, ["hours", "set", "mon", "8-14"], "yes\n", {
      NO_COLOR: "1",
    });
    assert.match(
      stdout,
      /Mon {2}2 Mar: was 08:00–18:00, will be 08:00–14:00\s+now: stays open \(opening hours\)\s+the same at sued, whose hours these are\s+3 callers are waiting\s[^?]*Make this change\? \[y\/N\]/,
    );
    assert.equal(fake.changes().length, 1);
  });

  for (const [name, typed] of [
    ["no", "n\n"],
    ["just Enter", "\n"],
    ["Ctrl-C", "\u0003"],
    ["Ctrl-D", "\u0004"],
  ] as const) {
    test(name, async (t) => {
      const fake = await startFake(t);
      const { code, stdout } = await onTerminal(fake.home, ["agent", "remove", "201"], typed);
      assert.match(stdout, /Remove agent 201 for good\?.* \[y\/N\]/);
      assert.match(stdout, /hotline: nothing was changed/);
      assert.equal(code, 1);
      assert.deepEqual(fake.changes(), []);
    });
  }

  test("colours, unless NO_COLOR is set", async (t) => {
    const fake = await startFake(t);
    const colour = "\u001b[";
    const plain = await onTerminal(fake.home, ["status"], "", { NO_COLOR: "1" });
    assert.ok(!plain.stdout.includes(colour));
    const coloured = await onTerminal(fake.home, ["status"], "");
    assert.ok(coloured.stdout.includes(colour));
  });

  test("a file to import is read before the question", async (t) => {
    const fake = await startFake(t);
    const file = join(fake.home, "a.wav");
    writeFileSync(file, "RIFF");
    const { stdout } = await onTerminal(fake.home, ["announce", "import", "demo", "greeting", file], "y\n");
    assert.match(stdout, /Callers of demo will hear .*a\.wav as "greeting"\. Go on\? \[y\/N\]/);
    assert.equal(fake.changes().length, 1);
  });
});
