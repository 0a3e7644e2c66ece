import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { afterEach, describe, it } from "node:test";
import type { PbxEvent } from "../../src/core/events.ts";
import type { AgentId, CallId, LegId } from "../../src/core/ids.ts";
import type { PbxLimits } from "../../src/pbx/limits.ts";
import { createPbx } from "../../src/pbx/pbx.ts";
import type { Pbx } from "../../src/pbx/port.ts";
import { testLog } from "./ari-log.ts";
import { FakeAri } from "./ari-server.ts";

const quick: Partial<PbxLimits> = {
  requestTimeoutMs: 100,
  connectTimeoutMs: 200,
  pingEveryMs: 30,
  backoffFirstMs: 5,
  backoffLongestMs: 20,
  replacedPauseMs: 40,
  silenceMs: 60,
  outageMs: 20,
  farewellMs: 20,
};

const channel = (id: string, over: object = {}) => ({
  id,
  name: "PJSIP/trunk-00000001",
  state: "Ring",
  creationtime: "2026-11-23T09:08:57.299+0000",
  caller: { name: "", number: "0891234" },
  dialplan: {
    context: "from-trunk",
    exten: "115",
    app_name: "Stasis",
    app_data: "hotline,arrived,allowed",
  },
  ...over,
});
const arrived = (id: string) => ({
  type: "StasisStart",
  args: ["arrived", "allowed"],
  channel: channel(id),
});

describe("the connection to Asterisk", () => {
  const open: { pbx?: Pbx; server?: FakeAri } = {};
  afterEach(async () => {
    await open.pbx?.stop();
    await open.server?.stop();
  });

  function make(server: FakeAri, limits: Partial<PbxLimits> = {}) {
    const told = new EventEmitter();
    const events: PbxEvent[] = [];
    const troubles: [string, string | null][] = [];
    const log = testLog();
    const pbx = createPbx(
      {
        ari: { port: server.port, password: "secret" },
        ami: null,
        endedCalls: null,
        log,
        limits: { ...quick, ...limits },
      },
      {
        tell: (event) => {
          events.push(event);
          told.emit(event.type, event);
        },
        endpointOf: (agent) => `p${agent}`,
        agentOf: (endpoint) => endpoint.slice(1) as AgentId,
        onTrouble: (connection, message) => troubles.push([connection, message]),
        lastHeard: () => null,
        isKnown: () => false,
        onRecord: async () => null,
        spoolTrouble: () => undefined,
        confirmationMedia: () => "sound:x",
        mediaOf: () => "sound:greeting",
      },
    );
    Object.assign(open, { pbx, server });
    const next = async (type: PbxEvent["type"]) => (await once(told, type))[0];
    return { pbx, events, troubles, log, next };
  }

  it("tells what is alive before anything else, oldest caller first", async () => {
    const server = await FakeAri.start();
    const later = "2026-11-23T09:08:58.000+0000";
    const leg = "c1~1~201";
    server.on("GET", /\/channels$/, {
      status: 200,
      body: [
        channel("c2", { creationtime: later, caller: { name: "", number: "" } }),
        channel("c1", { state: "Up" }),
        channel(leg, { name: "PJSIP/p201-1", state: "Ringing", dialplan: { context: "x", exten: "" } }),
        channel("c2~1~202", { name: "PJSIP/p202-1", state: "Up" }),
        // Picked up a moment ago, and not in our application yet.
        channel("c2~1~203", { name: "PJSIP/p203-1", state: "Up", dialplan: { context: "x", exten: "" } }),
        channel("elsewhere", { dialplan: { context: "fallback", exten: "115", app_name: "Playback" } }),
      ],
    });
    server.on("GET", /\/bridges$/, {
      status: 200,
      body: [
        { id: "c2~2~bridge", channels: ["c2~1~202", "c2"] },
        { id: "c1~2~bridge", channels: ["c1"] },
        { id: "not-ours", channels: ["c1", leg] },
      ],
    });
    server.on("GET", /\/endpoints\/PJSIP$/, {
      status: 200,
      body: [
        { technology: "PJSIP", resource: "p201", state: "online", channel_ids: [leg] },
        { technology: "PJSIP", resource: "p202", state: "offline", channel_ids: [] },
      ],
    });
    const { pbx, next, events } = make(server);
    // Comes in while the lists are read.
    server.nextRequest("GET", /\/bridges$/).then(() => server.send(arrived("c3")));
    const done = next("call_arrived");
    pbx.start();
    await done;
    assert.deepEqual(events, [
      {
        type: "pbx_snapshot",
        run: "2026-11-23T09:00:00.123+0000",
        callers: [
          { call: "c1", number: "115", from: "0891234", arrivedMs: Date.parse("2026-11-23T09:08:57.299Z") },
          { call: "c2", number: "115", from: null, arrivedMs: Date.parse("2026-11-23T09:08:58Z") },
        ],
        legs: [
          { leg, state: "ringing" },
          { leg: "c2~1~202", state: "up" },
          { leg: "c2~1~203", state: "ringing" },
        ],
        talks: [
          { call: "c2", leg: "c2~1~202", bridge: "c2~2~bridge" },
          { call: "c1", leg: null, bridge: "c1~2~bridge" },
        ],
        phones: [
          { agent: "201", phone: "reachable" },
          { agent: "202", phone: "unreachable" },
        ],
        elsewhere: ["elsewhere"],
      },
      {
        type: "call_arrived",
        call: "c3",
        number: "115",
        from: "0891234",
        arrivedMs: Date.parse("2026-11-23T09:08:57.299Z"),
      },
    ]);
    const { connected, version } = pbx.status();
    assert.deepEqual({ connected, version }, { connected: true, version: "22.10.1" });
  });

  it("waits for an Asterisk that boots: refused, 404, 503, a socket that is closed at once", async () => {
    const server = await FakeAri.start();
    server.on("GET", /\/asterisk\/info$/, { status: 503, body: { message: "Asterisk not booted" } }, 1);
    server.on("GET", /\/asterisk\/info$/, { status: 404 }, 1);
    server.on("GET", /\/asterisk\/info$/, "reset", 1);
    server.on("GET", /\/asterisk\/info$/, "hang", 1);
    server.on("GET", /\/api-docs\/channels.json$/, { status: 503 }, 1);
    server.on("GET", /\/api-docs\/bridges.json$/, "hang", 1);
    server.on("GET", /\/channels$/, "hang", 1);
    const { pbx, next } = make(server);
    const snapshot = next("pbx_snapshot");
    pbx.start();
    await snapshot;
  });

  it("opens the event socket again and again", async () => {
    const server = await FakeAri.start();
    server.acceptsSockets = false;
    const { pbx, next, log } = make(server);
    pbx.start();
    // ari-client alone would give up after the tenth.
    while (server.asked.filter(({ path }) => path === "/ari/asterisk/info").length < 12)
      await server.nextRequest("GET", /\/asterisk\/info$/);
    const snapshot = next("pbx_snapshot");
    server.acceptsSockets = true;
    await snapshot;
    const complaints = log.lines.filter(({ level }) => level === "warn");
    assert.equal(complaints.length, 1, `one complaint, not twelve: ${JSON.stringify(complaints)}`);
  });

  it("tells the loss once, and starts over", async () => {
    const server = await FakeAri.start();
    const { pbx, next, events } = make(server);
    let snapshot = next("pbx_snapshot");
    pbx.start();
    await snapshot;
    snapshot = next("pbx_snapshot");
    server.sockets.at(-1)?.resetAndDestroy();
    await snapshot;
    assert.deepEqual(
      events.map(({ type }) => type),
      ["pbx_snapshot", "pbx_lost", "pbx_snapshot"],
    );
  });

  it("cuts a half-open connection when a ping stays unanswered", async () => {
    const server = await FakeAri.start();
    const { pbx, next } = make(server);
    const snapshot = next("pbx_snapshot");
    pbx.start();
    await snapshot;
    const lost = next("pbx_lost");
    server.answersPings = false;
    await lost;
    const again = next("pbx_snapshot");
    server.answersPings = true;
    await again;
  });

  it("cuts a connection on which pings are answered and requests are not", async () => {
    const server = await FakeAri.start();
    const { pbx, next, troubles } = make(server);
    const snapshot = next("pbx_snapshot");
    pbx.start();
    await snapshot;
    const lost = next("pbx_lost");
    server.on("GET", /./, "hang");
    await lost;
    await server.nextRequest("GET", /\/asterisk\/info$/);
    const again = next("pbx_snapshot");
    server.forgetRules();
    await again;
    assert.deepEqual(
      troubles.map(([connection, message]) => [connection, message === null]),
      [
        ["asterisk", false],
        ["asterisk", true],
      ],
    );
    assert.match(troubles[0]?.[1] ?? "", /^Asterisk does not answer since [0-9:]{8}: .*nothing was answered/);
  });

  it("a slow request is no reason to cut it", async () => {
    const server = await FakeAri.start();
    const { pbx, next, events } = make(server, { requestTimeoutMs: 300 });
    const snapshot = next("pbx_snapshot");
    pbx.start();
    await snapshot;
    server.on("GET", /\/asterisk\/modules$/, { status: 200, body: [], afterMs: 250 });
    assert.deepEqual(await pbx.examine(), { modules: [], trunk: "none" });
    assert.equal(events.length, 1);
  });

  it("says whether it is another Asterisk than before", async () => {
    const server = await FakeAri.start();
    const { pbx, next } = make(server);
    const first = next("pbx_snapshot");
    pbx.start();
    const { run } = await first;
    const second = next("pbx_snapshot");
    server.sockets.at(-1)?.resetAndDestroy();
    assert.equal((await second).run, run);
    const third = next("pbx_snapshot");
    server.startedAt = "2026-11-23T10:00:00.000+0000";
    server.sockets.at(-1)?.resetAndDestroy();
    assert.notEqual((await third).run, run);
  });

  it("survives events it does not know, and text that is none", async () => {
    const server = await FakeAri.start();
    const { pbx, next, log, events } = make(server);
    const snapshot = next("pbx_snapshot");
    pbx.start();
    await snapshot;
    const call = next("call_arrived");
    server.send({ type: "FromTheFuture", channel: { id: "c0" } });
    server.send({ type: "ChannelDestroyed" });
    server.sendText("{ no JSON");
    server.sendText("null");
    server.send(arrived("c1"));
    await call;
    assert.equal(events.length, 2);
    assert.ok(log.lines.some(({ fields }) => "type" in fields && fields.type === "FromTheFuture"));
  });

  it("gives way to another client for a while", async () => {
    const server = await FakeAri.start();
    const { pbx, next, log } = make(server);
    let snapshot = next("pbx_snapshot");
    pbx.start();
    await snapshot;
    const lost = next("pbx_lost");
    snapshot = next("pbx_snapshot");
    server.send({ type: "ApplicationReplaced", application: "hotline" });
    const begunMs = performance.now();
    await lost;
    await snapshot;
    assert.ok(performance.now() - begunMs >= 40);
    assert.ok(log.lines.some(({ level, message }) => level === "error" && /taken over/.test(message)));
  });

  it("asks for the end of a channel that has left and was not reported", async () => {
    const server = await FakeAri.start();
    const { pbx, next } = make(server);
    const snapshot = next("pbx_snapshot");
    pbx.start();
    await snapshot;
    const left = next("caller_left");
    server.send(arrived("c1"));
    server.send({ type: "StasisEnd", channel: channel("c1") });
    assert.equal((await left).call, "c1");
  });

  it("reports a phone that cannot be rung, and a leg that is gone", async () => {
    const server = await FakeAri.start();
    server.on("POST", /\/channels\/c1~1~201$/, { status: 500, body: { error: "Allocation failed" } });
    server.on("DELETE", /\/channels\/c1~2~202$/, { status: 404, body: { message: "Channel not found" } });
    const { pbx, next } = make(server);
    const snapshot = next("pbx_snapshot");
    pbx.start();
    await snapshot;
    let ended = next("leg_ended");
    pbx.carryOut({
      type: "ring_agent",
      call: "c1" as CallId,
      agent: "201" as AgentId,
      leg: "c1~1~201" as LegId,
      ringTimeoutMs: 20_000 as never,
      show: { name: 'Bürger"telefon\r\n', number: null },
    });
    assert.deepEqual(await ended, { type: "leg_ended", leg: "c1~1~201", cause: 20, sipCode: null });
    const rung = server.asked.find(({ path }) => path === "/ari/channels/c1~1~201")!;
    assert.deepEqual(Object.fromEntries(rung.query), {
      endpoint: "PJSIP/p201",
      context: "offers",
      extension: "answered",
      priority: "1",
      originator: "c1",
      callerId: '"Bürgertelefon" <anonymous>',
      timeout: "25",
    });
    ended = next("leg_ended");
    pbx.carryOut({ type: "release_leg", leg: "c1~2~202" as LegId, reason: "answered_elsewhere" });
    assert.equal((await ended).leg, "c1~2~202");
    const released = server.asked.find(({ path }) => path === "/ari/channels/c1~2~202")!;
    assert.equal(released.query.get("reason_code"), "26");
  });

  it("leaves calls alone when it stops, and says nothing of a loss", async () => {
    const server = await FakeAri.start();
    const { pbx, next, events } = make(server);
    const snapshot = next("pbx_snapshot");
    pbx.start();
    await snapshot;
    // The dialplan is told that we are there, and then that we are not; nothing else is changed.
    const changed = () => server.asked.filter(({ method }) => method !== "GET").map(({ path }) => path);
    const changedBefore = changed().length;
    await pbx.stop();
    assert.deepEqual(new Set(changed().slice(changedBefore)), new Set(["/ari/asterisk/variable"]));
    const lastChange = server.asked.findLast(({ method }) => method !== "GET");
    assert.equal(lastChange?.query.get("value"), "0");
    assert.deepEqual(
      events.map(({ type }) => type),
      ["pbx_snapshot"],
    );
    assert.equal(pbx.status().connected, false);
  });
});
