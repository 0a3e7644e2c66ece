import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { decode, encode } from "./codecs.ts";
import { findSpeech, sine, tonesIn, whenHeard } from "./tones.ts";

const frequencies = [440, 700, 1_000, 1_850];

function join(...parts: Int16Array[]): Int16Array {
  return Int16Array.from(parts.flatMap((part) => [...part]));
}

/** Noise that is the same in every run. */
function noise(length: number, amplitude: number, seed: number): Int16Array {
  let state = seed;
  return Int16Array.from({ length }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return Math.round((state / 0x40000000 - 1) * amplitude);
  });
}

/** Noise whose loudness swells and ebbs, as that of speech does. */
function babble(length: number, seed: number): Int16Array {
  return noise(length, 6_000, seed).map((sample, index) => sample * Math.abs(Math.sin(index / 900)));
}

for (const codec of ["alaw", "ulaw", "g722"] as const) {
  test(`a tone is found after ${codec}, and no other`, () => {
    for (const hertz of frequencies) {
      const heard = decode(encode(sine(hertz, 1_000), codec), codec);
      assert.deepEqual(tonesIn(heard, frequencies), [hertz]);
    }
  });
}

test("two tones at once are both found", () => {
  const other = sine(1_000, 1_000);
  const mixed = sine(440, 1_000).map((sample, index) => sample + other[index]!);
  assert.deepEqual(tonesIn(mixed, frequencies), [440, 1_000]);
});

test("neither silence nor noise nor a quiet hum holds a tone", () => {
  assert.deepEqual(tonesIn(new Int16Array(8_000), frequencies), []);
  assert.deepEqual(tonesIn(noise(16_000, 8_000, 1), frequencies), []);
  assert.deepEqual(tonesIn(sine(440, 1_000, 50), frequencies), []);
});

test("a tone is found when it was played", () => {
  const pcm = join(
    new Int16Array(8_000),
    sine(440, 500),
    sine(1_000, 500),
    new Int16Array(800),
    sine(440, 200),
  );
  assert.deepEqual(whenHeard(pcm, 440), [
    { fromMs: 1_000, toMs: 1_500 },
    { fromMs: 2_100, toMs: 2_300 },
  ]);
  assert.deepEqual(whenHeard(pcm, 1_000), [{ fromMs: 1_500, toMs: 2_000 }]);
});

test("speech is found by what was said, not by its being speech", () => {
  const said = babble(16_000, 7);
  const recording = join(new Int16Array(4_000), decode(encode(said, "ulaw"), "ulaw"), sine(440, 500));
  const found = findSpeech(recording, said);
  assert.equal(found.share, 1);
  assert.equal(found.atMs, 500);
  assert.equal(findSpeech(recording, babble(16_000, 8)).share, 0);
});

test("speech with short pauses in between is all there", () => {
  const said = babble(24_000, 7);
  const pause = new Int16Array(8 * 90);
  const recording = join(
    said.subarray(0, 8_000),
    pause,
    said.subarray(8_000, 16_000),
    pause,
    said.subarray(16_000),
  );
  // The pieces in which a pause lies are not.
  assert.ok(findSpeech(recording, said).share >= 0.8);
});

test("speech that was cut off is found as far as it went", () => {
  const said = babble(16_000, 7);
  const { share } = findSpeech(said.subarray(0, 8_000), said);
  assert.ok(share >= 0.4 && share <= 0.6, `share ${share}`);
});

test("alaw and ulaw are those of the standard", () => {
  const pcm = Int16Array.from({ length: 65_536 }, (_, index) => index - 32_768);
  for (const [codec, name] of [
    ["alaw", "alaw"],
    ["ulaw", "mulaw"],
  ] as const) {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const args = ["-loglevel", "error", "-f", name, "-ar", "8000", "-ac", "1", "-i", "-", "-f", "s16le", "-"];
    const standard = spawnSync("ffmpeg", args, { input: bytes }).stdout;
    assert.deepEqual(Buffer.from(decode(bytes, codec).buffer), standard);
    const back = decode(encode(pcm, codec), codec);
    const worst = pcm.reduce((most, sample, index) => {
      return Math.max(most, Math.abs(sample - back[index]!) / (Math.abs(sample) + 256));
    }, 0);
    assert.ok(worst < 0.05, `${codec} is off by ${worst}`);
  }
});
