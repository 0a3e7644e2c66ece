import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { hotlineChangeSchema } from "../../src/api/schemas.ts";
import { createAdminApi } from "../../src/cli/admin-api.ts";
import type { AgentId, CallId, HotlineId, PbxRun } from "../../src/core/ids.ts";
import { type Real, startReal } from "./real.ts";
import { hotline } from "./support.ts";

/** Runs one command that must succeed; gives what it printed as JSON. */
async function done(real: Real, ...args: string[]) {
  const { code, stdout, stderr } = await hotline(real.home, [...args, "--json"]);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" }, args.join(" "));
  return JSON.parse(stdout);
}

const setUp: readonly (readonly string[])[] = [
  ["hotline", "add", "sued", "--name", "Bürgertelefon Süd", "--yes"],
  [
    "hotline",
    "add",
    "nord",
    "--name",
    "Nord",
    "--strategy",
    "random",
    "--overflow",
    "full: move demo",
    "--yes",
  ],
  ["number", "add", "116", "sued", "--skills", "en", "--yes"],
];

suite("the real administration", { concurrency: 4 }, () => {
  test("a hotline from nothing to callers being served, and away again", async (t) => {
    const real = await startReal(t);
    const added = await done(real, "hotline", "add", "sued", "--name", "Süd", "--wrap-up", "5s", "--yes");
    assert.deepEqual(added.missing, ["hours", "number", "agents"]);
    assert.equal(added.wrapUpMs, 5_000);
    const { open, reason, nextOpening } = await done(real, "hours", "show", "--hotline", "sued");
    assert.deepEqual([open, reason, nextOpening], [false, "outside opening hours: none are set", null]);

    await done(real, "hours", "set", "--hotline", "sued", "mon-sun", "00:00-24:00", "--yes");
    const number = await done(real, "number", "add", "116", "sued", "--skills", "tax,EN", "--yes");
    assert.deepEqual(number, { number: "116", hotline: "sued", skills: ["en", "tax"], agents: 0 });
    await done(real, "agent", "assign", "201", "sued", "--tier", "2", "--skills", "en,tax", "--yes");
    await done(real, "agent", "assign", "202", "sued", "--yes");
    assert.equal((await done(real, "number", "list")).at(-1).agents, 1);
    const view = await done(real, "hotline", "show", "sued");
    assert.deepEqual(view.missing, []);
    assert.deepEqual(view.memberships, [
      { agent: "201", tier: 2, skills: ["en", "tax"] },
      { agent: "202", tier: 1, skills: [] },
    ]);

    // What is not named stays.
    const agent = await done(real, "agent", "assign", "201", "sued", "--skills", "none", "--yes");
    assert.deepEqual(agent.memberships, [
      { hotline: "demo", tier: 1, skills: [] },
      { hotline: "sued", tier: 2, skills: [] },
    ]);
    await done(real, "agent", "unassign", "202", "sued", "--yes");
    await done(real, "number", "remove", "116", "--yes");
    await done(real, "hotline", "remove", "sued", "--yes");
    const stored = await real.store.load();
    assert.deepEqual(
      stored.hotlines.map(({ id }) => id),
      ["demo"],
    );
    assert.ok(stored.agents.every(({ memberships }) => memberships.every((each) => each.hotline === "demo")));
  });

  test("what show prints can be given again", async (t) => {
    const real = await startReal(t);
    await done(real, "hotline", "add", "sued", "--name", "Süd", "--yes");
    const options = [
      ...["--name", "Neu", "--strategy", "least-talk", "--priority", "-7", "--ring-timeout", "3s"],
      ...["--ring-next-after", "90s", "--next-tier-after", "2m", "--wrap-up", "1500ms", "--auto-pause", "0"],
      ...["--max-waiting", "7", "--max-wait", "2h", "--short-abandon", "0s", "--resume-within", "10m"],
      ...["--closing-grace", "none", "--greeting-must-finish", "yes"],
      ...["--periodic", "waiting_2 61s", "--periodic", "expected_wait 45s"],
      ...["--overflow", "waited 90s: next-tier", "--overflow", "all_paused: announce overflow"],
      ...["--overflow", "full: hang-up full", "--overflow", "closed: forward +4936112345"],
      ...["--overflow", "no_agents: move sued"],
    ];
    const before = await done(real, "hotline", "set", "demo", ...options, "--yes");
    // Where an overflow step leads, no number is missing.
    assert.deepEqual((await done(real, "hotline", "show", "sued")).missing, ["hours", "agents"]);
    const { stdout } = await hotline(real.home, ["hotline", "show", "demo"]);
    const again: string[] = [];
    let name = "";
    for (const line of stdout.split("\n").slice(1)) {
      const [, label = "", value = ""] = /^ {2}(\S*) +(.*?)(?: {2}\(.*\))?$/.exec(line) ?? [];
      name = label === "" ? name : label;
      if (name === "numbers") break;
      again.push(`--${name}`, value);
    }
    assert.equal(again.length, options.length);
    // Everything is set to something else in between.
    const other = ["--overflow", "none", "--periodic", "none", "--closing-grace", "1h", "--priority", "1"];
    await done(real, "hotline", "set", "demo", ...other, "--yes");
    assert.deepEqual(await done(real, "hotline", "set", "demo", ...again, "--yes"), before);
    const stored = (await real.store.load()).hotlines.find(({ id }) => id === "demo")!;
    assert.deepEqual(stored, real.state.hotlines.get("demo" as HotlineId));
  });

  test("wrap-up is extended and ended, a pause has a reason from the list", async (t) => {
    const real = await startReal(t, ["Mittag", "Besprechung"]);
    await inWrapUp(real, "201" as AgentId);
    assert.equal(
      (await done(real, "agent", "wrapup", "201", "extend", "--by", "1h", "--yes")).state,
      "wrap_up",
    );
    assert.equal((await done(real, "agent", "wrapup", "201", "end", "--yes")).state, "ready");
    const again = await hotline(real.home, ["agent", "wrapup", "201", "end", "--yes"]);
    assert.deepEqual(again, {
      code: 1,
      stdout: "",
      stderr: "hotline: Agent 201 is not in wrap-up. See: hotline agent list\n",
    });

    const unknown = await hotline(real.home, ["agent", "pause", "201", "--reason", "Kaffee", "--yes"]);
    assert.deepEqual(unknown, {
      code: 2,
      stdout: "",
      stderr:
        'hotline: "Kaffee" is no reason for a pause here. Allowed: Mittag, Besprechung (agents.pauseReasons in hotline.yaml)\n',
    });
    assert.equal((await done(real, "agent", "show", "201")).state, "ready");
    assert.equal((await done(real, "agent", "pause", "201", "--reason", "mittag", "--yes")).reason, "Mittag");
    assert.equal((await done(real, "agent", "pause", "201", "--yes")).reason, null);
  });

  test("close --now lets those go who wait, close alone does not", async (t) => {
    const real = await startReal(t);
    real.tell({ type: "pbx_snapshot", run: "first" as PbxRun, callers: [], legs: [], talks: [], phones: [] });
    await done(real, "agent", "login", "201", "--yes");
    await done(real, "agent", "pause", "201", "--yes");
    real.tell({ type: "phone_changed", agent: "201" as AgentId, phone: "reachable" });
    real.tell({ type: "call_arrived", call: "c1" as CallId, number: "115", from: null });
    await done(real, "hours", "close", "--for", "1h", "--reason", "Storm", "--yes");
    assert.equal((await done(real, "status")).calls[0].phase, "waiting");
    await done(real, "hours", "close", "--now", "--for", "1h", "--reason", "Fire", "--yes");
    assert.equal((await done(real, "status")).calls[0].phase, "ended");
    const call = await done(real, "calls", "show", "c1");
    assert.deepEqual(
      [call.outcome, call.reason, call.servedBy, call.forwardedTo],
      ["timed_out", "closing", null, null],
    );
  });
});

/** The agent has just finished a conversation. */
async function inWrapUp(real: Real, agent: AgentId): Promise<void> {
  const { tell, state } = real;
  tell({
    type: "pbx_snapshot",
    run: "first" as PbxRun,
    callers: [],
    legs: [],
    talks: [],
    phones: [{ agent, phone: "reachable" }],
  });
  await done(real, "agent", "login", agent, "--yes");
  const call = "c1" as CallId;
  tell({ type: "call_arrived", call, number: "115", from: null });
  await done(real, "status");
  const { work } = state.agents.get(agent)!;
  assert.ok(work.kind === "offered");
  tell({ type: "leg_answered", leg: work.leg });
  await done(real, "status");
  const { phase } = state.calls.get(call)!;
  assert.ok(phase.kind === "offering" && phase.claim.kind === "connecting");
  tell({ type: "connected", call, bridge: phase.claim.bridge });
  tell({ type: "leg_ended", leg: work.leg, cause: 16, sipCode: null });
  assert.equal((await done(real, "agent", "show", agent)).state, "wrap_up");
}

/** Each ends so, with one line, and changes nothing. */
const refusals: readonly (readonly [string[], number, RegExp])[] = [
  [
    ["hotline", "add", "demo", "--name", "X"],
    1,
    /Hotline "demo" exists already\. See: hotline hotline show demo/,
  ],
  [["hotline", "add", "a b", "--name", "X"], 2, /A hotline's id is 1 to 32 letters, digits/],
  [["hotline", "add", "west", "--name", "Zwei\nZeilen"], 2, /must not contain line breaks/],
  [["hotline", "add", "west", "--name", "X", "--overflow", "full: move west"], 1, /"west" to "west"/],
  [
    ["hotline", "add", "west", "--name", "X", "--overflow", "full: move ost"],
    1,
    /"ost", which does not exist/,
  ],
  [
    ["hotline", "set", "dmeo", "--wrap-up", "5s"],
    1,
    /There is no hotline "dmeo"\. There is: demo, sued, nord/,
  ],
  [["hotline", "set", "--wrap-up", "5s"], 2, /which hotline\? Name one of: demo, sued, nord/],
  [
    ["hotline", "set", "demo", "--overflow", "waited 2m: move nord"],
    1,
    /Overflow would go round in a circle: "demo" to "nord" to "demo"\. Nothing was changed\./,
  ],
  [["hotline", "set", "demo", "--overflow", "waited 2m: move west"], 1, /"west", which does not exist/],
  [
    ["hotline", "set", "demo", "--overflow", "full: announce overflow"],
    2,
    /lets callers stay when it is full/,
  ],
  [
    ["hotline", "set", "demo", "--overflow", "closed: next-tier"],
    2,
    /brings in the next tier when it is closed/,
  ],
  [["hotline", "remove", "sued"], 1, /Number 116 leads to hotline "sued".*hotline number remove 116/],
  [["hotline", "remove", "west"], 1, /There is no hotline "west"/],
  [["number", "add", "115", "west"], 1, /There is no hotline "west"/],
  [["number", "add", "12a", "demo"], 2, /A number is 1 to 20 digits/],
  [["number", "remove", "117"], 1, /Number 117 leads to no hotline\. See: hotline number list/],
  [["agent", "add", "forward", "--name", "X", "--hotline", "demo"], 2, /An agent cannot be called "forward"/],
  [["agent", "add", "301", "--name", "X", "--hotline", "west"], 1, /There is no hotline "west"/],
  [["agent", "show", "299"], 1, /There is no agent "299"\. See: hotline agent list/],
  [["agent", "assign", "299", "demo"], 1, /There is no agent "299"/],
  [["agent", "assign", "201", "west"], 1, /There is no hotline "west"/],
  [["agent", "unassign", "201", "sued"], 1, /Agent 201 does not serve hotline "sued"/],
  [["agent", "wrapup", "201", "extend"], 1, /Agent 201 is not in wrap-up/],
];

test("what cannot be done is said in one line and changes nothing", async (t) => {
  const real = await startReal(t);
  for (const args of setUp) await done(real, ...args);
  const api = createAdminApi(real.home);
  const everything = async () => [await api.hotlines(), await api.numbers(), await api.agents()];
  const before = await everything();
  for (const [args, code, says] of refusals) {
    await t.test(args.join(" "), async () => {
      const takesYes = args[1] !== "show";
      const result = await hotline(real.home, [...args, ...(takesYes ? ["--yes"] : [])]);
      assert.match(result.stderr, says);
      assert.match(result.stderr, /^hotline: [^\n]*\n$/, "one line");
      assert.deepEqual([result.code, result.stdout], [code, ""]);
      assert.deepEqual(await everything(), before);
    });
  }
});

suite("the schema takes no step that means nothing", () => {
  const action = { kind: "next_tier" };
  for (const [what, overflow, says] of [
    ["an unknown condition", [{ when: { kind: "bored" }, action }], /The condition must be one of: full,/],
    [
      "an unknown action",
      [{ when: { kind: "full" }, action: { kind: "sing" } }],
      /The action must be one of/,
    ],
    ["a wait without a length", [{ when: { kind: "waited" }, action }], /expected int|expected number/],
    ["too much", [{ when: { kind: "full", afterMs: 1000 }, action }], /Unrecognized key/],
    [
      "a number that is none",
      [{ when: { kind: "full" }, action: { kind: "forward", number: "1&2" } }],
      /3 to 20/,
    ],
    [
      "an unknown announcement",
      [{ when: { kind: "full" }, action: { kind: "hang_up", announcement: "x" } }],
      /one of: greeting/,
    ],
  ] as const) {
    test(what, () => {
      const parsed = hotlineChangeSchema.safeParse({ overflow });
      assert.ok(!parsed.success);
      assert.match(parsed.error.issues.map(({ message }) => message).join(), says);
    });
  }
});
