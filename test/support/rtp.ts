/** The audio of one call: sends a sound in packets of 20 ms and keeps what comes in. */
import { randomBytes } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { decode, sampleRate } from "./codecs.ts";
import { Milestone } from "./milestone.ts";
import { type Codec, codecOf, payloadTypes } from "./sip/sdp.ts";
import { findSpeech, heardMs, level, type Sound } from "./tones.ts";

const packetMs = 20;
const packetBytes = 160;
/**
 * How far a sender's time stamps may be from the time of arrival before they are taken for a new start. A busy machine holds this
 * process up for a second; a sender who starts over without a new source does so anywhere in 32 bits.
 */
const trustMs = 3_000;

/** Takes the payload of a packet. */
export type PacketListener = (payload: Buffer) => void;

interface Packet {
  /** `performance.now()`. */
  readonly at: number;
  readonly codec: Codec;
  readonly source: number;
  readonly timestamp: number;
  readonly payload: Buffer;
}

export class AudioStream {
  readonly address: string;
  readonly port: number;
  readonly #socket: Socket;
  readonly #ssrc = randomBytes(4).readUInt32BE();
  readonly #received: Packet[] = [];
  #sequence = randomBytes(2).readUInt16BE();
  #timestamp = randomBytes(4).readUInt32BE();
  #sending: { codec: Codec; address: string; port: number } | null = null;
  #sound: Sound | null;
  #offset = 0;
  #nextAt = 0;
  #closed = false;
  readonly #listeners = new Set<() => void>();
  readonly #onPacket: PacketListener | null;
  #sent = 0;

  private constructor(socket: Socket, sound: Sound | null, onPacket: PacketListener | null) {
    this.#socket = socket;
    this.#sound = sound;
    this.#onPacket = onPacket;
    this.address = socket.address().address;
    this.port = socket.address().port;
    socket.on("message", (datagram) => this.#receive(datagram));
    socket.on("error", () => {});
  }

  /** Binds a port of its own. Without a sound it only listens. With a listener nothing that comes in is kept. */
  static async open(
    address: string,
    sound: Sound | null,
    onPacket: PacketListener | null = null,
  ): Promise<AudioStream> {
    // No even port and no pair for RTCP: nobody here sends reports, and nobody minds their absence.
    const socket = createSocket("udp4");
    socket.bind(0, address);
    await once(socket, "listening");
    return new AudioStream(socket, sound, onPacket);
  }

  get packetsSent(): number {
    return this.#sent;
  }

  get packetsReceived(): number {
    return this.#received.length;
  }

  /** The codec of the last packet that came in. */
  get receivedCodec(): Codec | null {
    return this.#received.at(-1)?.codec ?? null;
  }

  /** Begins, goes on elsewhere, or in another codec, when the call was negotiated anew. */
  sendTo(address: string, port: number, codec: Codec): void {
    if (this.#closed) return;
    if (this.#sending === null) this.#nextAt = performance.now();
    this.#sending = { address, port, codec };
    clock.add(this);
  }

  /** Goes on with another sound, or with `null` falls silent without a packet. */
  play(sound: Sound | null): void {
    this.#sound = sound;
    this.#offset = 0;
    this.#nextAt = performance.now();
  }

  /** Sends one packet (160 bytes), if the call is so far. */
  sendOnce(payload: Buffer): void {
    if (this.#sending !== null) this.#sendPacket(payload, this.#sending);
  }

  /** Stops sending (the call is on hold), receiving goes on. */
  pause(): void {
    this.#sending = null;
    clock.remove(this);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.pause();
    this.#socket.close();
  }

  /** Everything heard from the first packet on, in real time: pauses in the stream are silence here. */
  recording(): Int16Array {
    return recordingOf(this.#received);
  }

  /** Waits until a tone was heard for a quarter second, counted from now. */
  async hears(hertz: number, withinMs: number, describe: () => string): Promise<void> {
    const start = this.#received.length;
    const since = () => recordingOf(this.#received.slice(start));
    const enough = () => heardMs(since(), hertz) >= 250;
    await this.#listen(`${hertz} Hz are heard`, 15, withinMs, enough, () => {
      const count = this.#received.length - start;
      return `  heard for ${heardMs(since(), hertz)} ms in ${count} packets, level ${Math.round(level(since()))}\n${describe()}`;
    });
  }

  /** Waits until a piece of speech was heard, as far as `share` says, counted from the start of the call. */
  async hearsSpeech(
    wanted: Int16Array,
    share: number,
    withinMs: number,
    describe: () => string,
  ): Promise<void> {
    const found = () => findSpeech(this.recording(), wanted).share;
    await this.#listen(
      "the speech is heard",
      50,
      withinMs,
      () => found() >= share,
      () => {
        return `  heard ${Math.round(found() * 100)} % of it in ${this.#received.length} packets\n${describe()}`;
      },
    );
  }

  /** Looks every so many packets: looking at each would be wasteful, g722 is decoded by a process of its own. */
  async #listen(
    what: string,
    every: number,
    withinMs: number,
    enough: () => boolean,
    describe: () => string,
  ) {
    const heard = new Milestone<void>(what, describe);
    let countdown = every;
    const listen = () => {
      if (--countdown > 0) return;
      countdown = every;
      if (enough()) heard.reach();
    };
    this.#listeners.add(listen);
    try {
      await heard.wait(withinMs);
    } finally {
      this.#listeners.delete(listen);
    }
  }

  /** Called by the clock: sends what is due, several packets when the process was held up for a moment. */
  tick(now: number): void {
    const sending = this.#sending;
    if (sending === null || this.#sound === null) return;
    const bytes = this.#sound.encoded(sending.codec);
    // After a long stop (a debugger, a frozen machine) the lost time is skipped, not sent as a flood.
    if (now - this.#nextAt > 500) this.#nextAt = now;
    while (this.#nextAt <= now) {
      this.#sendPacket(bytes, sending);
      this.#nextAt += packetMs;
    }
  }

  #sendPacket(bytes: Buffer, to: { codec: Codec; address: string; port: number }): void {
    const packet = Buffer.alloc(12 + packetBytes);
    packet[0] = 0x80;
    packet[1] = payloadTypes[to.codec] | (this.#sent === 0 ? 0x80 : 0);
    packet.writeUInt16BE(this.#sequence, 2);
    packet.writeUInt32BE(this.#timestamp, 4);
    packet.writeUInt32BE(this.#ssrc, 8);
    for (let filled = 0; filled < packetBytes; ) {
      const from = this.#offset % bytes.length;
      const count = bytes.copy(
        packet,
        12 + filled,
        from,
        Math.min(bytes.length, from + packetBytes - filled),
      );
      filled += count;
      this.#offset = from + count;
    }
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#timestamp = (this.#timestamp + packetBytes) >>> 0;
    this.#sent++;
    this.#socket.send(packet, to.port, to.address);
  }

  #receive(datagram: Buffer): void {
    if (datagram.length <= 12 || datagram[0]! >> 6 !== 2) return;
    // Drops RTCP and telephone events too: they are none of the known codecs.
    const codec = codecOf(datagram[1]! & 0x7f);
    if (codec === null || isRtcp(datagram)) return;
    const start = 12 + 4 * (datagram[0]! & 0x0f);
    if (this.#onPacket !== null) {
      this.#onPacket(datagram.subarray(start));
      return;
    }
    this.#received.push({
      at: performance.now(),
      codec,
      source: datagram.readUInt32BE(8),
      timestamp: datagram.readUInt32BE(4),
      payload: datagram.subarray(start),
    });
    for (const listener of this.#listeners) listener();
  }
}

/**
 * Puts packets at their place in time. That is where their time stamps say, so that a moment in which this process was busy
 * leaves no trace; a pause, or a sender who starts over, is seen by the time of arrival.
 */
function recordingOf(packets: readonly Packet[]): Int16Array {
  const first = packets[0];
  if (!first) return new Int16Array(0);
  const trust = (trustMs * sampleRate) / 1_000;
  const placed: { at: number; pcm: Int16Array }[] = [];
  let base = { packet: first, at: 0 };
  let length = 0;
  for (const { packet, pcm } of decoded(packets)) {
    const arrived = Math.round(((packet.at - first.at) * sampleRate) / 1_000);
    // The subtraction is one of 32 bit: time stamps begin anywhere and run over.
    let at = base.at + ((packet.timestamp - base.packet.timestamp) | 0);
    if (packet.source !== base.packet.source || Math.abs(at - arrived) > trust) {
      at = Math.max(arrived, length);
      base = { packet, at };
    }
    // Before the first packet: it was overtaken by it.
    if (at < 0) continue;
    placed.push({ at, pcm });
    length = Math.max(length, at + pcm.length);
  }
  const whole = new Int16Array(length);
  for (const { at, pcm } of placed) whole.set(pcm, at);
  return whole;
}

/** RTCP's packet types 192 to 223 read as payload types 64 to 95 with the marker set. */
function isRtcp(datagram: Buffer): boolean {
  return datagram[1]! >= 192 && datagram[1]! <= 223;
}

/** Each run of one codec is decoded in one go, as g722 builds on what came before and its decoder is a process of its own. */
function decoded(packets: readonly Packet[]): { packet: Packet; pcm: Int16Array }[] {
  const result: { packet: Packet; pcm: Int16Array }[] = [];
  for (let start = 0; start < packets.length; ) {
    const { codec } = packets[start]!;
    let end = start;
    while (packets[end]?.codec === codec) end++;
    const run = packets.slice(start, end);
    const pcm = decode(Buffer.concat(run.map(({ payload }) => payload)), codec);
    let offset = 0;
    for (const packet of run) {
      result.push({ packet, pcm: pcm.subarray(offset, offset + packet.payload.length) });
      offset += packet.payload.length;
    }
    start = end;
  }
  return result;
}

/** One timer for all streams of the process; each sends what is due by its own reckoning. */
const clock = {
  streams: new Set<AudioStream>(),
  timer: null as NodeJS.Timeout | null,
  add(stream: AudioStream) {
    this.streams.add(stream);
    this.timer ??= setInterval(() => {
      const now = performance.now();
      for (const each of this.streams) each.tick(now);
    }, packetMs / 2);
  },
  remove(stream: AudioStream) {
    this.streams.delete(stream);
    if (this.streams.size > 0 || this.timer === null) return;
    clearInterval(this.timer);
    this.timer = null;
  },
};
