import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import type { Confirmation, Effect } from "../../src/core/effects.ts";
import type { PbxEvent } from "../../src/core/events.ts";
import type {
  AgentId,
  BridgeId,
  CallId,
  ChannelId,
  HotlineId,
  LegId,
  PlaybackId,
} from "../../src/core/ids.ts";
import type { WallMs } from "../../src/core/time.ts";
import { AriError, type AriErrorKind } from "../../src/pbx/ari/errors.ts";
import type { Operations } from "../../src/pbx/ari/operations.ts";
import { Orders } from "../../src/pbx/ari/orders.ts";
import { Phones } from "../../src/pbx/ari/phones.ts";
import { Switchboard } from "../../src/pbx/ari/switchboard.ts";
import type { LastHeard } from "../../src/pbx/port.ts";
import { testLog } from "./ari-log.ts";

const call = "c1" as CallId;
const leg = "c1~1~201" as LegId;
const bridge = "c1~2~bridge" as BridgeId;
const playback = "c1~1~play" as PlaybackId;
const arrived = {
  kind: "caller_arrived",
  caller: { call, number: "115", from: null, arrivedMs: 1_000 as WallMs, answered: false },
} as const;
const alive = {
  id: call,
  state: "Up",
  caller: { number: "" },
  dialplan: { context: "from-trunk", exten: "115", app_name: "Stasis", app_data: "hotline,arrived,allowed" },
};

const ring: Effect = {
  type: "ring_agent",
  call,
  agent: "201" as AgentId,
  leg,
  ringTimeoutMs: 20_000 as never,
  show: { name: "Demo", number: "0891234" },
};
const greet: Effect = {
  type: "play",
  call,
  playback,
  hotline: "demo" as HotlineId,
  announcement: "greeting",
  spoken: null,
};

const outside = "c1~2~forward" as LegId;
const forward: Effect = {
  type: "ring_outside",
  call,
  leg: outside,
  number: "+4936112345",
  ringTimeoutMs: 45_000 as never,
  showNumber: "115",
};
const codeChannel = "1795424937.7" as ChannelId;
const dialled = {
  kind: "code_dialled",
  channel: codeChannel,
  endpoint: "p201",
  code: "pause",
} as const;
const confirm: Effect = { type: "confirm_code", channel: codeChannel, confirmation: "paused" };

/** An Asterisk that does everything at once, except for what a test says. Keeps what was asked. */
class Exchange {
  readonly asked: string[] = [];
  /** Everything given with what was asked. */
  readonly given: unknown[][] = [];
  /** What an earlier daemon has on record. */
  recorded: LastHeard | null = null;
  readonly told: PbxEvent[] = [];
  readonly answers = new Map<string, (() => unknown)[]>();
  readonly board: Switchboard;
  readonly orders: Orders;
  connected = true;
  readonly #log = testLog();

  constructor() {
    const tell = (event: PbxEvent) => void this.told.push(event);
    const agentOf = (endpoint: string) => (endpoint === "p201" ? ("201" as AgentId) : null);
    const log = this.#log;
    const phones = new Phones({ tell, agentOf });
    this.board = new Switchboard(
      phones,
      {
        tell,
        lastHeard: () => this.recorded,
        musicAgain: (call) => this.orders.musicAgain(call),
        hangUpOther: (channel) => this.orders.hangUpOther(channel),
        checkFarewell: (channel) => this.orders.checkFarewell(channel),
        checkJoin: (...join) => this.orders.checkJoin(...join),
        replaced: () => {},
        otherGone: () => {},
      },
      { joinTimeoutMs: 10, farewellMs: 10 },
      log,
    );
    const operations = new Proxy({} as Operations, {
      get:
        (_, name: string) =>
        async (...given: unknown[]) => {
          this.given.push(given);
          const ids = given.map((one) => (typeof one === "object" ? (one as { leg: string }).leg : one));
          this.asked.push([name, ...ids].join(" "));
          const answer = this.answers.get(name)?.shift();
          if (answer) return answer();
          return name === "channel" ? alive : undefined;
        },
    });
    const surroundings = {
      tell,
      endpointOf: (agent: string) => (agent === "201" ? "p201" : null),
      agentOf,
      onTrouble: () => undefined,
      mediaOf: () => "sound:x",
      lastHeard: () => this.recorded,
      isKnown: () => false,
      onRecord: async () => null,
      spoolTrouble: () => undefined,
      confirmationMedia: (confirmation: Confirmation) => `sound:${confirmation}`,
    };
    this.orders = new Orders(
      this.board,
      () => (this.connected ? operations : null),
      surroundings,
      "hotline",
      log,
    );
  }

  /** The next answers to an operation; the last ones are as usual. */
  answer(name: keyof Operations, ...answers: (() => unknown)[]): void {
    this.answers.set(name, answers);
  }

  async carryOut(...effects: Effect[]): Promise<void> {
    for (const effect of effects) this.orders.carryOut(effect);
    await this.orders.idle();
  }

  get complaints(): string[] {
    return this.#log.lines.filter(({ level }) => level === "warn").map(({ message }) => message);
  }

  get toldTypes(): string[] {
    return this.told.map(({ type }) => type);
  }
}

const fails = (kind: AriErrorKind) => () => {
  throw new AriError(kind, kind);
};
const gone = () => null;

describe("carrying out orders", () => {
  let at: Exchange;
  beforeEach(() => {
    at = new Exchange();
    at.board.take(arrived);
    at.told.length = 0;
  });

  it("orders about one call run in their order, a ringing phone waits for none of them", async () => {
    await at.carryOut({ type: "answer", call }, greet, { type: "start_music", call }, ring);
    assert.deepEqual(at.asked, [
      "answer c1",
      `originate ${leg}`,
      `play c1 ${playback} sound:x`,
      `stopPlayback ${playback}`,
      "startMusic c1",
    ]);
  });

  it("a release waits for the ringing of the same phone", async () => {
    await at.carryOut(ring, { type: "release_leg", leg, reason: "answered_elsewhere" });
    assert.deepEqual(at.asked, [`originate ${leg}`, `hangUp ${leg} 26`]);
  });

  it("what is wanted is done even if answering had been missed", async () => {
    await at.carryOut({ type: "start_music", call });
    assert.deepEqual(at.asked, ["answer c1", "startMusic c1"]);
  });

  it("an answer that got lost is asked for again, and taken as it is", async () => {
    at.answer("answer", fails("timed_out"));
    await at.carryOut({ type: "answer", call });
    assert.deepEqual(at.asked, ["answer c1", "answer c1"]);
    assert.deepEqual(at.told, []);
  });

  it("a caller who is gone is reported with the order that finds it out", async () => {
    at.answer("answer", fails("not_found"));
    at.answer("channel", gone);
    await at.carryOut({ type: "answer", call }, greet);
    assert.deepEqual(at.told, [{ type: "caller_left", call }]);
    assert.deepEqual(at.asked, ["answer c1", "channel c1"]);
  });

  it("an announcement that cannot be played is over", async () => {
    at.answer("play", fails("failed"));
    await at.carryOut(greet);
    assert.deepEqual(at.told, [{ type: "playback_finished", call, playback }]);
  });

  for (const [meanwhile, expected] of [
    ["stays", ["playback_finished"]],
    ["has hung up", ["caller_left"]],
  ] as const)
    it(`an announcement that breaks off is over if the caller ${meanwhile}`, async () => {
      await at.carryOut(greet);
      at.board.take({ kind: "playback_finished", call, playback, failed: true });
      assert.deepEqual(at.told, [], "the end of the call may be on its way");
      if (meanwhile === "has hung up")
        at.board.take({ kind: "channel_gone", channel: call, cause: 16, sipCode: null });
      // The bound of the exchange is 10 ms.
      await new Promise((resolve) => setTimeout(resolve, 30));
      assert.deepEqual(at.toldTypes, expected);
    });

  it("an announcement whose answer got lost is asked for", async () => {
    at.answer("play", fails("broken"));
    at.answer("playback", () => ({ id: playback }));
    await at.carryOut(greet);
    assert.deepEqual(at.told, []);
  });

  for (const [kind, cause] of [
    ["no_contact", 20],
    ["failed", 38],
  ] as const) {
    it(`a phone that cannot be rung (${kind}) has ended with cause ${cause}`, async () => {
      at.answer("originate", fails(kind));
      await at.carryOut(ring);
      assert.deepEqual(at.told, [{ type: "leg_ended", leg, cause, sipCode: null }]);
    });
  }

  it("an agent without a phone is not rung", async () => {
    await at.carryOut({ ...ring, agent: "999" as AgentId });
    assert.deepEqual(at.asked, []);
    assert.deepEqual(at.toldTypes, ["leg_ended"]);
  });

  it("a number outside is rung over the trunk, and sees the hotline's number", async () => {
    await at.carryOut(forward);
    assert.deepEqual(at.given, [
      [
        {
          leg: outside,
          endpoint: "PJSIP/+4936112345@trunk",
          originator: call,
          callerId: '"" <115>',
          timeoutSeconds: 50,
        },
      ],
    ]);
    at.board.take({ kind: "leg_ringing", leg: outside });
    at.board.take({ kind: "leg_answered", leg: outside });
    at.board.take({ kind: "channel_gone", channel: outside, cause: 16, sipCode: null });
    assert.deepEqual(at.toldTypes, ["leg_ringing", "leg_answered", "leg_ended"]);
  });

  for (const number of [
    "",
    "11",
    "+",
    "0361 1",
    "1&PJSIP/2",
    "1@other",
    "1/2",
    "1".repeat(21),
    "abc",
    "+1+2+3",
  ])
    it(`${JSON.stringify(number)} is not dialled outside`, async () => {
      await at.carryOut({ ...forward, number });
      assert.deepEqual(at.asked, []);
      assert.deepEqual(at.told, [{ type: "leg_ended", leg: outside, cause: 28, sipCode: null }]);
    });

  it("a provider that cannot be reached has ended the leg", async () => {
    at.answer("originate", fails("no_contact"));
    await at.carryOut(forward);
    assert.deepEqual(at.told, [{ type: "leg_ended", leg: outside, cause: 20, sipCode: null }]);
  });

  it("an id that is taken rings already", async () => {
    at.answer("originate", fails("conflict"));
    await at.carryOut(ring);
    assert.deepEqual(at.told, []);
  });

  it("the agent is not to blame when the caller has just hung up", async () => {
    at.answer("originate", fails("not_found"));
    at.answer("channel", gone);
    await at.carryOut(ring);
    assert.deepEqual(at.toldTypes, ["caller_left", "leg_ended"]);
  });

  it("a ringing whose answer got lost is asked for: it rings, or it is ended for good", async () => {
    at.answer("originate", fails("timed_out"), fails("timed_out"));
    at.answer("channel", () => ({ id: leg }), gone);
    await at.carryOut(ring);
    assert.deepEqual(at.told, []);
    await at.carryOut({ ...ring, leg: "c1~3~201" as LegId });
    assert.equal(at.asked.at(-1), "hangUp c1~3~201 16");
    assert.deepEqual(at.toldTypes, ["leg_ended"]);
  });

  it("a phone that rings only after a new snapshot is hung up", async () => {
    at.answer("originate", () => at.board.reset({ callers: [], legs: [], codes: [] }));
    await at.carryOut(ring);
    assert.equal(at.asked.at(-1), `hangUp ${leg} 16`);
  });

  it("a conversation is there when both are in the bridge, and not before", async () => {
    at.board.callers.get(call)!.answered = true;
    await at.carryOut({ type: "start_music", call });
    at.asked.length = 0;
    await at.carryOut({ type: "connect", call, leg, bridge });
    assert.deepEqual(at.asked.slice(0, 2).toSorted(), [`createBridge ${bridge}`, "stopMusic c1"]);
    assert.deepEqual(at.asked.slice(2).toSorted(), [
      `addChannel ${bridge} c1`,
      `addChannel ${bridge} ${leg}`,
    ]);
    assert.deepEqual(at.told, []);
    at.board.take({ kind: "entered_bridge", bridge, channel: leg });
    assert.deepEqual(at.told, []);
    at.board.take({ kind: "entered_bridge", bridge, channel: call });
    at.board.take({ kind: "entered_bridge", bridge, channel: call });
    assert.deepEqual(at.told, [{ type: "connected", call, bridge }]);
  });

  it("a leg that cannot be added fails the conversation", async () => {
    at.answer("addChannel", fails("not_in_app"));
    await at.carryOut({ type: "connect", call, leg, bridge });
    assert.deepEqual(at.told, [{ type: "connect_failed", call, bridge, why: "not_in_app" }]);
  });

  it("a caller who is gone is told before the conversation fails", async () => {
    at.answer("addChannel", fails("not_found"), fails("not_found"));
    at.answer("channel", gone);
    await at.carryOut({ type: "connect", call, leg, bridge });
    assert.deepEqual(at.toldTypes, ["caller_left", "connect_failed"]);
  });

  it("Asterisk is asked when nobody is seen entering", async () => {
    at.answer("bridge", () => ({ id: bridge, channels: [leg, call] }));
    const asked = new Promise<void>((resolve) => {
      const { checkJoin } = at.orders;
      at.orders.checkJoin = (...join) => {
        checkJoin.apply(at.orders, join);
        resolve();
      };
    });
    await at.carryOut({ type: "connect", call, leg, bridge });
    await asked;
    await at.orders.idle();
    assert.deepEqual(at.told, [{ type: "connected", call, bridge }]);
  });

  it("closing a bridge ends the waiting for it", async () => {
    await at.carryOut({ type: "connect", call, leg, bridge }, { type: "close_bridge", call, bridge });
    at.board.take({ kind: "entered_bridge", bridge, channel: leg });
    at.board.take({ kind: "entered_bridge", bridge, channel: call });
    assert.deepEqual(at.told, []);
    assert.equal(at.asked.at(-1), `destroyBridge ${bridge}`);
  });

  it("a bridge that is on its way out need not be closed", async () => {
    at.answer("destroyBridge", fails("not_in_app"), fails("failed"));
    await at.carryOut({ type: "close_bridge", call, bridge });
    assert.deepEqual(at.complaints, []);
    await at.carryOut({ type: "close_bridge", call, bridge });
    assert.deepEqual(at.complaints, ["an order was not carried out"]);
  });

  it("who is gone already is reported when hung up", async () => {
    at.answer("hangUp", fails("not_found"), fails("not_found"));
    await at.carryOut({ type: "hang_up", call, reason: "unknown_number" });
    await at.carryOut({ type: "release_leg", leg, reason: "call_over" });
    assert.deepEqual(at.asked, ["hangUp c1 1", `hangUp ${leg} 16`]);
    assert.deepEqual(at.toldTypes, ["caller_left", "leg_ended"]);
  });

  it("verifying reports the dead and ends the living", async () => {
    at.answer("channel", gone, gone);
    await at.carryOut({ type: "verify_leg", leg });
    await at.carryOut({ type: "verify_caller", call });
    assert.deepEqual(at.toldTypes, ["leg_ended", "caller_left"]);
    await at.carryOut({ type: "verify_leg", leg }, { type: "verify_caller", call });
    assert.deepEqual(at.asked.slice(-2).toSorted(), ["hangUp c1 16", `hangUp ${leg} 16`]);
  });

  it("a call that goes to the fallback is no longer ours", async () => {
    await at.carryOut(greet, { type: "to_fallback", call });
    assert.deepEqual(at.asked.slice(-2), [`stopPlayback ${playback}`, "continueInDialplan c1"]);
    at.board.take({ kind: "channel_gone", channel: call, cause: 16, sipCode: null });
    assert.deepEqual(at.told, []);
  });

  // The guard gives callers away while the daemon is frozen; it may wake up, and be connected still.
  for (const [where, context, expected] of [
    ["is with the fallback", "away-people", "caller_elsewhere"],
    ["hears the apology", "fallback", "caller_elsewhere"],
    ["is hanging up", "ended", "caller_left"],
  ] as const) {
    const found = { ...alive, dialplan: { context, exten: "115", app_name: "Queue", app_data: "" } };

    it(`a caller who has left our application and ${where} is told as that`, async () => {
      at.answer("channel", () => found);
      at.orders.checkFarewell(call);
      await at.orders.idle();
      assert.deepEqual(at.told, [{ type: expected, call }]);
      at.board.take(arrived);
      assert.equal(at.toldTypes.at(-1), "call_arrived");
    });

    it(`so is one of whom an order finds that out who ${where}`, async () => {
      at.answer("startMusic", fails("conflict"));
      at.answer("channel", () => found);
      await at.carryOut({ type: "start_music", call });
      assert.deepEqual(at.told, [{ type: expected, call }]);
    });
  }

  it("without a connection orders are dropped, and nothing is left over", async () => {
    at.connected = false;
    await at.carryOut({ type: "answer", call }, ring, { type: "hang_up", call, reason: "normal" });
    assert.deepEqual([at.asked, at.told, at.orders.underWay], [[], [], 0]);
  });
});

describe("what is new of what was seen", () => {
  let at: Exchange;
  beforeEach(() => {
    at = new Exchange();
  });

  it("each thing is told once, however often Asterisk says it", async () => {
    at.board.take(arrived);
    at.board.take(arrived);
    await at.carryOut(ring);
    for (let times = 0; times < 2; times += 1) at.board.take({ kind: "leg_ringing", leg });
    for (let times = 0; times < 2; times += 1) at.board.take({ kind: "leg_answered", leg });
    at.board.take({ kind: "leg_ringing", leg });
    const end = { kind: "channel_gone", cause: 17, sipCode: 486 } as const;
    for (let times = 0; times < 2; times += 1) at.board.take({ ...end, channel: leg });
    for (let times = 0; times < 2; times += 1) at.board.take({ ...end, channel: call });
    assert.deepEqual(at.told, [
      { type: "call_arrived", call, number: "115", from: null, arrivedMs: 1_000 },
      { type: "leg_ringing", leg },
      { type: "leg_answered", leg },
      { type: "leg_ended", leg, cause: 17, sipCode: 486 },
      { type: "caller_left", call },
    ]);
  });

  it("legs that nobody waits for are hung up, ringing or answered", async () => {
    at.board.take({ kind: "leg_ringing", leg });
    at.board.take({ kind: "leg_answered", leg: "c1~2~202" as LegId });
    at.board.take({ kind: "stranger", channel: "x", replaces: null });
    await at.orders.idle();
    assert.deepEqual(at.asked, [`hangUp ${leg} 16`, "hangUp c1~2~202 16", "hangUp x 16"]);
    assert.deepEqual(at.told, []);
  });

  it("an agent who has dialled a code hears what came of it, then the call ends", async () => {
    for (let times = 0; times < 2; times += 1) at.board.take(dialled);
    assert.deepEqual(at.told, [{ type: "code_dialled", agent: "201", channel: codeChannel, code: "pause" }]);
    await at.carryOut(confirm);
    const heard = `${codeChannel}~play` as PlaybackId;
    assert.deepEqual(at.asked, [`answer ${codeChannel}`, `play ${codeChannel} ${heard} sound:paused`]);
    const over = {
      kind: "playback_finished",
      call: codeChannel as string as CallId,
      playback: heard,
    } as const;
    at.board.take({ ...over, failed: false });
    await at.orders.idle();
    assert.equal(at.asked.at(-1), `hangUp ${codeChannel} 16`);
    at.board.take({ kind: "channel_gone", channel: codeChannel, cause: 16, sipCode: null });
    assert.deepEqual([at.told.length, at.board.codes.size], [1, 0]);
  });

  it("a confirmation that cannot be played ends the call", async () => {
    at.board.take(dialled);
    at.answer("play", fails("failed"));
    await at.carryOut(confirm);
    assert.equal(at.asked.at(-1), `hangUp ${codeChannel} 16`);
  });

  it("who hangs up before the confirmation is left in peace", async () => {
    at.board.take(dialled);
    at.board.take({ kind: "channel_gone", channel: codeChannel, cause: 16, sipCode: null });
    await at.carryOut(confirm);
    assert.deepEqual(at.asked, []);
  });

  it("a code that nobody's phone has dialled changes nothing", async () => {
    at.board.take({ ...dialled, endpoint: "p999" });
    at.board.take({ ...dialled, channel: "x" as ChannelId, endpoint: null });
    await at.orders.idle();
    assert.deepEqual(at.asked, [`hangUp ${codeChannel} 16`, "hangUp x 16"]);
    assert.deepEqual(at.told, []);
  });

  it("codes from before a reconnect are hung up, and are not carried out late", async () => {
    at.board.reset({ callers: [], legs: [], codes: [codeChannel] });
    at.board.take(dialled);
    await at.orders.idle();
    assert.deepEqual(at.asked, [`hangUp ${codeChannel} 16`]);
    assert.deepEqual(at.told, []);
  });

  it("a channel that replaces another is left alone", async () => {
    at.board.take({ kind: "stranger", channel: "x", replaces: call });
    await at.orders.idle();
    assert.deepEqual(at.asked, []);
  });

  it("the announcement of an earlier daemon is stopped before anything else is heard", async () => {
    at.recorded = { kind: "announcement", playbacks: 17 };
    at.board.reset({ callers: [{ ...arrived.caller, answered: true }], legs: [], codes: [] });
    await at.carryOut({ type: "start_music", call });
    const stops = ["stopMusic c1", "stopPlayback c1~17~play", "stopPlayback c1~18~play"];
    assert.deepEqual(at.asked, [...stops, "startMusic c1"], "the second one may not have been written down");
  });

  it("without a record any of the first announcements may be heard", async () => {
    at.board.reset({ callers: [{ ...arrived.caller, answered: true }], legs: [], codes: [] });
    await at.carryOut({ type: "start_music", call });
    assert.ok(at.asked.includes(`stopPlayback ${playback}`));
    assert.equal(at.asked.at(-1), "startMusic c1");
  });

  it("music that could not be started is started by the next order, and for all who are taken over", async () => {
    at.recorded = { kind: "announcement", playbacks: 1 };
    at.board.reset({ callers: [{ ...arrived.caller, answered: true }], legs: [], codes: [] });
    at.answer("startMusic", fails("unavailable"));
    await at.carryOut({ type: "start_music", call });
    at.asked.length = 0;
    await at.carryOut({ type: "start_music", call });
    assert.deepEqual(at.asked, ["startMusic c1"]);
    at.asked.length = 0;
    at.board.reset({ callers: [{ ...arrived.caller, answered: true }], legs: [], codes: [] });
    await at.carryOut({ type: "start_music", call });
    assert.deepEqual(at.asked, ["startMusic c1"]);
  });

  it("the music of an earlier daemon is started again, and once more if an announcement went on under it", async () => {
    at.recorded = { kind: "music", playbacks: 1 };
    at.board.reset({ callers: [{ ...arrived.caller, answered: true }], legs: [], codes: [] });
    await at.carryOut({ type: "start_music", call });
    assert.deepEqual(at.asked, ["startMusic c1"]);
    const over = { kind: "playback_finished", call, playback, failed: false } as const;
    at.board.take(over);
    at.board.take(over);
    await at.orders.idle();
    assert.deepEqual(at.asked, ["startMusic c1", "startMusic c1"]);
  });

  it("a conversation ends the music of an earlier daemon and what may have gone on under it", async () => {
    at.recorded = { kind: "music", playbacks: 1 };
    at.board.reset({
      callers: [{ ...arrived.caller, answered: true }],
      legs: [{ leg, state: "up" }],
      codes: [],
    });
    await at.carryOut({ type: "connect", call, leg, bridge });
    assert.deepEqual(at.asked, [
      `createBridge ${bridge}`,
      "stopMusic c1",
      `addChannel ${bridge} ${leg}`,
      `stopPlayback ${playback}`,
      `addChannel ${bridge} c1`,
    ]);
  });
});
