import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { dirname, join } from "node:path";
import { suite, type TestContext, test } from "node:test";
import { call } from "./canned.ts";
import { hotline, hotlineProgram, makeHome, ok, refused, runProgram, startFake } from "./support.ts";

const oneLine = /^hotline: [^\n]*\n$/;

suite("trouble ends with 1 and one line that helps", { concurrency: 4 }, () => {
  test("no home yet", async (t) => {
    const home = makeHome(t);
    rmSync(home, { recursive: true });
    const { code, stdout, stderr } = await hotline(home, ["status", "--json"]);
    assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
    assert.match(stderr, oneLine);
    assert.match(stderr, /there is no hotline in .* yet/);
  });

  test("the daemon does not run", async (t) => {
    const home = makeHome(t);
    const { code, stderr } = await hotline(home, ["status"]);
    assert.equal(code, 1);
    assert.match(stderr, oneLine);
    assert.match(stderr, /the hotline is not running/);
    assert.ok(stderr.includes(join(home, "run", "admin.sock")), "names the socket");
    assert.match(stderr, /scripts\/up/);
  });

  test("the daemon died and left its socket", async (t) => {
    const { home, server } = await listen(t, () => {});
    // Closing removes the file, so a killed process must leave one.
    server.close();
    const socket = join(home, "run", "admin.sock");
    spawnSync(process.execPath, [
      "-e",
      `require("net").createServer().listen(${JSON.stringify(socket)}, () => process.kill(process.pid, "SIGKILL"))`,
    ]);
    const { code, stderr } = await hotline(home, ["status"]);
    assert.equal(code, 1);
    assert.match(stderr, /the hotline is not running/);
  });

  test("the daemon hangs up without an answer", async (t) => {
    const { home } = await listen(t, (server) =>
      server.on("connection", (socket) => socket.once("data", () => socket.destroy())),
    );
    const { code, stderr } = await hotline(home, ["agent", "login", "201", "--yes"]);
    assert.equal(code, 1);
    assert.match(stderr, oneLine);
    assert.match(stderr, /hung up before it answered; whether the command was carried out is unknown/);
  });

  test("something else answers", async (t) => {
    const { home } = await listen(t, (server) =>
      server.on("connection", (socket) => {
        socket.end("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello");
      }),
    );
    const { code, stderr } = await hotline(home, ["status"]);
    assert.equal(code, 1);
    assert.match(stderr, oneLine);
    assert.match(stderr, /does not speak JSON/);
  });

  test("an answer that does not fit", async (t) => {
    const fake = await startFake(t, { "GET /agents": ok([{ id: 201 }]) });
    const { code, stdout, stderr } = await hotline(fake.home, ["agent", "list", "--json"]);
    assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
    assert.match(stderr, oneLine);
    assert.match(stderr, /does not fit this program \(0\.id: /);
  });

  for (const [status, message] of [
    [404, 'There is no agent "999". See: hotline agent list'],
    [409, "Agent 999 is there already"],
    [503, "Not saved in time"],
    [500, "The daemon has failed at this; see its log."],
  ] as const) {
    test(`the daemon says ${status}`, async (t) => {
      const fake = await startFake(t, { "POST /agents/999/pause": refused(status, "code", message) });
      const result = await hotline(fake.home, ["agent", "pause", "999", "--yes"]);
      assert.deepEqual(result, { code: 1, stdout: "", stderr: `hotline: ${message}\n` });
    });
  }

  test("a terminal's control characters in a message are not passed on", async (t) => {
    const fake = await startFake(t, { "GET /agents": refused(409, "x", "bad\u001b[2Jname\r") });
    const { stderr } = await hotline(fake.home, ["agent", "list"]);
    assert.equal(stderr, "hotline: bad?[2Jname\n");
  });

  test("no right to use the socket", { skip: process.getuid?.() !== 0 && "needs root" }, async (t) => {
    const { home } = await startFake(t);
    chmodSync(home, 0o700);
    // Becomes somebody else only once it is loaded: the program may lie where nobody else can read it.
    const file = (name: string) => JSON.stringify(join(dirname(hotlineProgram), "src", "cli", name));
    const asSomebody = `import { run } from ${file("run.ts")};
      import { createProgram } from ${file("program.ts")};
      process.setgroups([]); process.setgid(65534); process.setuid(65534);
      process.exitCode = await run(["status"], createProgram);`;
    const args = ["--input-type=module", "--eval", asSomebody];
    const { code, stderr } = await runProgram(process.execPath, args, { HOTLINE_HOME: home });
    assert.equal(code, 1);
    assert.match(stderr, oneLine);
    assert.match(stderr, /group "hotline"/);
  });
});

suite("files", { concurrency: 4 }, () => {
  for (const [name, says] of [
    ["missing.wav", /there is no file .*missing\.wav/],
    ["folder", /folder is a folder/],
    ["empty.wav", /empty\.wav is empty/],
  ] as const) {
    test(`announce import ${name}`, async (t) => {
      const fake = await startFake(t);
      mkdirSync(join(fake.home, "folder"));
      writeFileSync(join(fake.home, "empty.wav"), "");
      const file = join(fake.home, name);
      const { code, stderr } = await hotline(fake.home, [
        "announce",
        "import",
        "demo",
        "greeting",
        file,
        "--yes",
      ]);
      assert.equal(code, 1);
      assert.match(stderr, oneLine);
      assert.match(stderr, says);
      assert.deepEqual(fake.requests, []);
    });
  }

  test("config check names every mistake and its place", async (t) => {
    const home = makeHome(t);
    writeFileSync(join(home, "hotline.yaml"), "sip:\n  prot: 5060\nari:\n  port: many\n");
    const json = await hotline(home, ["config", "check", "--json"]);
    const report = JSON.parse(json.stdout) as { ok: boolean; problems: { path: string }[] };
    assert.equal(json.code, 1);
    assert.equal(report.ok, false);
    for (const path of ["sip.prot", "ari.port"])
      assert.ok(
        report.problems.some((problem) => problem.path === path),
        path,
      );
    assert.match(json.stderr, /^hotline: \d+ mistakes in .*hotline\.yaml\n$/);
    const text = await hotline(home, ["config", "check"]);
    assert.equal(text.stdout.trimEnd().split("\n").length, report.problems.length);
    assert.match(text.stdout, /hotline\.yaml:2: sip\.prot/);
  });
});

test("the home is var/ beside the program, whatever the current folder", async () => {
  const { stdout } = await hotline("", ["config", "check", "--json"]);
  const expected = join(dirname(hotlineProgram), "var", "hotline.yaml");
  assert.equal((JSON.parse(stdout) as { file: string }).file, expected);
});

test("prepare refuses a folder that cannot be a home, and leaves it alone", async (t) => {
  const home = join(makeHome(t), "it's");
  const { code, stdout, stderr } = await hotline(home, ["prepare", "--json"]);
  assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
  assert.match(stderr, oneLine);
  assert.match(stderr, /must not contain quotes/);
  assert.ok(!existsSync(home));
});

test("a reader that has had enough ends the program quietly", async (t) => {
  const many = Array.from({ length: 10_000 }, (_, i) => ({ ...call, id: `c${i}` }));
  const fake = await startFake(t, { "GET /calls": ok(many) });
  const script = `{ "$0" calls --limit 10000; echo "code $?" >&2; } | head -n 2`;
  const result = await runProgram("sh", ["-c", script, hotlineProgram], { HOTLINE_HOME: fake.home });
  assert.equal(result.stdout.split("\n").length, 3);
  assert.equal(result.stderr, "code 0\n");
});

async function listen(
  t: TestContext,
  prepare: (server: Server) => void,
): Promise<{ home: string; server: Server }> {
  const home = makeHome(t);
  mkdirSync(join(home, "run"));
  const server = createServer();
  prepare(server);
  await new Promise<void>((listening) => server.listen(join(home, "run", "admin.sock"), listening));
  t.after(() => server.close());
  return { home, server };
}
