/**
 * SIPp as a foreign implementation and for load. For phones with a story use phone.ts.
 *
 *   const load = await Sipp.start({ scenario: "caller-stays", to: { number: "115", port }, calls: 500, rate: 10 });
 *   const { successful, failed } = await load.finished(120_000);
 */
import type { ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Credentials } from "./phone.ts";
import { freeUdpPort } from "./ports.ts";
import { endProcess, exitOf, poll, spawnTied } from "./process.ts";
import { reasonPhrase } from "./sip/message.ts";
import { type Codec, payloadTypes, rtpNames } from "./sip/sdp.ts";

/** The files in sipp/, each of which says what it does. */
export type CallerScenario = "caller" | "caller-stays" | "caller-gives-up" | "caller-holds";
export type AgentScenario = "agent-stays" | "agent-hangs-up" | "agent-refuses" | "agent-ignores";

interface Common {
  /** How long the scenario's pauses last. */
  readonly pauseMs?: number;
  readonly codec?: Codec;
  /** Sends back the audio that comes in. */
  readonly echo?: boolean;
  readonly address?: string;
}

export interface CallerOptions extends Common {
  readonly scenario: CallerScenario;
  readonly to: { readonly number: string; readonly port: number; readonly host?: string };
  readonly calls?: number;
  /** New calls per second. */
  readonly rate?: number;
  /** The caller's number. */
  readonly from?: string;
  readonly anonymous?: boolean;
}

export interface AgentOptions extends Common {
  readonly scenario: AgentScenario;
  /** What agent-refuses says; 486 by default. */
  readonly status?: number;
}

export interface SippResult {
  /** 0 when all calls went as the scenario says, 1 when some did not; `null` when SIPp had to be ended. */
  readonly exitCode: number | null;
  readonly created: number;
  readonly successful: number;
  readonly failed: number;
}

interface Launch {
  readonly scenario: string;
  readonly address: string;
  readonly port: number;
  readonly args: readonly string[];
  readonly status?: number;
}

export class Sipp {
  readonly address: string;
  readonly port: number;
  readonly #folder: string;
  readonly #process: ChildProcess;
  readonly #scenario: string;
  #output = "";

  private constructor(launch: Launch) {
    this.address = launch.address;
    this.port = launch.port;
    this.#scenario = launch.scenario;
    this.#folder = mkdtempSync(join(tmpdir(), "sipp-"));
    const file = (name: string) => join(this.#folder, name);
    const scenario = file("scenario.xml");
    writeFileSync(scenario, scenarioText(launch));
    const args = ["-sf", scenario, "-i", launch.address, "-p", String(launch.port), "-nostdin"];
    args.push(
      "-trace_msg",
      "-message_file",
      file("messages.log"),
      "-trace_err",
      "-error_file",
      file("errors.log"),
    );
    args.push("-trace_stat", "-stf", file("statistics.csv"), "-fd", "1");
    // Its tables of the progress go nowhere; its complaints are kept for the failed test.
    this.#process = spawnTied("sipp", [...args, ...launch.args], {
      cwd: this.#folder,
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.#process.stderr?.on("data", (data: Buffer) => {
      this.#output = (this.#output + data).slice(-4_000);
    });
  }

  /** Starts callers. `calls` of them, one by default. */
  static async start(options: CallerOptions): Promise<Sipp> {
    const address = options.address ?? "127.0.0.2";
    const { number, port, host = "127.0.0.1" } = options.to;
    const user = options.from ?? "+4930123456";
    const identity = `<sip:${user}@${address}>`;
    const from = options.anonymous ? '"Anonymous" <sip:anonymous@anonymous.invalid>' : identity;
    const args = [
      `${host}:${port}`,
      "-s",
      number,
      "-m",
      String(options.calls ?? 1),
      "-r",
      String(options.rate ?? 10),
    ];
    // Without a limit of ours SIPp holds callers back as soon as some wait.
    args.push("-l", String(options.calls ?? 1));
    args.push("-key", "from", from, "-key", "identity", identity);
    args.push("-key", "privacy", options.anonymous ? "id" : "none", ...commonArgs(options));
    return new Sipp({ scenario: options.scenario, address, port: await freeUdpPort(address), args });
  }

  /**
   * An agent's phone: registers, then takes calls on the same port until it is stopped. SIPp has no scenario for both, so
   * two processes follow each other; a request that comes in between is repeated by Asterisk.
   */
  static async agent(credentials: Credentials, options: AgentOptions): Promise<Sipp> {
    const { username, password, host, port } = credentials;
    const { status = 486 } = options;
    const address = options.address ?? "127.0.0.1";
    const local = await freeUdpPort(address);
    const target = [`${host}:${port}`, "-key", "username", username];
    const register = new Sipp({
      scenario: "register",
      address,
      port: local,
      args: [...target, "-m", "1", "-au", username, "-ap", password, ...commonArgs({})],
    });
    const { exitCode } = await register.finished(10_000);
    const trouble = exitCode === 0 ? null : register.describe();
    await register.stop();
    if (trouble !== null) throw new Error(`SIPp could not register ${username}\n${trouble}`);
    return new Sipp({
      scenario: options.scenario,
      address,
      port: local,
      args: [...target, ...commonArgs(options)],
      status,
    });
  }

  /** Waits for the end of all calls. */
  async finished(withinMs: number): Promise<SippResult> {
    const exitCode = await exitOf(this.#process, withinMs);
    if (exitCode === null) {
      const described = this.describe();
      await this.stop();
      throw new Error(`not within ${withinMs} ms: SIPp's ${this.#scenario} is finished\n${described}`);
    }
    return { exitCode, ...this.counts() };
  }

  /** Waits until a message was sent or received, such as /^SIP\/2.0 180/m. */
  async sees(message: RegExp, withinMs = 10_000): Promise<void> {
    await poll(
      `SIPp's ${this.#scenario} sees ${message}`,
      withinMs,
      () => (message.test(this.messages()) ? true : undefined),
      () => this.describe(),
    );
  }

  /** The counts so far, from the statistics of the last full second or the end. An OPTIONS counts as a call, too. */
  counts(): { created: number; successful: number; failed: number } {
    const lines = this.#read("statistics.csv").trim().split("\n");
    const names = (lines[0] ?? "").split(";");
    const values = (lines.length > 1 ? lines.at(-1)! : "").split(";");
    const of = (name: string) => Number(values[names.indexOf(name)] ?? 0);
    return {
      created: of("TotalCallCreated"),
      successful: of("SuccessfulCall(C)"),
      failed: of("FailedCall(C)"),
    };
  }

  /** All messages, with their times. */
  messages(): string {
    return this.#read("messages.log");
  }

  errors(): string {
    return this.#read("errors.log");
  }

  /** What it did, for a failed test. */
  describe(): string {
    const messages = this.messages().slice(-3_000);
    return `${JSON.stringify(this.counts())}\n${this.#output}${this.errors().slice(-2_000)}\n${messages}`;
  }

  /** The phone or caller vanishes: killed without a BYE. */
  async vanish(): Promise<void> {
    await endProcess(this.#process, "SIGKILL");
  }

  /** Ends it and removes its files. For every test's end, whatever happened. */
  async stop(): Promise<void> {
    await endProcess(this.#process, "SIGKILL");
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #read(name: string): string {
    const path = join(this.#folder, name);
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  }
}

/** SIPp takes a response's status from the file only, not from its command line. */
function scenarioText({ scenario, status = 486 }: Launch): string {
  const text = readFileSync(join(import.meta.dirname, "sipp", `${scenario}.xml`), "utf8");
  return text.replace("486 Busy Here", `${status} ${reasonPhrase(status)}`);
}

function commonArgs({ pauseMs = 0, codec = "alaw", echo = false }: Common): string[] {
  const args = ["-d", String(pauseMs), "-key", "codec_type", String(payloadTypes[codec])];
  args.push("-key", "codec_name", rtpNames[codec]);
  return echo ? [...args, "-rtp_echo"] : args;
}
