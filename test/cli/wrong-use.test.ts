import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { hotline, makeHome, refused, startFake } from "./support.ts";

/** None of these may get as far as a request: the home has no daemon, and not running would be exit code 1. */
const cases: [args: string[], says: RegExp][] = [
  [[], /a command is missing .*see hotline --help/],
  [["stauts"], /unknown command 'stauts'; did you mean status\? see hotline --help/],
  [["agent"], /a command is missing .*"hotline agent": add, .*list/],
  [["close", "--reason", "x"], /unknown command 'close'; did you mean hours close\? see hotline --help/],
  [["remove", "201"], /did you mean agent remove, or hotline remove, or number remove\?/],
  [["agent", "lst"], /unknown command 'lst'; did you mean list\?/],
  [["--josn", "status"], /unknown option '--josn'; did you mean --json\?/],
  [["status", "extra"], /too many arguments/],
  [["agent", "login", "--yes"], /missing required argument 'id'/],
  [["agent", "login", " ", "--yes"], /must not be empty/],
  [["agent", "add", "201", "--yes"], /required option '--name <name>' not specified/],
  [["agent", "add", "201", "--yes", "--name"], /option '--name <name>' argument missing/],
  [["hours", "close", "--yes"], /required option '--reason <text>' not specified/],
  [["hours", "close", "--reason", "x", "--for", "soon", "--yes"], /'soon' is invalid.*0s, 20s, 10m, 2h/],
  [["hours", "close", "--reason", "x", "--for", "0s", "--yes"], /--for: 0s is not allowed; from 1s/],
  [["hours", "except", "24.12.", "zu", "--yes"], /required option '--reason <text>' not specified/],
  [["hours", "except", "24.12.", "zu", "--reason", "x", "--announcement", "greeting", "--yes"], /special_1/],
  [["hours", "holidays", "TH"], /there is no terminal to ask on; add --yes/],
  [["hours", "share", "sued", "--yes"], /missing required argument 'other'/],
  [["hours", "show", "--days", "0"], /'0' is invalid/],
  [["explain", "--waiting", "many"], /Allowed: a whole number/],
  [["hours", "close", "--reason", "x", "--until", "14:00", "--for", "2h", "--yes"], /cannot be used with/],
  [["history", "show", "zwei"], /'zwei' is invalid.*a whole number/],
  [["undo", "0", "--yes"], /'0' is invalid.*from 1/],
  [["hours", "set", "--yes"], /missing required argument 'words'/],
  [["hotline", "set", "demo", "--yes"], /nothing to change; name at least one of: --name/],
  [["hotline", "set", "demo", "--ring-timeout", "20", "--yes"], /'20' is invalid.*20s/],
  [
    ["hotline", "set", "demo", "--ring-timeout", "1s", "--yes"],
    /--ring-timeout: 1s is not allowed \(at least 3s\)/,
  ],
  [["hotline", "set", "demo", "--max-waiting", "-1", "--yes"], /--max-waiting/],
  [["hotline", "set", "demo", "--max-waiting", "20000", "--yes"], /20000 is not allowed \(at most 10000\)/],
  [
    ["hotline", "set", "demo", "--strategy", "loudest", "--yes"],
    /Allowed choices are longest-idle, ring-all/,
  ],
  [["hotline", "add", "sued", "--yes"], /'--name <name>' not specified; see hotline hotline add --help/],
  [["hotline", "add", "--name", "Süd", "--yes"], /missing required argument 'id'/],
  [
    ["hotline", "set", "demo", "--hotline", "sued", "--wrap-up", "5s", "--yes"],
    /which hotline: demo or sued\?/,
  ],
  [
    ["hotline", "set", "--strategie", "random", "--yes"],
    /unknown option '--strategie'; did you mean --strategy\?/,
  ],
  [["hotline", "set", "--priority", "101", "--yes"], /Allowed: a whole number from -100 to 100/],
  [["hotline", "set", "--wrap-up", "-5s", "--yes"], /'-5s' is invalid.*0s, 20s, 10m, 2h/],
  [
    ["hotline", "set", "--next-tier-after", "0s", "--yes"],
    /--next-tier-after: 0s is not allowed \(at least 1s\)/,
  ],
  [["hotline", "set", "--ring-next-after", "11m", "--yes"], /11m is not allowed \(at most 10m\)/],
  [["hotline", "set", "--closing-grace", "never", "--yes"], /'never' is invalid/],
  [["hotline", "set", "--greeting-must-finish", "maybe", "--yes"], /Allowed: yes, no/],
  [
    ["hotline", "set", "--periodic", "waiting_4 60s", "--yes"],
    /At character 1: "waiting_4" is no periodic announcement\. There are: waiting_1, .*for example: waiting_1 60s/,
  ],
  [
    ["hotline", "set", "--periodic", "position 45s, waiting_1", "--yes"],
    /At character 24: after "waiting_1" a duration is needed/,
  ],
  [["hotline", "set", "--periodic", "position 45s,", "--yes"], /At character 14: an announcement is missing/],
  [
    ["hotline", "set", "--periodic", "position 0s", "--yes"],
    /--periodic: position 0s is not allowed \(at least 1s\)/,
  ],
  [["hotline", "set", "--periodic", "none", "--periodic", "position 9s", "--yes"], /stands alone/],
  [["hotline", "set", "--overflow", "full", "--yes"], /At character 1: a step is a condition, a colon/],
  [
    ["hotline", "set", "--overflow", "no_agnets: hang-up no_agents", "--yes"],
    /At character 1: "no_agnets" is no condition\. There are: full, no_agents, all_paused, closed, waited 120s/,
  ],
  [
    ["hotline", "set", "--overflow", "waited: next-tier", "--yes"],
    /At character 7: "waited" needs a duration/,
  ],
  [["hotline", "set", "--overflow", "waited 2 days: next-tier", "--yes"], /At character 8: .*not "2 days"/],
  [
    ["hotline", "set", "--overflow", "waited 0s: next-tier", "--yes"],
    /--overflow: waited 0s: next-tier is not allowed \(at least 1s\)/,
  ],
  [
    ["hotline", "set", "--overflow", "full: transfer 030", "--yes"],
    /At character 7: "transfer 030" is no action\. There are: hang-up/,
  ],
  [
    ["hotline", "set", "--overflow", "full: forward 12", "--yes"],
    /At character 15: "12" is no number: 3 to 20 digits/,
  ],
  [["hotline", "set", "--overflow", "full: forward 0800-HOTLINE", "--yes"], /"0800-HOTLINE" is no number/],
  [["hotline", "set", "--overflow", "full: forward", "--yes"], /the number is missing/],
  [["hotline", "set", "--overflow", "full: move", "--yes"], /the hotline is missing, for example: move demo/],
  [
    ["hotline", "set", "--overflow", "full: hang-up sorry", "--yes"],
    /At character 15: "sorry" is no announcement\. There are: greeting/,
  ],
  [
    ["hotline", "set", "--overflow", "no_agents: next-tier now", "--yes"],
    /nothing can stand behind next-tier/,
  ],
  [
    ["hotline", "set", "--overflow", "full: move b", "--overflow", "full: move b", "--yes"],
    /--overflow: full: move b is not allowed \(a step stands there twice/,
  ],
  [["number", "add", "115", "--yes"], /missing required argument 'hotline'/],
  [["number", "add", "115", "demo", "--skills", "en tax", "--yes"], /"en tax" is no skill/],
  [["number", "remove", "--yes"], /missing required argument 'number'/],
  [["agent", "assign", "201", "--yes"], /missing required argument 'hotline'/],
  [["agent", "assign", "201", "demo", "--tier", "0", "--yes"], /Allowed: a whole number from 1 to 9/],
  [["agent", "assign", "201", "demo", "--skills", ",", "--yes"], /"" is no skill/],
  [["agent", "import", "--yes"], /missing required argument 'file'/],
  [["agent", "sheet", "201"], /add --show-secret/],
  [["agent", "wrapup", "201", "--yes"], /missing required argument 'what'/],
  [["agent", "wrapup", "201", "stop", "--yes"], /Allowed choices are end, extend/],
  [["agent", "wrapup", "201", "end", "--by", "1m", "--yes"], /--by goes with extend/],
  [["agent", "wrapup", "201", "extend", "--by", "2h", "--yes"], /--by: 2h is not allowed; from 1s to 1h/],
  [["calls", "--limit", "0"], /'0' is invalid. Allowed: a whole number from 1 to 10000/],
  [["calls", "--since", "soon"], /--since: "soon" is not a time; allowed: .*10:00.*yesterday/],
  [["calls", "--since", "31.2."], /--since: "31\.2\." is not a time/],
  [["calls", "7a"], /hotline calls takes no arguments; did you mean hotline calls show 7a\?/],
  [["history", "3"], /did you mean hotline history show 3\? see hotline history --help/],
  [["undo", "two", "--yes"], /argument 'number': 'two' is invalid\. Allowed: a whole number from 1 on;/],
  [["agent", "pause", "201", "--reason", "--yes"], /'--yes' is invalid\. That looks like an option; is the/],
  [["help", "agent", "ad"], /there is no command "hotline agent ad"; behind hotline agent may stand: add, /],
  [["calls", "--since", "2026-02-30"], /--since: "2026-02-30" is not a time/],
  [["calls", "--since", "26:00"], /--since: "26:00" is not a time/],
  [["calls", "show"], /missing required argument 'id'/],
  [["staffing", "--target", "75"], /'75' is invalid.*percent\/seconds, for example 75\/30/],
  [["staffing", "--target", "175/30"], /--target: not allowed \(from 1 to 99 percent\)/],
  [["staffing", "--calls-per-hour", "0", "--talk", "6m"], /--calls-per-hour: not allowed \(at least 0.1\)/],
  [["staffing", "--calls-per-hour", "999999", "--talk", "6m"], /--calls-per-hour: .*at most 20000/],
  [["staffing", "--calls-per-hour", "many", "--talk", "6m"], /'many' is invalid.*a number, for example 30/],
  [["staffing", "--calls-per-hour", "30", "--talk", "0s"], /--talk: not allowed \(at least 1s\)/],
  [["staffing", "--calls-per-hour", "30"], /give both the calls per hour and the talk time, or neither/],
  [["staffing", "--weeks", "0"], /--weeks: not allowed \(from 1 to 52\)/],
  [["staffing", "--weeks", "2", "--calls-per-hour", "30", "--talk", "6m"], /leave them out when figures/],
  [["announce", "import", "demo", "greeting", "--yes"], /missing required argument 'file'/],
  [["announce", "play", "demo", "closed"], /required option '--agent <id>' not specified/],
  [["announce", "record", "demo", "closed", "--yes"], /required option '--agent <id>' not specified/],
  [["announce", "say", "demo", "closed", "--yes"], /what is to be said\? Give "the text", or --file FILE/],
  [["announce", "say", "demo", "closed", "Zu.", "--file", "x", "--yes"], /give the text or --file, not both/],
];

suite("wrong use ends with 2 and one line that helps", { concurrency: 4 }, () => {
  for (const [args, says] of cases) {
    test(`hotline ${args.join(" ")}`, async (t) => {
      const { code, stdout, stderr } = await hotline(makeHome(t), args);
      assert.match(stderr, says);
      assert.match(stderr, /^hotline: [^\n]*\n$/, "one line");
      assert.deepEqual({ code, stdout }, { code: 2, stdout: "" });
    });
  }

  test("what the daemon calls invalid is wrong use", async (t) => {
    const message = '"25:00" is not a time of day.\nAllowed: 00:00 to 24:00';
    const fake = await startFake(t, {
      "POST /hotlines/demo/hours?dryRun=true": refused(400, "bad_hours", message),
    });
    const result = await hotline(fake.home, ["hours", "set", "mon", "25:00-26:00", "--yes"]);
    const line = 'hotline: "25:00" is not a time of day.; Allowed: 00:00 to 24:00\n';
    assert.deepEqual(result, { code: 2, stdout: "", stderr: line });
  });

  test("several hotlines and none named", async (t) => {
    const { hotlineView } = await import("./canned.ts");
    const both = [hotlineView, { ...hotlineView, id: "night" }];
    const fake = await startFake(t, { "GET /hotlines": { status: 200, body: both } });
    const result = await hotline(fake.home, ["hours", "resume", "--yes"]);
    const line = "hotline: which hotline? Name one of: demo, night\n";
    assert.deepEqual(result, { code: 2, stdout: "", stderr: line });
    assert.deepEqual(fake.changes(), []);
  });
});

suite("help", { concurrency: 4 }, () => {
  const commands = [
    [],
    ["status"],
    ["calls"],
    ["calls", "show"],
    ["hours"],
    ["hours", "set"],
    ["hours", "holidays"],
    ["explain"],
    ["staffing"],
    ["agent"],
    ["agent", "add"],
    ["agent", "assign"],
    ["agent", "wrapup"],
    ["number"],
    ["number", "add"],
    ["hotline"],
    ["hotline", "add"],
    ["hotline", "set"],
    ["announce", "import"],
    ["config", "check"],
    ["prepare"],
    ["serve"],
  ];
  for (const command of commands) {
    test(`hotline ${command.join(" ")} --help`, async (t) => {
      const result = await hotline(makeHome(t), [...command, "--help"]);
      assert.deepEqual({ code: result.code, stderr: result.stderr }, { code: 0, stderr: "" });
      assert.match(result.stdout, /^Usage: hotline /);
      assert.match(result.stdout, /--json/);
    });
  }
  test("hotline --version", async (t) => {
    const result = await hotline(makeHome(t), ["--version"]);
    assert.match(result.stdout, /^\d+\.\d+\.\d+\n$/);
    assert.equal(result.code, 0);
  });
});
