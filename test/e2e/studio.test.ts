/** Agents' phones called to hear an announcement or to speak one, and texts as callers hear them. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { AnnouncementView, Played } from "../../src/api/schemas.ts";
import { testAftermath } from "../support/aftermath.ts";
import { announcementSound, announceTone } from "../support/announcements.ts";
import { readSound } from "../support/codecs.ts";
import { endedCall } from "../support/conversation.ts";
import { poll } from "../support/process.ts";
import { useSystem } from "../support/system.ts";
import { heardMs, tone } from "../support/tones.ts";

const prompt = readSound(join(import.meta.dirname, "../../asterisk-config/sounds/record.alaw"));
const beepHertz = 1_000;

describe("the studio", () => {
  const system = useSystem();
  const recordings = () => {
    const folder = join(system.home, "asterisk-data/spool/recording");
    return readdirSync(folder);
  };

  test("a colleague speaks an announcement into the phone, callers hear it, and it can be played to the phone", async () => {
    const phone = await system.agent("301", { sound: tone(650) });
    const recorded = system.change<AnnouncementView>(
      "announce",
      "record",
      "demo",
      "no_agents",
      "--agent",
      "301",
    );
    const call = await phone.nextCall();
    assert.equal(call.callerName, "Bürgerhotline");
    await call.answer();
    await system.waitForAgent("301", "busy");
    await call.hearsSpeech(prompt);
    await call.hears(beepHertz);
    const from = call.audio.packetsSent;
    await poll("two seconds of recording", 10_000, () => call.audio.packetsSent >= from + 100 || undefined);
    call.hangUp();
    const view = await recorded;
    assert.deepEqual([view.source, view.text, view.isDefault], ["file", "recorded by 301", false]);
    assert.ok(view.lengthMs > 1_000 && view.lengthMs < 30_000, `${view.lengthMs} ms`);
    assert.ok(Math.abs((view.loudnessLufs ?? 0) + 23) <= 1, `${view.loudnessLufs} LUFS`);
    assert.deepEqual(recordings(), [], "Asterisk keeps nothing");
    await system.waitForAgent("301", "ready");

    const played = system.json<Played>("announce", "play", "demo", "no_agents", "--agent", "301");
    const listening = await phone.nextCall();
    await listening.answer();
    await listening.hears(650);
    assert.equal((await listening.ended(40_000)).by, "them");
    assert.deepEqual(await played, { heard: "to_end" });
    assert.equal(heardMs(listening.recording(), beepHertz), 0, "the tone is not in the recording");

    await system.change("agent", "logout", "301");
    const caller = await system.call("115", { from: "0304450001" });
    await caller.hears(650);
    await caller.ended(40_000);
    await endedCall(system, "0304450001");
    await system.change("announce", "reset", "demo", "no_agents");
  });

  test("who hangs up early hears no more, and what is silent or nothing is refused", async () => {
    await announceTone(system, "full", 1_200, 5_000);
    const before = await system.json<AnnouncementView[]>("announce", "list", "demo");
    const phone = await system.agent("302");
    const played = system.json<Played>("announce", "play", "demo", "full", "--agent", "302");
    const listening = await phone.nextCall();
    await listening.answer();
    await listening.hears(1_200);
    listening.hangUp();
    assert.deepEqual(await played, { heard: "cut_off" });

    for (const [until, message] of [
      ["beep", /nothing but silence in the file\. The announcement is as it was/],
      ["prompt", /Agent 302 has hung up before anything was recorded/],
    ] as const) {
      await system.waitForAgent("302", "ready");
      const recording = system.hotline("announce", "record", "demo", "full", "--agent", "302", "--yes");
      const call = await phone.nextCall();
      await call.answer();
      if (until === "prompt") {
        await call.hearsSpeech(prompt.subarray(0, 8 * 1_500));
      } else {
        await call.hears(beepHertz, 20_000);
        const from = call.audio.packetsSent;
        await poll("a second of silence", 10_000, () => call.audio.packetsSent >= from + 60 || undefined);
      }
      call.hangUp();
      const { exitCode, stderr } = await recording;
      assert.ok(exitCode !== 0 && message.test(stderr), stderr);
    }
    await system.waitForAgent("302", "ready");
    const declined = system.hotline("announce", "play", "demo", "full", "--agent", "302");
    (await phone.nextCall()).reject(603);
    const refused = await declined;
    assert.deepEqual(
      [refused.exitCode, /302 did not take the call: it was declined/.test(refused.stderr)],
      [1, true],
    );
    assert.deepEqual(await system.json<AnnouncementView[]>("announce", "list", "demo"), before);
    assert.deepEqual(recordings(), []);
    await system.change("announce", "reset", "demo", "full");
    await system.change("agent", "logout", "302");
  });

  test("an agent who is on the phone, or has none, is not called", async () => {
    const phone = await system.agent("303");
    const caller = await system.call("115", { from: "0304450002" });
    const agent = await phone.nextCall();
    const play = () => system.hotline("announce", "play", "demo", "greeting", "--agent", "303");
    const offered = await play();
    assert.deepEqual(
      [offered.exitCode, /303 is on the phone/.test(offered.stderr)],
      [1, true],
      offered.stderr,
    );
    await agent.answer();
    await system.waitForAgent("303", "talking");
    const talking = await play();
    assert.deepEqual(
      [talking.exitCode, /303 is on the phone/.test(talking.stderr)],
      [1, true],
      talking.stderr,
    );
    assert.equal(phone.calls.length, 1);
    caller.hangUp();
    await endedCall(system, "0304450002");
    await system.change("agent", "logout", "303");
    await system.addAgent("304");
    for (const id of ["304", "999"]) {
      const { exitCode, stderr } = await system.hotline(
        "announce",
        "play",
        "demo",
        "greeting",
        "--agent",
        id,
      );
      assert.equal(exitCode, 1);
      assert.match(stderr, id === "304" ? /not registered/ : /There is no agent "999"/);
    }
  });

  test("a text is heard by the very next caller, and after reset the default again", async () => {
    const said = "Zurzeit ist niemand da. Sie erreichen die {{hotline}} {{next_opening}}.";
    await system.change("hours", "set", "mon-sun 00:00-23:59");
    const view = await system.change<AnnouncementView>("announce", "say", "demo", "no_agents", said);
    assert.equal(view.text, said);
    assert.match(
      view.spoken ?? "",
      /^Zurzeit ist niemand da\. Sie erreichen die Bürgerhotline (morgen|heute) ab null Uhr\.$/,
    );
    for (const from of ["0304450003", "0304450004"]) {
      const sound = await announcementSound(system, "no_agents");
      const caller = await system.call("115", { from });
      await caller.hearsSpeech(sound, 30_000);
      await caller.ended();
      await endedCall(system, from);
      await system.change("announce", "reset", "demo", "no_agents");
    }
    const wrong = await system.hotline("announce", "say", "demo", "closed", "Ab {{datum}}", "--yes");
    assert.equal(wrong.exitCode, 2);
    assert.match(
      wrong.stderr,
      /\{\{datum\}\} at character 4 is no placeholder\. Allowed in closed: \{\{hotline\}\}, \{\{next_opening\}\}/,
    );
  });

  // An agent who hangs up in the middle of something.
  testAftermath(system, { asterisk: [/ studio~[0-9a-f-]+: Playback failed for sound:/] });
});
