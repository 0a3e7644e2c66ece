import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import { join } from "node:path";
import { suite, type TestContext, test } from "node:test";
import type { LiveChange, LiveSnapshot } from "../../src/api/live.ts";
import { parseEvents } from "../traces/language.ts";
import { startReal } from "./real.ts";
import { hotline, hotlineProgram, makeHome } from "./support.ts";

const at = "2026-11-23T12:00:00.000Z";
const snapshot: LiveSnapshot = {
  type: "snapshot",
  at,
  target: { percent: 75, withinMs: 30_000 },
  pbx: { connected: true, version: "22.10.1" },
  alarms: [],
  hotlines: [],
  agents: [
    { id: "201", name: "Jürgen", state: "ready", reason: null, since: at, until: null, hotlines: ["demo"] },
  ],
  calls: [],
};
const paused = (name: string): LiveChange => ({
  type: "changed",
  at,
  agents: [{ ...snapshot.agents[0]!, name, state: "paused", reason: "lunch" }],
});

/** A daemon that tells what it is told to, and can be stopped and started. */
class FakeDaemon {
  readonly home: string;
  readonly #responses = new Set<ServerResponse>();
  #server: Server | null = null;

  constructor(t: TestContext) {
    this.home = makeHome(t);
    mkdirSync(join(this.home, "run"));
    t.after(() => this.stop());
  }

  async start(first: LiveSnapshot = snapshot): Promise<void> {
    this.#server = createServer((_request, response) => {
      this.#responses.add(response);
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(`retry: 1000\n\nevent: snapshot\nid: 1\ndata: ${JSON.stringify(first)}\n\n`);
    });
    this.#server.listen(join(this.home, "run", "admin.sock"));
    await once(this.#server, "listening");
  }

  tell(change: LiveChange): void {
    for (const response of this.#responses)
      response.write(`event: changed\ndata: ${JSON.stringify(change)}\n\n`);
  }

  stop(): void {
    this.#server?.closeAllConnections();
    this.#server?.close();
    this.#server = null;
    this.#responses.clear();
    rmSync(join(this.home, "run", "admin.sock"), { force: true });
  }
}

/** What a program writes, and a way to wait for a part of it. */
class Output {
  text = "";
  #waiting: (() => void)[] = [];

  take(text: string): void {
    this.text += text;
    for (const look of this.#waiting) look();
  }

  /** Resolves once `isThere`; what goes on for ever is ended by the test's own time limit. */
  until(isThere: (text: string) => boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => {
      if (!isThere(this.text)) return;
      this.#waiting = this.#waiting.filter((each) => each !== look);
      resolve();
    };
    this.#waiting.push(look);
    look();
    return promise;
  }
}

const environment = (home: string): NodeJS.ProcessEnv => {
  const { FORCE_COLOR: _, NO_COLOR: __, CI: ___, ...own } = process.env;
  return { ...own, TZ: "UTC", TERM: "xterm-256color", HOTLINE_HOME: home };
};

function inPipe(t: TestContext, home: string, args: readonly string[]) {
  const child = spawn(hotlineProgram, ["watch", ...args], { env: environment(home) });
  return observed(t, child);
}

/** In a terminal of 80 columns and 24 rows. */
function inTerminal(t: TestContext, home: string, args: readonly string[] = []) {
  const run = `sh -c 'echo "pid $$"; exec ${hotlineProgram} watch ${args.join(" ")}'`;
  const command = `tty; stty cols 80 rows 24; ${run}; echo "ended with $?"`;
  const child = spawn("script", ["-qfec", command, "/dev/null"], {
    env: { ...environment(home), SHELL: "/bin/sh" },
  });
  return observed(t, child);
}

function observed(t: TestContext, child: ChildProcess) {
  const output = new Output();
  child.stdout!.setEncoding("utf8").on("data", (text: string) => output.take(text));
  child.stderr!.setEncoding("utf8").on("data", (text: string) => output.take(text));
  child.stdin!.on("error", () => undefined);
  const ended = once(child, "close") as Promise<[number | null]>;
  t.after(() => child.kill("SIGKILL"));
  return { child, output, ended };
}

/** What stands on the window after all that was written: as much of a terminal as the program uses, without colours. */
function windowOf(text: string): string[] {
  const lines: string[] = [];
  const from = text.lastIndexOf("\x1b[2J");
  for (const part of text.slice(Math.max(0, from)).split("\x1b[").slice(1)) {
    const [, row, rest] = /^(\d+);1H(.*)$/s.exec(part) ?? [];
    if (row !== undefined) lines[Number(row) - 1] = rest ?? "";
  }
  return Array.from(lines, (line) => line ?? "");
}

const limit = { timeout: 60_000 };

suite("in a terminal", () => {
  test("takes the window, follows its size, gives it back with q", limit, async (t) => {
    const daemon = new FakeDaemon(t);
    await daemon.start();
    const { child, output, ended } = inTerminal(t, daemon.home, ["--no-color"]);
    await output.until((text) => windowOf(text).some((line) => line.includes("Jürgen")));
    assert.ok(output.text.includes("\x1b[?1049h"));
    assert.equal(windowOf(output.text).length, 24);
    const [, tty] = /^(\/dev\/\S+)/.exec(output.text) ?? [];
    execFileSync("stty", ["-F", tty!, "cols", "60", "rows", "20"]);
    await output.until((text) => windowOf(text).length === 20);
    daemon.tell(paused("Größer"));
    await output.until((text) => windowOf(text).some((line) => /Größer +paused/.test(line)));
    child.stdin!.write("q");
    await ended;
    assert.ok(output.text.includes("\x1b[?1049l"), "the window was not given back");
    assert.match(output.text, /ended with 0/);
  });

  test("Ctrl-C ends it, and so does SIGTERM", limit, async (t) => {
    const daemon = new FakeDaemon(t);
    await daemon.start();
    const byKey = inTerminal(t, daemon.home);
    const bySignal = inTerminal(t, daemon.home);
    for (const { output } of [byKey, bySignal]) await output.until((text) => text.includes("Jürgen"));
    byKey.child.stdin!.write("\x03");
    const [, pid] = /pid (\d+)/.exec(bySignal.output.text) ?? [];
    process.kill(Number(pid), "SIGTERM");
    for (const { output, ended } of [byKey, bySignal]) {
      await ended;
      assert.ok(output.text.includes("\x1b[?1049l"));
      assert.match(output.text, /ended with 0/);
    }
  });

  test("a restart of the daemon: says that it is away, and goes on by itself", limit, async (t) => {
    const daemon = new FakeDaemon(t);
    await daemon.start();
    const { child, output, ended } = inTerminal(t, daemon.home, ["--no-color"]);
    await output.until((text) => text.includes("Jürgen"));
    daemon.stop();
    await output.until((text) =>
      windowOf(text).some((line) => /The daemon is away since \d\d:\d\d:\d\d/.test(line)),
    );
    // What was known stays.
    assert.ok(windowOf(output.text).some((line) => line.includes("Jürgen")));
    await daemon.start({ ...snapshot, agents: [{ ...snapshot.agents[0]!, name: "Wieder da" }] });
    await output.until((text) => windowOf(text).some((line) => line.includes("Wieder da")));
    assert.ok(!windowOf(output.text).some((line) => line.includes("away")));
    child.stdin!.write("q");
    await ended;
  });
});

suite("without a terminal", () => {
  test("a line for each change, over a restart", limit, async (t) => {
    const daemon = new FakeDaemon(t);
    await daemon.start();
    const { child, output, ended } = inPipe(t, daemon.home, []);
    await output.until((text) => /agent 201: Jürgen: ready\n/.test(text));
    daemon.tell(paused("Jürgen"));
    await output.until((text) => /agent 201: Jürgen: paused \(lunch\)\n/.test(text));
    daemon.stop();
    await output.until((text) => text.includes("the daemon is away"));
    await daemon.start();
    await output.until((text) => /the daemon is back\n.*agent 201: Jürgen: ready\n$/.test(text));
    assert.ok(!output.text.includes("\x1b"));
    child.kill("SIGTERM");
    assert.deepEqual((await ended)[0], 0);
  });

  test("--json is the stream, an object on each line", limit, async (t) => {
    const daemon = new FakeDaemon(t);
    await daemon.start();
    const { child, output, ended } = inPipe(t, daemon.home, ["--json"]);
    await output.until((text) => text.includes("\n"));
    daemon.tell(paused("Jürgen"));
    await output.until((text) => text.split("\n").length === 3);
    daemon.stop();
    await output.until((text) => text.split("\n").length === 4);
    const lines = output.text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    assert.deepEqual(lines.slice(0, 2), [snapshot, paused("Jürgen")]);
    assert.equal(lines[2].type, "away");
    child.kill("SIGTERM");
    await ended;
  });
});

suite("with the real daemon's parts", () => {
  test("once, as text and as JSON", limit, async (t) => {
    const real = await startReal(t);
    const tell = (line: string) => {
      for (const event of parseEvents(line, real.state)) real.tell(event);
    };
    for (const line of ["pbx up", "login 201", "phone 201 reachable", "call_arrived c1 115 +4936112345"])
      tell(line);
    const text = await hotline(real.home, ["watch", "--once"]);
    assert.equal(text.code, 0, text.stderr);
    assert.match(text.stdout, /^HOTLINE +OPEN +WAITING/);
    assert.match(text.stdout, /…345 +rings 201/);
    assert.ok(!text.stdout.includes("12345"));
    const json = await hotline(real.home, ["watch", "--once", "--json", "--hotline", "demo"]);
    assert.equal(JSON.parse(json.stdout).calls[0].from, "…345");
  });

  test("a hotline that is not there", limit, async (t) => {
    const real = await startReal(t);
    const { code, stderr, stdout } = await hotline(real.home, ["watch", "--hotline", "nope"]);
    assert.equal(code, 1);
    assert.equal(stderr, 'hotline: there is no hotline "nope"; there is: demo\n');
    assert.equal(stdout, "");
  });

  test("a daemon that was never there", limit, async (t) => {
    const home = makeHome(t);
    const { code, stderr } = await hotline(home, ["watch", "--plain"]);
    assert.equal(code, 1);
    assert.match(stderr, /^hotline: .*start it with .*\n$/);
  });
});
