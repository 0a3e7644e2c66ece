import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as canned from "./canned.ts";
import { hotline, ok, startFake } from "./support.ts";

const { agent, call, hours, runningCall, staffing, status } = canned;

/** Ages depend on the day of the test. */
const withoutAges = (text: string) => text.replaceAll(/\d+d( \d+h)?/g, "AGE");

suite("what people read", { concurrency: 4 }, () => {
  test("status", async (t) => {
    const fake = await startFake(t);
    const { stdout } = await hotline(fake.home, ["status"]);
    assert.equal(
      withoutAges(stdout),
      `Asterisk: connected (22.10.1)

demo  Testtelefon
  hours    open: opening hours
  waiting  2 callers, the longest for 1m 20s
  agents   1 ringing, 2 talking, 1 paused, 3 logged out

2 calls in progress:
CALL  HOTLINE  WHAT     AGENT  FOR
c7    demo     talking  201    AGE
c8    demo     waiting  -      AGE
`,
    );
  });

  test("status says the worst first", async (t) => {
    const nobody = { ...status.hotlines[0]!.agents, ready: 0, offered: 0, talking: 0, paused: 0 };
    const worse = {
      pbx: { connected: false, version: null },
      hotlines: [{ ...status.hotlines[0], waiting: 0, longestWaitMs: null, agents: nobody }],
      calls: [],
      alarms: [{ code: "pbx_lost", message: "Asterisk\u001b[2J is gone", since: "2026-03-02T09:00:00.000Z" }],
    };
    const fake = await startFake(t, { "GET /status": ok(worse) });
    const { stdout } = await hotline(fake.home, ["status"]);
    assert.equal(
      withoutAges(stdout),
      ` ALARM  Asterisk?[2J is gone (for AGE)

Asterisk:  NOT CONNECTED  no call can be taken

demo  Testtelefon
  hours    open: opening hours
  waiting  nobody
  agents   NOBODY IS THERE: 3 logged out

No calls in progress.
`,
    );
  });

  test("staffing", async (t) => {
    const fake = await startFake(t);
    const { stdout } = await hotline(fake.home, ["staffing", "--calls-per-hour", "30", "--talk", "6m"]);
    assert.equal(
      stdout,
      `30 calls per hour, 6m of talk and 30s of wrap-up: a load of 3.3 erlangs.
6 agents are needed to answer 75 % of the calls within 30s.

    AGENTS  OCCUPANCY  MUST WAIT  MEAN WAIT  WITHIN 30s
    5       65.0 %     30.3 %     1m 7s      73.6 %
->  6       54.2 %     13.5 %     19s        89.1 %

With fewer than 4 agents the queue would grow without end.

Erlang C: calls come at random and everybody waits. The time until an agent picks up comes on top.
`,
    );
  });

  test("staffing from the record, with callers who give up", async (t) => {
    const record = {
      ...{ hotline: "demo", timeZone: "Europe/Berlin", weeks: 4, weekday: 2, hour: 9 },
      ...{ hours: 4, calls: 126, answeredCalls: 1840 },
    };
    const table = staffing.table.map((line) => ({ ...line, abandoned: 0.0603 }));
    const body = { ...staffing, record, table, callsPerHour: 31.5, patienceMs: 180_000, agentsMin: 1 };
    const fake = await startFake(t, { "GET /staffing": ok(body) });
    const { stdout } = await hotline(fake.home, ["staffing"]);
    assert.equal(
      stdout,
      `demo: the busiest hour of the last 4 weeks was Tuesday 09:00-10:00 (Europe/Berlin),
with 126 calls in 4 such hours. The talk time is that of 1840 answered calls of all hours.

31.5 calls per hour, 6m of talk and 30s of wrap-up, patience of 3m: a load of 3.3 erlangs.
6 agents are needed to answer 75 % of the calls within 30s.

    AGENTS  OCCUPANCY  MUST WAIT  MEAN WAIT  WITHIN 30s  GIVE UP
    5       65.0 %     30.3 %     1m 7s      73.6 %      6.0 %
->  6       54.2 %     13.5 %     19s        89.1 %      6.0 %

Erlang A: calls come at random, some give up. The time until an agent picks up comes on top.
`,
    );
  });

  test("calls", async (t) => {
    const fake = await startFake(t);
    const { stdout } = await hotline(fake.home, ["calls"]);
    assert.equal(
      stdout,
      `CALL  ARRIVED              HOTLINE  FROM         OUTCOME      WAIT  TALK    AGENT  ENDED BY
c8    2026-03-02 10:00:03  demo     anonymous    in progress  -     -       -      -
c7    2026-03-02 10:00:03  demo     +4936112345  answered     24s   1m 20s  202    caller

Times are those of Europe/Berlin.
`,
    );
  });

  test("the end of the list is said", async (t) => {
    const fake = await startFake(t, { "GET /calls": ok([runningCall, call]) });
    const { stdout } = await hotline(fake.home, ["calls", "--limit", "2"]);
    assert.match(stdout, /These are the latest 2; more with --limit\./);
  });

  test("calls show tells the story", async (t) => {
    const fake = await startFake(t);
    const { stdout } = await hotline(fake.home, ["calls", "show", "c7"]);
    assert.equal(
      stdout,
      `Call c7 from +4936112345, Mon 2026-03-02 (times of Europe/Berlin)

10:00:03.120    +0.0 s  arrived at 115 from +4936112345
10:00:03.121    +0.0 s  let in, 1 caller ahead
10:00:03.130    +0.0 s  hears the announcement "greeting"
10:00:07.000    +3.9 s  offered to agent 201
10:00:07.100    +4.0 s  rang agent 201
10:00:22.000   +18.9 s  201 did not answer
10:00:22.001   +18.9 s  offered to agent 202
10:00:27.000   +23.9 s  202 picked up
10:00:27.120   +24.0 s  connected with 202 after 24s
10:01:47.120  +104.0 s  ended: answered (the caller hung up)
10:01:47.200  +104.1 s  the line is down
10:01:47.300  +104.2 s  moon rose, colour red, height 3

  hotline   demo
  outcome   answered
  ended by  caller
  agent     202
  waited    24s
  talked    1m 20s
`,
    );
  });

  test("hours show", async (t) => {
    const fake = await startFake(t);
    const { stdout } = await hotline(fake.home, ["hours", "show"]);
    assert.equal(
      stdout,
      `demo
  now     CLOSED: outside opening hours, opens 2 Mar 2026, 08:00
  opens   Mon 2026-03-02 08:00
  weekly  mon-fri 08:00-18:00
          sat-sun closed
  zone    Europe/Berlin
`,
    );
  });

  test("hours close says until when", async (t) => {
    const closed = {
      ...hours,
      adHoc: { closed: true, reason: "Storm", until: "2026-03-02T13:00:00.000Z" },
      reason: "closed until 2 Mar 2026, 14:00: Storm",
    };
    const fake = await startFake(t, { "POST /hotlines/demo/close": ok(closed) });
    const { stdout } = await hotline(fake.home, ["hours", "close", "--reason", "Storm", "--yes"]);
    assert.match(stdout, /CLOSED: closed until 2 Mar 2026, 14:00: Storm\n {2}weekly/);
  });

  test("agent list keeps its columns with umlauts", async (t) => {
    const agents = [agent, { ...agent, id: "202", name: "Jürgen Größer", state: "wrap_up", reason: null }];
    const fake = await startFake(t, { "GET /agents": ok(agents) });
    const { stdout } = await hotline(fake.home, ["agent", "list"]);
    assert.equal(
      stdout,
      `AGENT  NAME           STATE           IDLE FOR  HOTLINES
201    Erika Muster   paused (lunch)  -         demo
202    Jürgen Größer  wrap-up         -         demo
`,
    );
  });

  test("agent add says what to set in the phone", async (t) => {
    const fake = await startFake(t);
    const { stdout } = await hotline(fake.home, ["agent", "add", "201", "--name", "Erika", "--yes"]);
    assert.equal(
      stdout,
      `Agent 201 is there. Set in the phone:
  user name  201
  password   s3cret
  server     127.0.0.1
  port       5060
  transport  udp
Then log in: hotline agent login 201
`,
    );
  });

  test("hotline show", async (t) => {
    const fake = await startFake(t);
    const { stdout } = await hotline(fake.home, ["hotline", "show"]);
    assert.equal(
      stdout,
      `demo
  name          Testtelefon
  strategy      longest-idle
  ring timeout  20s
  wrap-up       10s
  auto-pause    after 2 missed in a row
  max. waiting  500
  max. wait     1h
  numbers       115
  agents        201, 202
`,
    );
  });

  for (const [args, says] of [
    [
      ["hotline", "list"],
      /^HOTLINE +NAME +NUMBERS +STRATEGY +AGENTS\ndemo +Testtelefon +115 +longest-idle +2\n$/,
    ],
    [["announce", "list"], /^NAME +SOURCE +LENGTH +TEXT OR FILE\ngreeting +recording +4s +file\.wav\n$/],
    [["agent", "pause", "201", "--yes"], /^Agent 201 \(Erika Muster\): paused \(lunch\)\n$/],
    [["agent", "remove", "201", "--yes"], /^Agent 201 is removed\.\n$/],
  ] as const) {
    test(args.join(" "), async (t) => {
      const fake = await startFake(t);
      assert.match((await hotline(fake.home, args)).stdout, says);
    });
  }

  for (const [route, args] of [
    ["GET /calls", ["calls"]],
    ["GET /agents", ["agent", "list"]],
    ["GET /hotlines", ["hotline", "list"]],
    ["GET /hotlines/demo/announcements", ["announce", "list", "demo"]],
  ] as const) {
    test(`${args.join(" ")} with nothing to list`, async (t) => {
      const fake = await startFake(t, { [route]: ok([]) });
      assert.match((await hotline(fake.home, args)).stdout, /^(No|There (is|are) no) [^\n]*\n$/);
    });
  }
});
