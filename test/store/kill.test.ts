import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { query, temporaryFolder, temporaryStore } from "./support.ts";
import type { Said } from "./write-forever.ts";

const script = fileURLToPath(new URL("./write-forever.ts", import.meta.url));

function startWriting(t: TestContext, path: string): { child: ChildProcess; lines: AsyncIterator<string> } {
  const child = spawn(process.execPath, [script, path], { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => child.kill("SIGKILL"));
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
}

/** Reads on until something is said that fits; returns all numbers acknowledged on the way. */
async function readUntil(lines: AsyncIterator<string>, fits: (said: Said) => boolean): Promise<number[]> {
  const written: number[] = [];
  for (;;) {
    const { value, done } = await lines.next();
    assert.ok(!done, "the child has ended too early");
    const said = JSON.parse(value) as Said;
    if ("written" in said) written.push(said.written);
    if (fits(said)) return written;
  }
}

const stored = (path: string): Set<string> =>
  new Set((query(path, "SELECT id FROM calls") as { id: string }[]).map(({ id }) => id));

test("killing the process loses nothing that was acknowledged", async (t) => {
  const path = join(temporaryFolder(t), "hotline.db");
  for (const upTo of [300, 600, 900]) {
    const { child, lines } = startWriting(t, path);
    const written = await readUntil(lines, (said) => "written" in said && said.written >= upTo);
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
    const { store } = await temporaryStore(t, path);
    const ids = stored(path);
    for (const number of written) assert.ok(ids.has(`c${number}`), `c${number} of ${upTo} is missing`);
    await store.close();
  }
});

test("a file that may not grow is trouble; when it may again, nothing is missing", async (t) => {
  const path = join(temporaryFolder(t), "hotline.db");
  const { child, lines } = startWriting(t, path);
  const limit = (bytes: string) => execFileSync("prlimit", ["--pid", String(child.pid), `--fsize=${bytes}`]);
  const before = await readUntil(lines, (said) => "written" in said && said.written >= 100);
  limit("4096:unlimited");
  const meanwhile = await readUntil(lines, (said) => "trouble" in said && said.trouble !== null);
  limit("unlimited:unlimited");
  const recovering = await readUntil(lines, (said) => "trouble" in said && said.trouble === null);
  const after = await readUntil(lines, (said) => "written" in said && said.written >= 1000);
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
  const { store } = await temporaryStore(t, path);
  const ids = stored(path);
  for (const number of [...before, ...meanwhile, ...recovering, ...after])
    assert.ok(ids.has(`c${number}`), `c${number} is missing`);
  await store.close();
});

test("a disk that turns read-only for a while is trouble; when it is well again, nothing is missing", async (t) => {
  const path = join(temporaryFolder(t), "hotline.db");
  // The kernel's answer on a file system that was remounted after an error, to some of the writes.
  const inject = ["-e", "trace=pwrite64", "-e", "inject=pwrite64:error=EROFS:when=300..305"];
  const command = ["-f", "-q", "-o", "/dev/null", ...inject, process.execPath, script, path];
  const child = spawn("strace", command, { stdio: ["ignore", "pipe", "inherit"], detached: true });
  // strace alone would let go of what it traces.
  const kill = () => process.kill(-child.pid!, "SIGKILL");
  const exited = once(child, "exit");
  t.after(() => child.exitCode ?? child.signalCode ?? kill());
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const troubled = (said: Said) => "trouble" in said && /Cannot write to .*I\/O/.test(said.trouble ?? "");
  const before = await readUntil(lines, troubled);
  const recovering = await readUntil(lines, (said) => "trouble" in said && said.trouble === null);
  const last = Math.max(...before, ...recovering);
  const after = await readUntil(lines, (said) => "written" in said && said.written >= last + 100);
  kill();
  await exited;
  const ids = stored(path);
  for (const number of [...before, ...recovering, ...after])
    assert.ok(ids.has(`c${number}`), `c${number} is missing`);
});
