/** What both ends really hear, in the codecs that callers come with. */
import assert from "node:assert/strict";
import { readdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { askAsterisk, testAftermath } from "../support/aftermath.ts";
import { announcementSound, announceTone } from "../support/announcements.ts";
import type { Call } from "../support/call.ts";
import { ari } from "../support/clean.ts";
import { readSound } from "../support/codecs.ts";
import { poll } from "../support/process.ts";
import { storyUntil } from "../support/story.ts";
import { type System, useSystem } from "../support/system.ts";
import { findSpeech, heardMs, level, tone, tonesIn, whenHeard } from "../support/tones.ts";

const codecs = ["alaw", "ulaw", "g722"] as const;
const callersHertz = 440;
const agentsHertz = 1_000;

describe("audio", () => {
  const system = useSystem();
  before(() => system.change("hotline", "set", "demo", "--wrap-up", "0s"));

  test("callers in alaw, ulaw and g722 hear the greeting and then music, without transcoding in alaw and g722", async () => {
    await system.agent("301");
    await system.change("agent", "pause", "301");
    const greeting = await announcementSound(system, "greeting");
    const callers = await Promise.all(
      codecs.map((codec, index) => system.call("115", { codecs: [codec], from: `0301000${index}` })),
    );
    await Promise.all(callers.map((caller) => caller.answered()));
    for (const caller of callers) await caller.hearsSpeech(beginningOf(greeting), 5_000, 0.6);
    const whileGreeted = await formats(system);

    const ids = await Promise.all(codecs.map((_, index) => idOf(system, `0301000${index}`)));
    for (const id of ids) await storyUntil(system, id, "music", 20_000);
    for (const [index, caller] of callers.entries()) {
      await caller.hearsSpeech(greeting, 5_000);
      assert.equal(caller.audio.receivedCodec, codecs[index]);
    }
    const greeted = callers.map((caller) => caller.recording().length);
    await Promise.all(callers.map((caller) => listen(caller, 3_000)));
    const whileWaiting = await formats(system);
    const music = musicFiles(system);
    for (const [index, caller] of callers.entries()) {
      const heard = caller.recording().subarray(greeted[index]! + 8 * 1_000);
      assert(level(heard) > 100, `${codecs[index]}: music is to be heard, not silence`);
      assert(
        // Half a second: these are long pieces to search.
        music.some((file) => findSpeech(file, heard.subarray(0, 8 * 500)).share === 1),
        `${codecs[index]}: what is heard is one of the pieces of music`,
      );
    }

    for (const seen of [whileGreeted, whileWaiting]) {
      assert.deepEqual(seen.get(ids[0]!), { native: "(alaw)", write: "alaw", transcoded: "No" });
      assert.deepEqual(seen.get(ids[2]!), { native: "(g722)", write: "g722", transcoded: "No" });
    }
    for (const caller of callers) caller.hangUp();
    await system.change("agent", "resume", "301");
  });

  for (const codec of codecs)
    test(`a caller in ${codec} and the agent hear each other, and nothing else once they talk`, async () => {
      const phone = await system.agent("301", { sound: tone(agentsHertz) });
      const caller = await system.call("115", { codecs: [codec], sound: tone(callersHertz) });
      const agent = await phone.nextCall();
      const greeting = await announcementSound(system, "greeting");
      await caller.hearsSpeech(beginningOf(greeting), 5_000, 0.6);
      await agent.answer();
      await Promise.all([caller.hears(agentsHertz), agent.hears(callersHertz)]);
      await Promise.all([listen(caller, 1_000), listen(agent, 1_000)]);
      agent.hangUp();
      await caller.ended();

      assert.equal(agent.audio.receivedCodec, codec, "the agent's phone has the caller's codec");
      const both = [callersHertz, agentsHertz];
      assert.deepEqual(tonesIn(caller.recording(), both), [agentsHertz], "what the caller heard");
      assert.deepEqual(tonesIn(agent.recording(), both), [callersHertz], "what the agent heard");
      // The greeting stopped at the answer: from the first moment of the agent's voice on there is nothing else.
      assertOnly(caller, agentsHertz);
      assertOnly(agent, callersHertz);
    });

  test("the music stops at the answer, and a caller in alaw can talk with a phone that only has g722", async () => {
    await announceTone(system, "greeting", 600);
    const phone = await system.agent("301", { sound: tone(agentsHertz), codecs: ["g722"] });
    const caller = await system.call("115", {
      codecs: ["alaw"],
      sound: tone(callersHertz),
      from: "03020001",
    });
    const agent = await phone.nextCall();
    agent.ring();
    await storyUntil(system, await idOf(system, "03020001"), "music");
    await listen(caller, 1_000);
    await agent.answer();
    await Promise.all([caller.hears(agentsHertz), agent.hears(callersHertz)]);
    await listen(caller, 1_000);
    agent.hangUp();
    await caller.ended();
    assertOnly(caller, agentsHertz);
    assertOnly(agent, callersHertz);
  });

  test("a caller on hold by the agent hears no more of the agent, and does so again afterwards", async () => {
    const phone = await system.agent("301", { sound: tone(agentsHertz) });
    const caller = await system.call("115", { sound: tone(callersHertz) });
    const agent = await phone.nextCall();
    await agent.answer();
    await caller.hears(agentsHertz);
    await agent.hold();
    await assert.rejects(caller.hears(agentsHertz, 700), /not within/);
    await agent.resume();
    await Promise.all([caller.hears(agentsHertz), agent.hears(callersHertz)]);
    caller.hangUp();
    assert.equal((await agent.ended()).by, "them");
  });

  testAftermath(system);
});

/** From where a tone is first heard, it is all there is: nothing else mixed in, no gap to speak of. */
function assertOnly(call: Call, hertz: number): void {
  const pcm = call.recording();
  const [first] = whenHeard(pcm, hertz);
  assert(first, `${hertz} Hz are heard`);
  const wholeMs = pcm.length / 8 - first.fromMs;
  const share = heardMs(pcm, hertz) / wholeMs;
  assert(share > 0.9, `${hertz} Hz are ${Math.round(share * 100)} % of the last ${Math.round(wholeMs)} ms`);
}

/** Waits until so much more audio has come in. */
async function listen(call: Call, lengthMs: number): Promise<void> {
  const enough = call.audio.packetsReceived + lengthMs / 20;
  await poll(
    `${lengthMs} ms of audio`,
    lengthMs + 5_000,
    () => call.audio.packetsReceived >= enough || undefined,
    () => call.describe(),
  );
}

async function idOf(system: System, from: string): Promise<string> {
  return (await system.waitForCall(`a call from ${from}`, (call) => call.from === from)).id;
}

/** "Guten Tag. Sie sind mit der …": enough to know that the greeting plays. */
const beginningOf = (announcement: Int16Array) => announcement.subarray(0, 8 * 1_500);

interface Formats {
  readonly native: string;
  readonly write: string;
  readonly transcoded: string;
}

/** In which format each channel is played to, by the channel's id. */
async function formats(system: System): Promise<Map<string, Formats>> {
  const found = new Map<string, Formats>();
  for (const { id, name } of await ari<{ id: string; name: string }[]>(system, "channels")) {
    const text = await askAsterisk(system, `core show channel ${name}`);
    const field = (label: string) => new RegExp(`^\\s*${label}: (\\S+)`, "m").exec(text)?.[1] ?? "?";
    found.set(id, {
      native: field("NativeFormats"),
      write: field("WriteFormat"),
      transcoded: field("WriteTranscode"),
    });
  }
  return found;
}

function musicFiles(system: System): Int16Array[] {
  const folder = join(realpathSync(join(system.home, "tools")), "moh");
  return readdirSync(folder)
    .filter((file) => file.endsWith(".alaw"))
    .map((file) => readSound(join(folder, file)));
}
