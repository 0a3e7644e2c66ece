import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as canned from "./canned.ts";
import { hotline, ok, startFake } from "./support.ts";

const { agent, call, explanation, hours, runningCall, staffing, status } = canned;

/** Ages depend on the day of the test. */
const withoutAges = (text: string) => text.replaceAll(/\d+d( \d+h)?/g, "AGE");

suite("what people read", { concurrency: 4 }, () => {
  test("status", async (t) => {
    const fake = await startFake(t);
    const { stdout } = await hotline(fake.home, ["status"]);
    assert.equal(
      withoutAges(stdout),
      `Asterisk: connected (22.10.1)
Load:     3 calls of at most 1000, 30 new ones per second

demo  Testtelefon
  hours    open: opening hours
  waiting  2 callers, the longest for 1m 20s
  agents   1 ringing, 2 talking, 1 paused, 3 logged out
  today    12 offered, 9 answered, 2 abandoned, 1 short, 0 other, reach 75.0%, SL 75/30 72.7%, ASA 0:12

3 calls in progress:
CALL  HOTLINE  WHAT       WITH      FOR
c7    demo     talking    201       AGE
c8    demo     waiting    -         AGE
c9    demo     forwarded  +4936199  AGE
`,
    );
  });

  test("status says the worst first", async (t) => {
    const nobody = { ...status.hotlines[0]!.agents, ready: 0, offered: 0, talking: 0, paused: 0 };
    const worse = {
      pbx: { connected: false, version: null },
      target: status.target,
      load: { calls: 3, maxCalls: 1000, maxNewPerSecond: 30, eventsWaiting: 0, requestsWaiting: 0 },
      hotlines: [{ ...status.hotlines[0], waiting: 0, longestWaitMs: null, agents: nobody }],
      calls: [],
      alarms: [{ code: "pbx_lost", message: "Asterisk\u001b[2J is gone", since: "2026-03-02T09:00:00.000Z" }],
      notices: [],
    };
    const fake = await startFake(t, { "GET /status": ok(worse) });
    const { stdout } = await hotline(fake.home, ["status"]);
    assert.equal(
      withoutAges(stdout),
      ` ALARM  Asterisk?[2J is gone (for AGE)

Asterisk:  NOT CONNECTED  no call can be taken
Load:     3 calls of at most 1000, 30 new ones per second

demo  Testtelefon
  hours    open: opening hours
  waiting  nobody
  agents   NOBODY IS THERE: 3 logged out
  today    12 offered, 9 answered, 2 abandoned, 1 short, 0 other, reach 75.0%, SL 75/30 72.7%, ASA 0:12

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
      `CALL  ARRIVED              HOTLINE  FROM         OUTCOME      WAIT  TALK    WITH  ENDED BY
c8    2026-03-02 10:00:03  demo     anonymous    in progress  -     -       -     -
c7    2026-03-02 10:00:03  demo     +4936112345  answered     24s   1m 20s  202   caller

Times are those of Europe/Berlin.
`,
    );
  });

  test("calls says where a call was answered, why it ended, and who took it outside", async (t) => {
    const elsewhere = [
      { ...call, id: "c1", servedBy: "sued" },
      { ...call, id: "c2", outcome: "timed_out", reason: "closing", agent: null, servedBy: null },
      { ...call, id: "c3", outcome: "forwarded", agent: null, servedBy: null, forwardedTo: "+4936199" },
    ];
    const fake = await startFake(t, { "GET /calls": ok(elsewhere) });
    const { stdout } = await hotline(fake.home, ["calls"]);
    assert.match(stdout, /^c1 .* demo > sued .* 202 +caller$/m);
    assert.match(stdout, /^c2 .* demo {2}.* timed_out \(closing\) .* - +caller$/m);
    assert.match(stdout, /^c3 .* demo {2}.* forwarded .* \+4936199 +caller$/m);
  });

  test("calls show tells of moves, forwards and places", async (t) => {
    const fake = await startFake(t);
    const { stdout } = await hotline(fake.home, ["calls", "show", "c9"]);
    assert.equal(
      stdout,
      `Call c9 from +4936112345, Mon 2026-03-02 (times of Europe/Berlin)

10:00:03.120    +0.0 s  arrived at 115 from +4936112345
10:00:03.120    +0.0 s  has the old place back, as if waiting for 1m 35s already
10:00:03.121    +0.0 s  let in, nobody ahead
10:00:33.120   +30.0 s  one more tier joins: 2 tiers can be rung now
10:00:40.000   +36.9 s  hears the announcement "position": place 3
10:00:50.000   +46.9 s  hears the announcement "expected_wait": about 1 minute
10:01:03.000   +59.9 s  overflow, has waited long enough: goes to a number outside
10:01:03.000   +59.9 s  being forwarded to +4936199
10:01:48.000  +104.9 s  could not be forwarded: no answer
10:01:48.000  +104.9 s  overflow, has waited long enough: goes to another hotline
10:01:48.000  +104.9 s  moved to the hotline sued, the waiting time goes along
10:02:00.000  +116.9 s  connected with +4936198 after 1m 57s
10:10:00.000  +596.9 s  ended: waited too long, the hotline has closed (the hotline hung up)

  hotline   demo
  outcome   timed_out
  ended by  hotline
  reason    the hotline has closed
  agent     -
  waited    24s
  talked    -
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
  now    CLOSED: outside opening hours, opens 2 Mar 2026, 08:00
  opens  Mon 2026-03-02 08:00

> Sun  1 Mar  closed  (today)
  Mon  2 Mar  08:00–18:00
  Tue  3 Mar  08:00–18:00
  Wed  4 Mar  08:00–12:00, 14:00–16:00  exception: Umzug
  Thu  5 Mar  08:00–18:00
  Fri  6 Mar  closed                    holiday: Feiertag
  Sat  7 Mar  closed

  weekly           mon-fri 08:00-18:00
                   sat-sun closed
  from 2026-06-01  mon-fri 08:00-14:00
                   sat-sun closed
  exceptions       2026-03-04 08:00-12:00, 14:00-16:00: Umzug (special_1)
  holidays         TH (Thüringen)
  zone             Europe/Berlin
`,
    );
  });

  test("hours close says until when", async (t) => {
    const closed = {
      ...hours,
      adHoc: { closed: true, reason: "Storm", until: "2026-03-02T13:00:00.000Z" },
      reason: "closed until 2 Mar 2026, 14:00: Storm",
    };
    const fake = await startFake(t, { "POST /hotlines/demo/hours": ok(closed) });
    const { stdout } = await hotline(fake.home, ["hours", "close", "--reason", "Storm", "--yes"]);
    assert.match(
      stdout,
      /will be 08:00–14:00[\s\S]*3 callers are waiting\nDone; `hotline undo` takes it back\.\ndemo is CLOSED/,
      "what will differ first",
    );
    assert.match(stdout, /CLOSED: closed until 2 Mar 2026, 14:00: Storm\nIt opens /);
  });

  test("hours holidays", async (t) => {
    const fake = await startFake(t);
    const { stdout } = await hotline(fake.home, ["hours", "holidays"]);
    assert.equal(
      stdout,
      `demo: public holidays of Thüringen (TH)
  Sun 20 Sep  Weltkindertag  worked on
  Thu 24 Dec  Heiligabend (our own)
Known until 2031-12-26.
`,
    );
  });

  test("explain", async (t) => {
    const fake = await startFake(t);
    const { stdout } = await hotline(fake.home, ["explain"]);
    assert.equal(
      stdout,
      `A call to 115 on Thu 2026-12-24 10:00
  hotline   demo
  hours     open: exception on 2026-12-24: Heiligabend
            lost: weekly hours on Thursday: 08:00-18:00 (open)
  then      admitted, 12 waiting before (longest-idle)
  hears     greeting: "Guten Tag."
  rings     1. 201 Erika Muster
            2. 202 Max Beispiel (tier 2, after 30s)
  not rung  203 Ayşe Probe (logged out)
  overflow  later: waited 2m: move sued
`,
    );
  });

  test("explain for another time says that agents are as they are now, and who they are when nobody is there", async (t) => {
    const others = [
      { id: "201", name: "Erika Muster", state: "offline" },
      { id: "203", name: "Ayşe Probe", state: "logged_out" },
    ];
    const announcement = { hotline: "demo", name: "no_agents", text: null };
    const nobody = {
      ...explanation,
      lost: [],
      outcome: "no_agents",
      overflow: [],
      agents: [],
      others,
      announcement,
    };
    const fake = await startFake(t, { "GET /explain": ok(nobody) });
    const { stdout } = await hotline(fake.home, ["explain", "--at", "24.12. 10 Uhr"]);
    assert.equal(
      stdout,
      `A call to 115 on Thu 2026-12-24 10:00
  hotline   demo
  hours     open: exception on 2026-12-24: Heiligabend
  then      let go: no_agents
  hears     no_agents (a recording)
  not rung  201 Erika Muster (offline)
            203 Ayşe Probe (logged out)
  agents    as they are now
`,
    );
    const closed = { ...nobody, open: false, outcome: "closed", others };
    const other = await startFake(t, { "GET /explain": ok(closed) });
    assert.doesNotMatch(
      (await hotline(other.home, ["explain", "--at", "22:00"])).stdout,
      /agents {4}|not rung/,
    );
  });

  test("notices of hours stand in status and are no alarms", async (t) => {
    const notices = [{ hotline: "demo", message: "demo is closed until 2 Mar 2026, 08:00: Storm" }];
    const fake = await startFake(t, { "GET /status": ok({ ...status, notices }) });
    const { stdout } = await hotline(fake.home, ["status"]);
    assert.match(stdout, /\n\nnote {2}demo is closed until 2 Mar 2026, 08:00: Storm\n$/);
    assert.doesNotMatch(stdout, /ALARM/);
  });

  test("agent list keeps its columns with umlauts", async (t) => {
    const agents = [agent, { ...agent, id: "202", name: "Jürgen Größer", state: "wrap_up", reason: null }];
    const fake = await startFake(t, { "GET /agents": ok(agents) });
    const { stdout } = await hotline(fake.home, ["agent", "list"]);
    assert.equal(
      stdout,
      `AGENT  NAME           STATE           IDLE FOR  HOTLINES
201    Erika Muster   paused (lunch)  -         demo (tier 2; en,tax), sued
202    Jürgen Größer  wrap-up         -         demo (tier 2; en,tax), sued
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
  name                  Testtelefon
  strategy              longest-idle
  priority              0
  ring-timeout          20s
  ring-next-after       10s
  next-tier-after       30s
  wrap-up               10s
  auto-pause            2  (missed calls in a row)
  max-waiting           500
  max-wait              1h
  short-abandon         5s
  resume-within         0s  (off)
  closing-grace         none  (until answered)
  greeting-must-finish  no
  periodic              waiting_1 1m
                        position 45s
  overflow              waited 2m: move sued
                        no_agents: hang-up no_agents
  numbers               115, 116 (en)
  agents, tier 1        201 (en,tax)
  agents, tier 2        202
`,
    );
  });

  test("a new hotline says what is still missing, and how to set it", async (t) => {
    const fake = await startFake(t);
    const { stdout } = await hotline(fake.home, ["hotline", "add", "sued", "--name", "Süd", "--yes"]);
    assert.match(stdout, /^Hotline sued is there\.\nsued\n/);
    assert.match(stdout, /\n {2}overflow +none\n {2}numbers +none\n {2}agents +none\n/);
    const missing = `
Callers cannot be served yet. Still missing:
  hours   hotline hours set --hotline sued mon-fri 08:00-18:00
  number  hotline number add NUMBER sued
  agents  hotline agent assign AGENT sued
`;
    assert.ok(stdout.endsWith(missing), stdout);
  });

  test("hotline show fits a terminal of 80 columns, also with many agents", async (t) => {
    const memberships = Array.from({ length: 40 }, (_, i) => ({
      agent: `${201 + i}`,
      tier: 1 + (i % 2),
      skills: i % 3 === 0 ? ["en", "tax"] : [],
    }));
    const big = { ...canned.hotlineView, memberships, agents: memberships.map(({ agent }) => agent) };
    const fake = await startFake(t, { "GET /hotlines/demo": ok(big) });
    const { stdout } = await hotline(fake.home, ["hotline", "show", "demo"]);
    for (const line of stdout.split("\n")) assert.ok(line.length <= 80, line);
    for (const { agent } of memberships) assert.ok(stdout.includes(agent), agent);
  });

  test("a number whose callers nobody could serve", async (t) => {
    const fake = await startFake(t, { "PUT /numbers/117": ok({ ...canned.numberRow, agents: 0 }) });
    const { stdout } = await hotline(fake.home, ["number", "add", "117", "demo", "--yes"]);
    assert.match(
      stdout,
      /\nNo agent can serve its callers yet: hotline agent assign AGENT demo --skills en,tax\n$/,
    );
  });

  for (const [args, says] of [
    [
      ["hotline", "list"],
      /^HOTLINE +NAME +NUMBERS +STRATEGY +AGENTS +MISSING\ndemo +Testtelefon +115, 116 +longest-idle +2 +-\n$/,
    ],
    [
      ["agent", "show", "201"],
      /^201\n {2}name +Erika.*\n {2}state .*\n.*\n {2}hotlines +demo, tier 2, skills en,tax\n +sued, tier 1, no skills\n$/,
    ],
    [["agent", "wrapup", "201", "end", "--yes"], /^Agent 201 \(Erika Muster\): paused \(lunch\)\n$/],
    [["number", "list"], /^NUMBER +HOTLINE +SKILLS +AGENTS\n\+4936112345 +demo +en, tax +1\n$/],
    [
      ["number", "add", "+49 361 123-45", "demo", "--yes"],
      /^Number \+4936112345 leads to hotline demo, for agents with en, tax\.\n$/,
    ],
    [["number", "remove", "+4936112345", "--yes"], /^Number \+4936112345 is removed\.\n$/],
    [["hotline", "remove", "sued", "--yes"], /^Hotline sued is removed\.\n$/],
    [
      ["announce", "list"],
      /^NAME +SOURCE +LENGTH +LOUDNESS +TEXT OR FILE\ngreeting +recording +4s +-23\.1 LUFS +file\.wav\n$/,
    ],
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
    ["GET /numbers", ["number", "list"]],
    ["GET /hotlines/demo/announcements", ["announce", "list", "demo"]],
  ] as const) {
    test(`${args.join(" ")} with nothing to list`, async (t) => {
      const fake = await startFake(t, { [route]: ok([]) });
      assert.match((await hotline(fake.home, args)).stdout, /^(No|There (is|are) no) [^\n]*\n$/);
    });
  }
});
