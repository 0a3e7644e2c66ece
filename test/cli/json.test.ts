import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import * as canned from "./canned.ts";
import { hotline, startFake } from "./support.ts";

interface Case {
  readonly args: string[];
  /** The last request, as the daemon gets it. */
  readonly asks: string;
  readonly body?: unknown;
  readonly prints: unknown;
}

const { agent, announcement, call, hotlineView, hours, newAgent, newHotlineView, numberRow, runningCall } =
  canned;
const { spokenAnnouncement, staffing, status, toldCall } = canned;

const cases: Case[] = [
  { args: ["status"], asks: "GET /status", prints: status },
  { args: ["calls"], asks: "GET /calls?limit=50", prints: [runningCall, call] },
  {
    args: ["calls", "--limit", "7", "--since", "2026-03-02T10:00:00+01:00"],
    asks: "GET /calls?limit=7&since=2026-03-02T09%3A00%3A00.000Z",
    prints: [runningCall, call],
  },
  {
    // A time without a zone is the hotline's: Berlin is an hour ahead of UTC in winter.
    args: ["calls", "--since", "2026-03-02T10:00"],
    asks: "GET /calls?limit=50&since=2026-03-02T09%3A00%3A00.000Z",
    prints: [runningCall, call],
  },
  {
    args: ["calls", "--since", "2026-07-01"],
    asks: "GET /calls?limit=50&since=2026-06-30T22%3A00%3A00.000Z",
    prints: [runningCall, call],
  },
  { args: ["calls", "show", "c7"], asks: "GET /calls/c7", prints: toldCall },
  {
    args: ["staffing", "--calls-per-hour", "30", "--talk", "6m", "--target", "75/30", "--wrap-up", "30s"],
    asks: "GET /staffing?callsPerHour=30&talkMs=360000&wrapUpMs=30000&targetPercent=75&targetWithinMs=30000",
    prints: staffing,
  },
  { args: ["staffing"], asks: "GET /staffing?hotline=demo", prints: staffing },
  {
    args: ["staffing", "--weeks", "12", "--hotline", "night", "--patience", "3m"],
    asks: "GET /staffing?patienceMs=180000&weeks=12&hotline=night",
    prints: staffing,
  },
  { args: ["history"], asks: "GET /changes?limit=20", prints: [canned.change] },
  {
    args: ["history", "--object", "hours demo", "--limit", "3"],
    asks: "GET /changes?limit=3&object=hours+demo",
    prints: [canned.change],
  },
  { args: ["history", "show", "7"], asks: "GET /changes/7", prints: canned.shownChange },
  { args: ["undo", "--dry-run"], asks: "GET /undo", prints: canned.undoPreview },
  { args: ["undo", "7", "--dry-run"], asks: "GET /undo?change=7", prints: canned.undoPreview },
  // The last change is asked for first, so that the one is undone that was shown.
  { args: ["undo", "--yes"], asks: "POST /undo", body: { change: 7 }, prints: canned.undone },
  { args: ["hours", "show"], asks: "GET /hotlines/demo/hours", prints: hours },
  { args: ["hours", "show", "--days", "60"], asks: "GET /hotlines/demo/hours?days=60", prints: hours },
  {
    args: ["hours", "resume", "--yes"],
    asks: "POST /hotlines/demo/hours",
    body: { do: "resume" },
    prints: hours,
  },
  {
    args: ["hours", "set", "mon-fri", "08:00-18:00", "--yes"],
    asks: "POST /hotlines/demo/hours",
    body: { do: "set", lines: ["mon-fri 08:00-18:00"], from: null },
    prints: hours,
  },
  {
    args: ["hours", "set", "--yes", "mon-fri 8-18", "sat closed", "--hotline", "demo", "--from", "7.12."],
    asks: "POST /hotlines/demo/hours",
    body: { do: "set", lines: ["mon-fri 8-18 sat closed"], from: "7.12." },
    prints: hours,
  },
  {
    args: ["hours", "set", "mon", "14:00", "-", "20:00", "--dry-run"],
    asks: "POST /hotlines/demo/hours?dryRun=true",
    body: { do: "set", lines: ["mon 14:00 - 20:00"], from: null },
    prints: canned.hoursPreview,
  },
  {
    args: ["hours", "except", "24.12.", "8-12", "--reason", "Heiligabend", "--yes"],
    asks: "POST /hotlines/demo/hours",
    body: { do: "except", line: "24.12. 8-12", reason: "Heiligabend", announcement: null },
    prints: hours,
  },
  {
    args: ["hours", "except", "24.12. zu", "--reason", "x", "--announcement", "special_2", "--yes"],
    asks: "POST /hotlines/demo/hours",
    body: { do: "except", line: "24.12. zu", reason: "x", announcement: "special_2" },
    prints: hours,
  },
  {
    args: ["hours", "except", "24.12.", "--remove", "--yes"],
    asks: "POST /hotlines/demo/hours",
    body: { do: "remove_exception", days: "24.12." },
    prints: hours,
  },
  { args: ["hours", "holidays"], asks: "GET /hotlines/demo/holidays", prints: canned.holidays },
  {
    args: [
      "hours",
      "holidays",
      "TH",
      "--except",
      "A",
      "--keep",
      "B",
      "--add",
      "12-24 C",
      "--remove-own",
      "D",
      "--yes",
    ],
    asks: "POST /hotlines/demo/hours",
    body: { do: "holidays", region: "TH", workOn: ["A"], keep: ["B"], add: ["12-24 C"], removeOwn: ["D"] },
    prints: hours,
  },
  {
    args: ["hours", "close", "--reason", "Storm", "--yes"],
    asks: "POST /hotlines/demo/hours",
    body: { do: "close", reason: "Storm", until: null, forMs: null, releaseWaiting: false },
    prints: hours,
  },
  {
    args: ["hours", "close", "--until", "7.12. 14 Uhr", "--reason", "Storm", "--yes"],
    asks: "POST /hotlines/demo/hours",
    body: { do: "close", reason: "Storm", until: "7.12. 14 Uhr", forMs: null, releaseWaiting: false },
    prints: hours,
  },
  {
    args: ["hours", "close", "--for", "2h", "--now", "--reason", "Storm", "--yes"],
    asks: "POST /hotlines/demo/hours",
    body: { do: "close", reason: "Storm", until: null, forMs: 7_200_000, releaseWaiting: true },
    prints: hours,
  },
  {
    args: ["hours", "open", "--until", "22:00", "--reason", "Wahl", "--yes"],
    asks: "POST /hotlines/demo/hours",
    body: { do: "open", reason: "Wahl", until: "22:00", forMs: null },
    prints: hours,
  },
  {
    args: ["hours", "share", "sued", "demo", "--yes"],
    asks: "POST /hotlines/sued/hours",
    body: { do: "share", with: "demo" },
    prints: { ...hours, hotline: "sued" },
  },
  {
    args: ["hours", "share", "sued", "none", "--yes"],
    asks: "POST /hotlines/sued/hours",
    body: { do: "share", with: null },
    prints: { ...hours, hotline: "sued" },
  },
  {
    args: ["hours", "zone", "Europe/Berlin", "--yes"],
    asks: "POST /hotlines/demo/hours",
    body: { do: "zone", timeZone: "Europe/Berlin" },
    prints: hours,
  },
  {
    args: ["explain", "--number", "115", "--at", "2026-12-24 10:00", "--waiting", "12"],
    asks: "GET /explain?number=115&at=2026-12-24+10%3A00&waiting=12",
    prints: canned.explanation,
  },
  { args: ["agent", "list"], asks: "GET /agents", prints: [agent] },
  {
    args: ["agent", "add", "201", "--name", "Erika Muster", "--hotline", "demo", "--yes"],
    asks: "POST /agents",
    body: { id: "201", name: "Erika Muster", hotlines: ["demo"], tier: 1, skills: [] },
    prints: newAgent,
  },
  {
    args: ["agent", "add", "201", "--name", "Erika Muster", "--tier", "2", "--skills", "EN, tax", "--yes"],
    asks: "POST /agents",
    body: { id: "201", name: "Erika Muster", hotlines: ["demo"], tier: 2, skills: ["en", "tax"] },
    prints: newAgent,
  },
  {
    args: ["agent", "add", "201", "--name", "E", "--hotline", "demo,night", "--hotline", "b", "--yes"],
    asks: "POST /agents",
    body: { id: "201", name: "E", hotlines: ["demo", "night", "b"], tier: 1, skills: [] },
    prints: newAgent,
  },
  { args: ["agent", "show", "201"], asks: "GET /agents/201", prints: agent },
  {
    args: ["agent", "assign", "201", "demo", "--yes"],
    asks: "PUT /agents/201/hotlines/demo",
    body: {},
    prints: agent,
  },
  {
    args: ["agent", "assign", "201", "demo", "--tier", "2", "--skills", "en,tax", "--yes"],
    asks: "PUT /agents/201/hotlines/demo",
    body: { tier: 2, skills: ["en", "tax"] },
    prints: agent,
  },
  {
    args: ["agent", "assign", "201", "demo", "--skills", "none", "--yes"],
    asks: "PUT /agents/201/hotlines/demo",
    body: { skills: [] },
    prints: agent,
  },
  {
    args: ["agent", "unassign", "201", "demo", "--yes"],
    asks: "DELETE /agents/201/hotlines/demo",
    prints: agent,
  },
  {
    args: ["agent", "wrapup", "201", "end", "--yes"],
    asks: "POST /agents/201/wrap-up/end",
    body: null,
    prints: agent,
  },
  {
    args: ["agent", "wrapup", "201", "extend", "--yes"],
    asks: "POST /agents/201/wrap-up/extend",
    body: { byMs: 60_000 },
    prints: agent,
  },
  {
    args: ["agent", "wrap-up", "201", "extend", "--by", "90s", "--yes"],
    asks: "POST /agents/201/wrap-up/extend",
    body: { byMs: 90_000 },
    prints: agent,
  },
  { args: ["number", "list"], asks: "GET /numbers", prints: [numberRow] },
  {
    args: ["number", "add", "+49 361 12345", "demo", "--skills", "en,tax", "--yes"],
    asks: "PUT /numbers/%2B4936112345",
    body: { hotline: "demo", skills: ["en", "tax"] },
    prints: numberRow,
  },
  {
    args: ["number", "remove", "+4936112345", "--yes"],
    asks: "DELETE /numbers/%2B4936112345",
    prints: { number: "+4936112345", removed: true },
  },
  {
    args: ["hotline", "add", "sued", "--name", "Süd", "--strategy", "random", "--yes"],
    asks: "POST /hotlines",
    body: { id: "sued", name: "Süd", strategy: "random" },
    prints: newHotlineView,
  },
  {
    args: ["hotline", "remove", "sued", "--yes"],
    asks: "DELETE /hotlines/sued",
    prints: { id: "sued", removed: true },
  },
  {
    args: ["agent", "remove", "201", "--yes"],
    asks: "DELETE /agents/201",
    prints: { id: "201", removed: true },
  },
  { args: ["agent", "login", "201", "--yes"], asks: "POST /agents/201/login", body: null, prints: agent },
  { args: ["agent", "logout", "201", "--yes"], asks: "POST /agents/201/logout", body: null, prints: agent },
  { args: ["agent", "resume", "201", "--yes"], asks: "POST /agents/201/resume", body: null, prints: agent },
  {
    args: ["agent", "pause", "201", "--yes"],
    asks: "POST /agents/201/pause",
    body: { reason: null },
    prints: agent,
  },
  {
    args: ["agent", "pause", "201", "--reason", "lunch", "--yes"],
    asks: "POST /agents/201/pause",
    body: { reason: "lunch" },
    prints: agent,
  },
  { args: ["hotline", "list"], asks: "GET /hotlines", prints: [hotlineView] },
  { args: ["hotline", "show", "demo"], asks: "GET /hotlines/demo", prints: hotlineView },
  { args: ["hotline", "show"], asks: "GET /hotlines/demo", prints: hotlineView },
  {
    args: [
      ...["hotline", "set", "demo", "--yes", "--name", "Neu", "--strategy", "ring-all"],
      ...["--ring-timeout", "30s", "--wrap-up", "0s", "--auto-pause", "0"],
      ...["--max-waiting", "10", "--max-wait", "60m"],
    ],
    asks: "PATCH /hotlines/demo",
    body: {
      name: "Neu",
      strategy: "ring-all",
      ringTimeoutMs: 30_000,
      wrapUpMs: 0,
      autoPause: 0,
      maxWaiting: 10,
      maxWaitMs: 3_600_000,
    },
    prints: hotlineView,
  },
  {
    args: ["hotline", "set", "--wrap-up", "5s", "--yes"],
    asks: "PATCH /hotlines/demo",
    body: { wrapUpMs: 5_000 },
    prints: hotlineView,
  },
  {
    args: [
      ...["hotline", "set", "--hotline", "demo", "--yes", "--priority", "-5", "--ring-next-after", "15s"],
      ...["--next-tier-after", "45s", "--short-abandon", "8s", "--resume-within", "10m"],
      ...["--closing-grace", "none", "--greeting-must-finish", "yes"],
      ...["--periodic", "waiting_1 60s, position every 45s", "--periodic", "expected-wait 2 min"],
      ...["--overflow", "full: forward +49 (361) 123-45", "--overflow", "No agents -> Hang up no-agents"],
      ...["--overflow", "all_paused: announce overflow", "--overflow", "waited 120s: move to sued"],
      ...["--overflow", "waited > 90s: next-tier"],
    ],
    asks: "PATCH /hotlines/demo",
    body: {
      priority: -5,
      ringNextAfterMs: 15_000,
      nextTierAfterMs: 45_000,
      shortAbandonMs: 8_000,
      resumeWithinMs: 600_000,
      closingGraceMs: null,
      greetingMustFinish: true,
      periodic: [
        { announcement: "waiting_1", afterMs: 60_000 },
        { announcement: "position", afterMs: 45_000 },
        { announcement: "expected_wait", afterMs: 120_000 },
      ],
      overflow: [
        { when: { kind: "full" }, action: { kind: "forward", number: "+4936112345" } },
        { when: { kind: "no_agents" }, action: { kind: "hang_up", announcement: "no_agents" } },
        { when: { kind: "all_paused" }, action: { kind: "announce", announcement: "overflow" } },
        { when: { kind: "waited", afterMs: 120_000 }, action: { kind: "move", hotline: "sued" } },
        { when: { kind: "waited", afterMs: 90_000 }, action: { kind: "next_tier" } },
      ],
    },
    prints: hotlineView,
  },
  {
    args: [
      ...["hotline", "set", "--overflow", "none", "--periodic", "none", "--yes"],
      ...["--closing-grace", "0s", "--resume-within", "0", "--greeting-must-finish", "no"],
    ],
    asks: "PATCH /hotlines/demo",
    body: { overflow: [], periodic: [], closingGraceMs: 0, resumeWithinMs: 0, greetingMustFinish: false },
    prints: hotlineView,
  },
  { args: ["announce", "list", "demo"], asks: "GET /hotlines/demo/announcements", prints: [announcement] },
  {
    args: ["announce", "say", "demo", "closed", "Wir sind {{next_opening}} für Sie da.", "--yes"],
    asks: "PUT /hotlines/demo/announcements/closed/text",
    body: { text: "Wir sind {{next_opening}} für Sie da." },
    prints: spokenAnnouncement,
  },
  {
    args: ["announce", "say", "demo", "closed", "Wir", "sind", "nicht", "da.", "--yes"],
    asks: "PUT /hotlines/demo/announcements/closed/text",
    body: { text: "Wir sind nicht da." },
    prints: spokenAnnouncement,
  },
  {
    args: ["announce", "play", "demo", "closed", "--agent", "201"],
    asks: "POST /hotlines/demo/announcements/closed/play",
    body: { agent: "201" },
    prints: { heard: "to_end" },
  },
  {
    args: ["announce", "record", "demo", "greeting", "--agent", "201", "--yes"],
    asks: "POST /hotlines/demo/announcements/greeting/record",
    body: { agent: "201" },
    prints: announcement,
  },
  {
    args: ["announce", "reset", "demo", "closed", "--yes"],
    asks: "DELETE /hotlines/demo/announcements/closed",
    prints: spokenAnnouncement,
  },
  { args: ["announce", "list"], asks: "GET /hotlines/demo/announcements", prints: [announcement] },
];

suite("with --json a command prints the answer and nothing else", { concurrency: 4 }, () => {
  for (const { args, asks, body, prints } of cases) {
    test(args.join(" "), async (t) => {
      const fake = await startFake(t);
      const result = await hotline(fake.home, [...args, "--json"]);
      assert.deepEqual({ code: result.code, stderr: result.stderr }, { code: 0, stderr: "" });
      assert.deepEqual(JSON.parse(result.stdout), prints);
      const last = fake.requests.at(-1)!;
      assert.equal(`${last.method} ${last.path}`, asks);
      if (body !== undefined) assert.deepEqual(last.body, body);
    });
  }

  test("the option may stand before the command", async (t) => {
    const fake = await startFake(t);
    const result = await hotline(fake.home, ["--json", "agent", "list"]);
    assert.deepEqual(JSON.parse(result.stdout), [agent]);
  });

  test("announce import sends the file itself", async (t) => {
    const fake = await startFake(t);
    const file = join(fake.home, "file.wav");
    writeFileSync(file, "RIFF....");
    const result = await hotline(fake.home, [
      "announce",
      "import",
      "demo",
      "greeting",
      file,
      "--yes",
      "--json",
    ]);
    assert.deepEqual(
      { ...result, stdout: JSON.parse(result.stdout) },
      { code: 0, stderr: "", stdout: announcement },
    );
    assert.deepEqual(fake.changes(), [
      {
        method: "PUT",
        path: "/hotlines/demo/announcements/greeting",
        body: { fileName: "file.wav", contentBase64: Buffer.from("RIFF....").toString("base64") },
      },
    ]);
  });

  test("announce say takes the text from a file or from stdin", async (t) => {
    const fake = await startFake(t);
    const file = join(fake.home, "text.txt");
    writeFileSync(file, "Schöne Grüße.\n");
    const say = ["announce", "say", "demo", "closed"];
    assert.equal((await hotline(fake.home, [...say, "--file", file, "--yes", "--json"])).code, 0);
    for (const args of [
      [...say, "-"],
      [...say, "--file", "-"],
    ])
      assert.equal((await hotline(fake.home, [...args, "--yes", "--json"], "Von der Eingabe.")).code, 0);
    assert.deepEqual(
      fake.changes().map(({ body }) => body),
      [{ text: "Schöne Grüße.\n" }, { text: "Von der Eingabe." }, { text: "Von der Eingabe." }],
    );
    writeFileSync(file, Buffer.from("Gr\xfc\xdfe", "latin1"));
    const wrong = await hotline(fake.home, [...say, "--file", file, "--yes"]);
    assert.deepEqual([wrong.code, /is no text in UTF-8/.test(wrong.stderr)], [1, true]);
  });

  test("an error goes to stderr as text, nothing to stdout", async (t) => {
    const fake = await startFake(t);
    const result = await hotline(fake.home, ["calls", "show", "nope", "--json"]);
    assert.deepEqual(result, {
      code: 1,
      stdout: "",
      stderr: 'hotline: There is no call "nope". See: hotline calls\n',
    });
  });
});
