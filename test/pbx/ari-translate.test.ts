import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { callerIdText, dialString } from "../../src/pbx/ari/caller-id.ts";
import {
  callerIn,
  callerNumber,
  isCode,
  legIn,
  phoneOf,
  type Sighting,
  sightingOf,
} from "../../src/pbx/ari/translate.ts";
import type { AriChannel, AriEvent } from "../../src/pbx/ari/types.ts";

/** Events as Asterisk 22.10.1 sent them, each with what it means. */
const recorded = readFileSync(join(import.meta.dirname, "ari-recorded.jsonl"), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as { means: Sighting; event: AriEvent });

const channel = (over: Partial<AriChannel> = {}): AriChannel => ({
  id: "c1",
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

describe("what an event means", () => {
  for (const { means, event } of recorded) {
    const id = "channel" in event && event.channel ? ` of ${event.channel.id}` : "";
    it(`${event.type}${id} means ${means.kind}`, () => assert.deepEqual(sightingOf(event), means));
  }

  it("a phone that answers with 183 rings", () => {
    const event = { type: "Dial", dialstatus: "PROGRESS", peer: channel({ id: "c1~1~201" }) } as const;
    assert.deepEqual(sightingOf(event), { kind: "leg_ringing", leg: "c1~1~201" });
  });

  for (const [name, endpoint] of [
    ["PJSIP/201-k7x-0000001f", "201-k7x"],
    ["PJSIP/a.b-00000001-000000ff", "a.b-00000001"],
    ["Local/201@agents-00000001;2", null],
  ] as const)
    it(`a code dialled with ${name} comes from ${endpoint}, whatever number it shows`, () => {
      const agent = channel({ name, caller: { name: "", number: "202" } });
      const event = { type: "StasisStart", args: ["code", "wrap_up"], channel: agent } as const;
      assert.deepEqual(sightingOf(event), { kind: "code_dialled", channel: "c1", endpoint, code: "wrap_up" });
    });

  it("a code that does not exist is dialled by a stranger", () => {
    const event = { type: "StasisStart", args: ["code", "reboot"], channel: channel() } as const;
    assert.equal(sightingOf(event).kind, "stranger");
  });

  it("a channel that takes the place of another is no caller", () => {
    const event = {
      type: "StasisStart",
      args: ["arrived", "allowed"],
      channel: channel({ id: "c2" }),
      replace_channel: channel(),
    } as const;
    assert.deepEqual(sightingOf(event), { kind: "stranger", channel: "c2", replaces: "c1" });
  });

  it("a channel with arguments we do not know is a stranger", () => {
    const event = { type: "StasisStart", args: [], channel: channel() } as const;
    assert.deepEqual(sightingOf(event), { kind: "stranger", channel: "c1", replaces: null });
  });

  it("a playback in a bridge is none of a caller's", () => {
    const playback = { id: "p", target_uri: "bridge:b", state: "done" };
    assert.equal(sightingOf({ type: "PlaybackFinished", playback }).kind, "nothing");
  });
});

describe("who is in Asterisk", () => {
  it("a caller is a channel in our application", () => {
    assert.deepEqual(callerIn(channel({ state: "Up" }), "hotline"), {
      call: "c1",
      number: "115",
      from: "0891234",
      arrivedMs: Date.parse("2026-11-23T09:08:57.299Z"),
      answered: true,
    });
  });

  const dialplan = channel().dialplan;
  for (const [what, over] of Object.entries<Partial<AriChannel>>({
    "one that was handed to the fallback": { dialplan: { ...dialplan, app_name: "Playback" } },
    "one in another application": { dialplan: { ...dialplan, app_data: "other,arrived" } },
    "an agent who dials a code": { dialplan: { ...dialplan, app_data: "hotline,code,login" } },
    "a leg outside": { id: "c1~1~forward", dialplan: { ...dialplan, app_data: "hotline,agent" } },
    "an agent's leg": { id: "c1~1~201", dialplan: { ...dialplan, app_data: "hotline,agent" } },
    "one that is not in the dialplan": { dialplan: { context: "", exten: "" } },
  })) {
    it(`not ${what}`, () => assert.equal(callerIn(channel(over), "hotline"), null));
  }

  it("who is restricted has no number, whatever the channel says", () => {
    const over = { dialplan: { ...dialplan, app_data: "hotline,arrived,restricted" } };
    assert.equal(callerIn(channel(over), "hotline")?.from, null);
  });

  it("an agent who dials a code is one in our application", () => {
    const coded = (app_data: string, app_name = "Stasis") =>
      isCode(channel({ dialplan: { ...dialplan, app_name, app_data } }), "hotline");
    assert.equal(coded("hotline,code,login"), true);
    assert.equal(coded("hotline,arrived,allowed"), false);
    assert.equal(coded("other,code,login"), false);
    assert.equal(coded("hotline,code,login", "Playback"), false);
  });

  it("a leg is up or, from being dialled on, ringing", () => {
    const states = ["Down", "Ringing", "Up"].map((state) => legIn(channel({ id: "c1~1~201", state }))?.state);
    assert.deepEqual(states, ["ringing", "ringing", "up"]);
    assert.equal(legIn(channel({ id: "c1~1~forward", state: "Up" }))?.state, "up");
    assert.equal(legIn(channel()), null);
    assert.equal(legIn(channel({ id: "c1~2~bridge" })), null);
  });

  it("a phone is in use by calls that are not ours", () => {
    const ours = "c1~1~201";
    const phone = (state: "online" | "offline" | "unknown", ...channel_ids: string[]) =>
      phoneOf({ state, channel_ids });
    assert.equal(phone("online"), "reachable");
    assert.equal(phone("online", ours), "reachable");
    assert.equal(phone("online", ours, "1795424937.0"), "in_use");
    assert.equal(phone("offline"), "unreachable");
    assert.equal(phone("unknown"), "unknown");
    assert.equal(phoneOf({ channel_ids: [] }), "unknown");
  });
});

describe("numbers and names", () => {
  for (const [number, known] of [
    ["0891234", "0891234"],
    ["+49 89 1234", "+49 89 1234"],
    ["", null],
    ["anonymous", null],
    ["Anonymous", null],
    ["Unknown", null],
    ['"x" <1>\r\n', "x 1"],
    ["9".repeat(500), "9".repeat(80)],
  ] as const) {
    it(`${JSON.stringify(number.slice(0, 20))} is ${known === null ? "anonymous" : "a number"}`, () =>
      assert.equal(callerNumber(number), known));
  }

  for (const [name, number, text] of [
    ["Bürgertelefon Süd", "0891234", '"Bürgertelefon Süd" <0891234>'],
    ["Bürgertelefon", null, '"Bürgertelefon" <anonymous>'],
    ['a" <110>, "b', "1", '"a 110, b" <1>'],
    ["x\r\nX-Evil: 1", "1\r\n2", '"xX-Evil: 1" <12>'],
    ["back\\slash\0", "<1>;tag", '"backslash" <1tag>'],
    ["", "", '"" <anonymous>'],
  ] as const) {
    it(`shows ${text}`, () => assert.equal(callerIdText(name, number), text));
  }

  it("dials only plain names", () => {
    assert.equal(dialString("p201-x7"), "PJSIP/p201-x7");
    for (const name of ["a&PJSIP/b", "a/b", "201@trunk", "", "-a", "a b", "a,b", "x".repeat(61)])
      assert.equal(dialString(name), null, name);
  });
});
