/** Audio as tests see it: 16 bit samples at 8 kHz, and the way from and to what goes over the wire or lies in a file. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import type { Codec } from "./sip/sdp.ts";

export const sampleRate = 8_000;

/** Encodes for the wire: one byte per sample at 8 kHz in all three codecs. */
export function encode(pcm: Int16Array, codec: Codec): Buffer {
  if (codec === "g722") {
    const raw = ffmpeg(
      ["-f", "s16le", "-ar", "8000", "-ac", "1", "-i", "-"],
      ["-ar", "16000", "-f", "g722"],
      bytesOf(pcm),
    );
    return raw;
  }
  const encodeSample = codec === "alaw" ? linearToAlaw : linearToUlaw;
  return Buffer.from(pcm.map(encodeSample));
}

/** Decodes what came over the wire. One byte makes one sample. */
export function decode(bytes: Buffer, codec: Codec): Int16Array {
  if (codec === "g722") {
    return samplesOf(ffmpeg(["-f", "g722", "-i", "-"], ["-ar", "8000", "-ac", "1", "-f", "s16le"], bytes));
  }
  const table = codec === "alaw" ? alawTable : ulawTable;
  return Int16Array.from(bytes, (byte) => table[byte]!);
}

/** Reads any sound file; what Asterisk calls .alaw, .ulaw, .sln and .g722 are headerless. */
export function readSound(path: string): Int16Array {
  const headerless: Record<string, string[]> = {
    alaw: ["-f", "alaw", "-ar", "8000", "-ac", "1"],
    ulaw: ["-f", "mulaw", "-ar", "8000", "-ac", "1"],
    sln: ["-f", "s16le", "-ar", "8000", "-ac", "1"],
    sln16: ["-f", "s16le", "-ar", "16000", "-ac", "1"],
    g722: ["-f", "g722"],
  };
  const kind = headerless[path.slice(path.lastIndexOf(".") + 1)] ?? [];
  return samplesOf(ffmpeg([...kind, "-i", path], ["-ar", "8000", "-ac", "1", "-f", "s16le"]));
}

/** Writes a mono wav file that every player knows. */
export function writeWav(path: string, pcm: Int16Array, rate: number = sampleRate): void {
  const data = bytesOf(pcm);
  const header = Buffer.alloc(44);
  header.write("RIFF", 0);
  header.writeUInt32LE(36 + data.length, 4);
  header.write("WAVEfmt ", 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write("data", 36);
  header.writeUInt32LE(data.length, 40);
  writeFileSync(path, Buffer.concat([header, data]));
}

function ffmpeg(input: string[], output: string[], stdin?: Buffer): Buffer {
  // The root with Asterisk has one, so the machine need not.
  const { HOTLINE_ASTERISK: root } = process.env;
  const run = spawnSync(
    root ? `${root}/bin/ffmpeg` : "ffmpeg",
    ["-hide_banner", "-loglevel", "error", ...input, ...output, "-"],
    {
      ...(stdin === undefined ? {} : { input: stdin }),
      maxBuffer: 1 << 28,
    },
  );
  if (run.error) throw new Error(`ffmpeg does not run: ${run.error.message}`);
  if (run.status !== 0) throw new Error(`ffmpeg failed: ${run.stderr}`);
  return run.stdout;
}

function bytesOf(pcm: Int16Array): Buffer {
  return Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength);
}

function samplesOf(bytes: Buffer): Int16Array {
  const pcm = new Int16Array(bytes.length >> 1);
  for (let index = 0; index < pcm.length; index++) pcm[index] = bytes.readInt16LE(index * 2);
  return pcm;
}

/** G.711: the sign, the position of the highest bit, and the four bits behind it. */
function linearToAlaw(sample: number): number {
  const sign = sample >= 0 ? 0x80 : 0;
  const magnitude = Math.min(sample >= 0 ? sample : -sample - 1, 32_767) >> 4;
  const exponent = magnitude < 16 ? 0 : 28 - Math.clz32(magnitude);
  const mantissa = exponent === 0 ? magnitude : magnitude >> (exponent - 1);
  return (sign | (exponent << 4) | (mantissa & 0x0f)) ^ 0x55;
}

function alawToLinear(byte: number): number {
  const value = byte ^ 0x55;
  const exponent = (value >> 4) & 7;
  const base = ((value & 0x0f) << 4) + 8;
  const magnitude = exponent === 0 ? base : (base + 0x100) << (exponent - 1);
  return value & 0x80 ? magnitude : -magnitude;
}

function linearToUlaw(sample: number): number {
  const magnitude = Math.min(Math.abs(sample), 32_635) + 0x84;
  const exponent = 24 - Math.clz32(magnitude);
  const mantissa = (magnitude >> (exponent + 3)) & 0x0f;
  return ~((sample < 0 ? 0x80 : 0) | (exponent << 4) | mantissa) & 0xff;
}

function ulawToLinear(byte: number): number {
  const value = ~byte & 0xff;
  const magnitude = ((((value & 0x0f) << 3) + 0x84) << ((value >> 4) & 7)) - 0x84;
  return value & 0x80 ? -magnitude : magnitude;
}

const alawTable = Int16Array.from({ length: 256 }, (_, byte) => alawToLinear(byte));
const ulawTable = Int16Array.from({ length: 256 }, (_, byte) => ulawToLinear(byte));
