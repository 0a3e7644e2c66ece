/**
 * A complete system for one test file: own home, own ports, Asterisk and the daemon, as scripts/up starts them.
 *
 *   const system = useSystem();
 *
 *   test("…", async () => {
 *     const phone = await system.agent("201");
 *     const call = await system.call();
 *     …
 *   });
 */
import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before } from "node:test";
import type { AgentView, CallView, Status } from "../../src/api/schemas.ts";
import { type AdminApi, createAdminApi } from "../../src/cli/admin-api.ts";
import type { Call } from "./call.ts";
import { type CallOptions, type Credentials, Phone, type PhoneOptions } from "./phone.ts";
import { type PortBlock, takePorts } from "./ports.ts";
import { poll } from "./process.ts";

const repository = join(import.meta.dirname, "../..");

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export type AgentState = AgentView["state"];

/** Starts a system before the tests of this file and stops it after them. Not to be used before the first test runs. */
export function useSystem(): System {
  const system = new System();
  let failed = false;
  const start = async () => {
    failed = true;
    await system.up();
    failed = false;
  };
  before(start, { timeout: 300_000 });
  afterEach(async (context) => {
    // Node has it, its types do not yet.
    failed ||= "passed" in context && context.passed === false;
    await system.clearPhones();
  });
  after(() => system.remove(failed), { timeout: 60_000 });
  return system;
}

export class System {
  readonly home: string;
  readonly #folder: string;
  #ports: PortBlock | null = null;
  #phones: Phone[] = [];
  #credentials = new Map<string, Credentials>();
  #guard: { release(): void } | null = null;

  constructor() {
    this.#folder = mkdtempSync(join(tmpdir(), "hotline-test-"));
    // Asterisk and the daemon run as another user.
    chmodSync(this.#folder, 0o755);
    this.home = join(this.#folder, "home");
  }

  get ports(): PortBlock {
    if (!this.#ports) throw new Error("the system has not been started");
    return this.#ports;
  }

  /** Where callers send their INVITE to. */
  get sipPort(): number {
    return this.ports.sip;
  }

  /** What says to programs which home is meant, and what a new home is like. */
  get environment(): Record<string, string> {
    return environment(this.home, this.ports);
  }

  /** Settles which ports it will have, before it is started. */
  async takePorts(): Promise<void> {
    this.#ports ??= await takePorts();
  }

  /** Starts it, or starts it again after `down()`. */
  async up(): Promise<void> {
    await this.takePorts();
    this.#guard ??= guard(this.home);
    const { exitCode, stderr } = await this.#run("scripts/up", []);
    if (exitCode === 0) return;
    const logs = this.describe();
    throw new Error(`scripts/up failed with exit code ${exitCode}\n${stderr}\n${logs}`);
  }

  async down(...args: string[]): Promise<CommandResult> {
    return this.#run("scripts/down", args);
  }

  /** Runs `./hotline …` on this home. */
  async hotline(...args: string[]): Promise<CommandResult> {
    return this.#run("hotline", args);
  }

  /** Runs `./hotline … --json` and gives what it prints; fails when it fails. */
  async json<T = unknown>(...args: string[]): Promise<T> {
    const { exitCode, stdout, stderr } = await this.hotline(...args, "--json");
    if (exitCode !== 0)
      throw new Error(`hotline ${args.join(" ")}: exit code ${exitCode}\n${stderr}${stdout}`);
    return JSON.parse(stdout) as T;
  }

  /** Runs a changing `./hotline … --yes --json`; fails when it fails. */
  async change<T = unknown>(...args: string[]): Promise<T> {
    return this.json<T>(...args, "--yes");
  }

  /** The admin API without the CLI's start-up time: for looking at things often. */
  get api(): AdminApi {
    return createAdminApi(this.home);
  }

  async agentState(id: string): Promise<AgentState> {
    const found = (await this.api.agents()).find((agent) => agent.id === id);
    if (!found) throw new Error(`there is no agent ${id}`);
    return found.state;
  }

  /** Looks at the status until it is as wanted. At the bound it fails with the last status. */
  waitFor(what: string, wanted: (status: Status) => boolean, withinMs = 10_000): Promise<Status> {
    return this.#watch(
      what,
      withinMs,
      () => this.api.status(),
      (status) => (wanted(status) ? status : undefined),
    );
  }

  waitForAgent(id: string, state: AgentState, withinMs = 10_000): Promise<AgentView> {
    const wanted = (agents: AgentView[]) => agents.find((agent) => agent.id === id && agent.state === state);
    return this.#watch(`agent ${id} is ${state}`, withinMs, () => this.api.agents(), wanted);
  }

  /** Looks at the newest calls until one is as wanted. */
  waitForCall(what: string, wanted: (call: CallView) => boolean, withinMs = 10_000): Promise<CallView> {
    return this.#watch(
      what,
      withinMs,
      () => this.api.calls(50, null),
      (calls) => calls.find(wanted),
    );
  }

  /** A daemon that does not answer (just now restarting, perhaps) is one that is not yet as wanted. */
  #watch<T, U>(
    what: string,
    withinMs: number,
    look: () => Promise<T>,
    found: (seen: T) => U | undefined,
  ): Promise<U> {
    let last: unknown = null;
    const step = async () => {
      try {
        const seen = await look();
        last = seen;
        return found(seen);
      } catch (error) {
        last = String(error);
        return undefined;
      }
    };
    return poll(what, withinMs, step, () => `${JSON.stringify(last, null, 1)}\n${this.describe()}`);
  }

  /** Adds an agent and keeps the credentials for `phone()`. */
  async addAgent(id: string, name = `Agent ${id}`, hotline = "demo"): Promise<Credentials> {
    const args = ["agent", "add", id, "--name", name, "--hotline", hotline];
    const { sip } = await this.change<{ sip: Credentials }>(...args);
    this.#credentials.set(id, sip);
    return sip;
  }

  /** Registers the phone of an agent whom `addAgent()` added. It leaves at the end of the test. */
  async phone(id: string, options: PhoneOptions = {}): Promise<Phone> {
    const credentials = this.#credentials.get(id);
    if (!credentials) throw new Error(`agent ${id} was not added by this test`);
    const phone = await Phone.register(credentials, options);
    this.#phones.push(phone);
    return phone;
  }

  /** An agent who is ready for calls: added if need be, phone registered, logged in. */
  async agent(id: string, options: PhoneOptions = {}): Promise<Phone> {
    if (!this.#credentials.has(id)) await this.addAgent(id);
    const phone = await this.phone(id, options);
    await this.change("agent", "login", id);
    await this.waitForAgent(id, "ready");
    return phone;
  }

  /** A caller's phone, at the address that the lab trunk accepts. It leaves at the end of the test. */
  async caller(options: PhoneOptions = {}): Promise<Phone> {
    const phone = await Phone.open({ address: "127.0.0.2", ...options });
    this.#phones.push(phone);
    return phone;
  }

  /** Somebody calls. Returns as soon as the INVITE is on its way. */
  async call(number = "115", options: Omit<CallOptions, "port"> & PhoneOptions = {}): Promise<Call> {
    const phone = await this.caller(options);
    return phone.call(number, { ...options, port: this.ports.sip });
  }

  /** Ends all phones of a test. */
  async clearPhones(): Promise<void> {
    const phones = this.#phones;
    this.#phones = [];
    await Promise.all(phones.map((phone) => phone.leave()));
  }

  /** One of the logs: `daemon` or `asterisk`. */
  log(service: "daemon" | "asterisk"): string {
    const path = join(this.home, "log", service, "current");
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  }

  /** The ends of both logs, for a failed test. */
  describe(): string {
    return (["daemon", "asterisk"] as const)
      .map((service) => `--- ${service}\n${this.log(service).split("\n").slice(-15).join("\n")}`)
      .join("\n");
  }

  /** Stops it. With `keep` the home stays and the ends of the logs are printed. */
  async remove(keep: boolean): Promise<void> {
    await this.clearPhones();
    const { exitCode, stderr } = await this.down("--force");
    this.#guard?.release();
    this.#ports?.release();
    if (keep) console.error(`a test failed; the home is kept: ${this.home}\n${this.describe()}`);
    else rmSync(this.#folder, { recursive: true, force: true });
    if (exitCode !== 0) throw new Error(`scripts/down --force failed\n${stderr}`);
  }

  #run(program: string, args: readonly string[]): Promise<CommandResult> {
    const child = spawn(join(repository, program), args, {
      env: { ...process.env, ...this.environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (data: string) => {
      stdout += data;
    });
    child.stderr.setEncoding("utf8").on("data", (data: string) => {
      stderr += data;
    });
    return new Promise((resolve, reject) => {
      child.on("error", reject);
      // Not "close": what scripts/up leaves running may keep the pipes open.
      child.on("exit", (code) => setImmediate(() => resolve({ exitCode: code ?? 128, stdout, stderr })));
    });
  }
}

function environment(home: string, ports: PortBlock): Record<string, string> {
  return {
    HOTLINE_HOME: home,
    HOTLINE_BIND: "127.0.0.1",
    HOTLINE_SIP_PORT: String(ports.sip),
    HOTLINE_ARI_PORT: String(ports.ari),
    HOTLINE_AMI_PORT: String(ports.ami),
    HOTLINE_HTTP_PORT: String(ports.http),
    HOTLINE_RTP_PORTS: ports.rtp.join("-"),
  };
}

/**
 * Stops the system when this process dies without doing so. The guard reads from a pipe that only we hold open: our end, of
 * whatever kind, is the end of the file.
 */
function guard(home: string): { release(): void } {
  const script = 'read -r word; [ "$word" = released ] || exec "$0" --force';
  const child = spawn("sh", ["-c", script, join(repository, "scripts/down")], {
    env: { ...process.env, HOTLINE_HOME: home },
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  child.unref();
  return { release: () => void child.stdin.end("released\n") };
}
