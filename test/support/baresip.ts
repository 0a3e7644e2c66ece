/**
 * baresip, a real softphone that others wrote: proves that audio passes both ways between foreign phones.
 *
 *   const phone = await Baresip.start({ hertz: 700, codec: "g722", account: credentials });
 *   await phone.event("CALL_INCOMING");
 *   await phone.accept();
 *   …
 *   tonesIn(phone.recording(), [440, 700]);
 *   await phone.stop();
 */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSound, writeWav } from "./codecs.ts";
import type { Credentials } from "./phone.ts";
import { freeTcpPort, freeUdpPort } from "./ports.ts";
import { endProcess, poll, spawnTied } from "./process.ts";
import type { Codec } from "./sip/sdp.ts";
import { sine } from "./tones.ts";

export interface BaresipOptions {
  /** The tone that it plays. */
  readonly hertz: number;
  readonly codec?: Codec;
  /** Registers there. Without an account it can only call, as somebody from outside. */
  readonly account?: Credentials;
  readonly address?: string;
  /** Connects with TLS, to a server whose certificate is signed by this authority (a file), and speaks SRTP where it is offered. */
  readonly trusts?: string;
}

/** What baresip tells over its control connection; `type` such as CALL_INCOMING, CALL_ESTABLISHED, CALL_CLOSED. */
export interface BaresipEvent {
  readonly type: string;
  readonly peeruri?: string;
  readonly param?: string;
}

const codecNames: Record<Codec, string> = { alaw: "PCMA", ulaw: "PCMU", g722: "G722/16000/1" };

export class Baresip {
  readonly events: BaresipEvent[] = [];
  readonly #folder: string;
  readonly #process: ChildProcess;
  readonly #used = new Set<BaresipEvent>();
  readonly #replies = new Map<string, (ok: boolean) => void>();
  #control: Socket | null = null;
  #unread = Buffer.alloc(0);
  #output = "";
  #token = 0;

  private constructor(folder: string) {
    this.#folder = folder;
    this.#process = spawnTied("baresip", ["-4", "-f", folder], { stdio: ["ignore", "pipe", "pipe"] });
    const keep = (data: Buffer) => {
      this.#output = (this.#output + data).slice(-8_000);
    };
    this.#process.stdout?.on("data", keep);
    this.#process.stderr?.on("data", keep);
  }

  /** Returns when it is ready, and registered if it has an account. */
  static async start(options: BaresipOptions): Promise<Baresip> {
    const { hertz, codec = "alaw", account, trusts } = options;
    const address = options.address ?? (account ? "127.0.0.1" : "127.0.0.2");
    const folder = mkdtempSync(join(tmpdir(), "baresip-"));
    const control = await freeTcpPort();
    const rate = codec === "g722" ? 16_000 : 8_000;
    // Long enough for any test: at its end baresip falls silent.
    writeWav(join(folder, "in.wav"), sine(hertz, 60_000, 8_000, rate), rate);
    writeFileSync(
      join(folder, "config"),
      configuration(folder, address, await freeUdpPort(address), control, trusts),
    );
    const name = account ? `${account.username}@${account.host}:${account.port}` : `caller@${address}`;
    const access = account ? `;auth_pass=${account.password};regint=600` : ";regint=0";
    const [transport, encrypted] = trusts === undefined ? ["", ""] : [";transport=tls", ";mediaenc=srtp"];
    const settings = `${access}${encrypted};audio_codecs=${codecNames[codec]}`;
    writeFileSync(join(folder, "accounts"), `<sip:${name}${transport}>${settings}\n`);
    writeFileSync(join(folder, "contacts"), "");
    const phone = new Baresip(folder);
    try {
      await phone.#prints("baresip is ready");
      phone.#control = await connectTo(control);
      phone.#control.on("data", (data: Buffer) => phone.#read(data));
      // The registration may have been faster than our connection: what is printed tells in both cases.
      if (account) await phone.#prints("200 OK");
      return phone;
    } catch (error) {
      await phone.stop();
      throw error;
    }
  }

  /** Waits for the next event of a type that was not waited for before. */
  async event(type: string, withinMs = 10_000): Promise<BaresipEvent> {
    const found = await poll(
      `baresip tells ${type}`,
      withinMs,
      () => this.events.find((each) => each.type === type && !this.#used.has(each)),
      () => this.describe(),
    );
    this.#used.add(found);
    return found;
  }

  async dial(
    number: string,
    to: { readonly port: number; readonly host?: string; readonly transport?: "tls" },
  ): Promise<void> {
    const transport = to.transport === undefined ? "" : `;transport=${to.transport}`;
    await this.command("dial", `sip:${number}@${to.host ?? "127.0.0.1"}:${to.port}${transport}`);
  }

  async accept(): Promise<void> {
    await this.command("accept");
  }

  async hangUp(): Promise<void> {
    await this.command("hangup");
  }

  /** Any command of baresip's menu: `hold`, `resume` … */
  async command(command: string, params = ""): Promise<void> {
    if (!this.#control) throw new Error("baresip is not connected");
    const token = String(++this.#token);
    const text = JSON.stringify({ command, params, token });
    let ok: boolean | undefined;
    this.#replies.set(token, (result) => {
      ok = result;
    });
    this.#control.write(`${Buffer.byteLength(text)}:${text},`);
    await poll(
      `baresip obeys ${command}`,
      5_000,
      () => ok,
      () => this.describe(),
    );
    if (!ok) throw new Error(`baresip refused ${command} ${params}\n${this.describe()}`);
  }

  /** What it heard in its last call, which must be over: 16 bit samples at 8 kHz. */
  recording(): Int16Array {
    const last = readdirSync(this.#folder)
      .filter((name) => name.endsWith("-dec.wav"))
      .sort()
      .at(-1);
    if (last === undefined) throw new Error(`baresip recorded nothing\n${this.describe()}`);
    return readSound(join(this.#folder, last));
  }

  /** How often it has printed something. */
  said(text: string): number {
    return this.#output.split(text).length - 1;
  }

  /** What it told and printed, for a failed test. */
  describe(): string {
    const events = this.events.map(({ type, param }) => `  ${type} ${param ?? ""}`).join("\n");
    return `${events}\n${this.#output.replace(/\[\d+:\d\d:\d\d\] audio=\S+ \(bit\/s\)\s*/g, "")}`;
  }

  /** Ends it and removes its files. */
  async stop(): Promise<void> {
    this.#control?.destroy();
    await endProcess(this.#process);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #prints(text: string): Promise<void> {
    await poll(
      `baresip prints "${text}"`,
      10_000,
      () => {
        if (this.#process.exitCode !== null) throw new Error(`baresip ended\n${this.describe()}`);
        return this.#output.includes(text) ? true : undefined;
      },
      () => this.describe(),
    );
  }

  /** Netstrings with JSON: `12:{"event":…},`. */
  #read(data: Buffer): void {
    this.#unread = Buffer.concat([this.#unread, data]);
    for (;;) {
      const colon = this.#unread.indexOf(":");
      const length = Number(this.#unread.toString("latin1", 0, Math.max(0, colon)));
      if (colon < 0 || this.#unread.length < colon + length + 2) return;
      const message = JSON.parse(this.#unread.toString("utf8", colon + 1, colon + 1 + length));
      this.#unread = this.#unread.subarray(colon + length + 2);
      if (message.event) this.events.push(message);
      else this.#replies.get(message.token)?.(message.ok === true);
    }
  }
}

function configuration(
  folder: string,
  address: string,
  port: number,
  control: number,
  trusts: string | undefined,
): string {
  return [
    `sip_listen ${address}:${port}`,
    ...(trusts === undefined ? [] : [`sip_cafile ${trusts}`]),
    // The address in SDP and Contact. By itself it would not use a loopback address.
    `net_interface ${address}`,
    "audio_buffer 20-160",
    `audio_source aufile,${folder}/in.wav`,
    // A player that goes nowhere: it keeps the decoder running, sndfile writes down what comes by.
    "audio_player aubridge,nowhere",
    "audio_alert aubridge,nowhere",
    `snd_path ${folder}`,
    "module_path /usr/lib/baresip/modules",
    ...["g711", "g722", "aufile", "aubridge", "sndfile", "srtp"].map((name) => `module ${name}.so`),
    "module_tmp account.so",
    ...["menu", "ctrl_tcp"].map((name) => `module_app ${name}.so`),
    `ctrl_tcp_listen 127.0.0.1:${control}`,
    "",
  ].join("\n");
}

async function connectTo(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  return socket;
}
