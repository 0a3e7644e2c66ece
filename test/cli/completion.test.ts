import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import { complete, type Source, scripts } from "../../src/cli/completion.ts";
import { createProgram } from "../../src/cli/program.ts";
import { hotline, hotlineProgram, makeHome, ok, refused, runProgram, startFake } from "./support.ts";

const program = createProgram(() => undefined);
const ids: Partial<Record<Source, string[]>> = {
  agents: ["201", "202"],
  hotlines: ["demo", "sued"],
  numbers: ["115"],
};

async function offered(...words: string[]): Promise<string[]> {
  const { candidates, files } = await complete(program, words, async (source) =>
    (ids[source] ?? []).map((value) => ({ value, about: "" })),
  );
  return [...candidates.map(({ value }) => value), ...(files ? [":files"] : [])];
}

suite("what may come next", () => {
  const cases: [words: string[], offers: string[]][] = [
    [
      ["agent", "lo"],
      ["login", "logout"],
    ],
    [
      ["agent", "login", ""],
      ["201", "202"],
    ],
    [["agent", "login", "201", ""], []],
    [
      ["agent", "assign", "201", ""],
      ["demo", "sued"],
    ],
    [
      ["agent", "sheet", "201", "20"],
      ["201", "202"],
    ],
    [["agent", "add", ""], []],
    [
      ["agent", "wrapup", "201", ""],
      ["end", "extend"],
    ],
    [["agent", "pause", "--reason", ""], []],
    [
      ["agent", "pause", "--reason", "lunch", ""],
      ["201", "202"],
    ],
    [["agent", "import", ""], [":files"]],
    [["agent", "import", "a.csv", "--out", ""], [":files"]],
    [
      ["hours", "show", "--hotline", ""],
      ["demo", "sued"],
    ],
    [["hours", "show", "--hotline", "=", "s"], ["sued"]],
    [["hours", "show", "--hotline=s"], ["--hotline=sued"]],
    [
      ["hotline", "set", "--strategy", "r"],
      ["ring-all", "round-robin", "random"],
    ],
    [
      ["--json", "hotline", "show", ""],
      ["demo", "sued"],
    ],
    [["number", "remove", ""], ["115"]],
    [
      ["number", "add", "116", ""],
      ["demo", "sued"],
    ],
    [
      ["announce", "import", "demo", "waiting"],
      ["waiting_1", "waiting_2", "waiting_3"],
    ],
    [
      ["completion", ""],
      ["bash", "zsh", "fish"],
    ],
    [["agent", "login", "--y"], ["--yes"]],
    [["agent", "login", "--", "-"], []],
    [["nothing", "of", "this", ""], []],
  ];
  for (const [words, offers] of cases)
    test(words.join(" "), async () => assert.deepEqual(await offered(...words), offers));

  test("all commands at the beginning, but those for the shell", async () => {
    const first = await offered("");
    for (const command of ["status", "agent", "hours", "help"]) assert.ok(first.includes(command), command);
    assert.ok(!first.includes("complete"));
  });
});

suite("completion", { concurrency: 3 }, () => {
  test("no daemon, or one in trouble: nothing, and not a word about it", async (t) => {
    const words = ["complete", "--", "agent", "login", ""];
    const nothing = { code: 0, stdout: "", stderr: "" };
    assert.deepEqual(await hotline(makeHome(t), words), nothing);
    const fake = await startFake(t, { "GET /agents": refused(503, "x", "y") });
    assert.deepEqual(await hotline(fake.home, words), nothing);
    const strange = await startFake(t, { "GET /agents": ok({ not: "a list" }) });
    assert.deepEqual(await hotline(strange.home, words), nothing);
  });

  test("an id that a shell or a terminal would stumble over is not offered", async (t) => {
    const fake = await startFake(t, {
      "GET /agents": ok([{ id: "2 01" }, { id: "20'1" }, { id: "203", name: "A\u001b[2J" }]),
    });
    const { stdout } = await hotline(fake.home, ["complete", "--", "agent", "login", ""]);
    assert.equal(stdout, "203\tA?[2J\n");
  });

  test("a real bash completes commands, options, ids and files", async (t) => {
    const fake = await startFake(t, { "GET /agents": ok([{ id: "201" }, { id: "305" }]) });
    const folder = join(makeHome(t), "bin");
    mkdirSync(folder);
    symlinkSync(hotlineProgram, join(folder, "hotline"));
    writeFileSync(join(folder, "my-agents.csv"), "");
    writeFileSync(join(folder, "script"), scripts.bash);
    // What the line has become is printed instead of carried out.
    writeFileSync(
      join(folder, "rc"),
      `PS1='ready> '; PATH=${folder}:$PATH; cd ${folder}; bind 'set enable-bracketed-paste off'; source ./script
hotline() { if [[ $1 == complete ]]; then command hotline "$@"; else echo "ran: $*."; fi; }
`,
    );
    const cases = [
      ["stat", "status"],
      ["agent logi", "agent login"],
      ["agent login 3", "agent login 305"],
      ["agent login --y", "agent login --yes"],
      ["hours show --hotline=d", "hours show --hotline=demo"],
      ["agent import my", "agent import my-agents.csv"],
    ];
    const { stdout } = await runProgram(
      "script",
      ["-qec", `bash --noprofile --rcfile ${join(folder, "rc")} -i`, "/dev/null"],
      { HOTLINE_HOME: fake.home, TERM: "dumb", HISTFILE: "/dev/null", INPUTRC: "/dev/null" },
      {
        prompt: "ready> ",
        typed: `${cases.map(([begun]) => `hotline ${begun}\t\n`).join("")}exit\n`,
      },
    );
    const ran = [...stdout.matchAll(/ran: (.*?) ?\.\r/g)].map((match) => match[1]);
    assert.deepEqual(
      ran,
      cases.map(([, whole]) => whole),
    );
  });
});
