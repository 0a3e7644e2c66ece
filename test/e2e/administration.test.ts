/** What administrators do to the whole system: many agents at once, and asking what is wrong with it. */
import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { Finding } from "../../src/cli/doctor/finding.ts";
import { testAftermath } from "../support/aftermath.ts";
import { ari } from "../support/clean.ts";
import { Phone } from "../support/phone.ts";
import { poll } from "../support/process.ts";
import { useSystem } from "../support/system.ts";

const system = useSystem();
const list = join(tmpdir(), `hotline-agents-${process.pid}.csv`);
const passwords = join(tmpdir(), `hotline-passwords-${process.pid}.csv`);
after(() => {
  for (const file of [list, passwords]) rmSync(file, { force: true });
});

async function examine(): Promise<{ exitCode: number; ok: boolean; findings: Finding[] }> {
  const { exitCode, stdout } = await system.hotline("doctor", "--json");
  return { exitCode, ...(JSON.parse(stdout) as { ok: boolean; findings: Finding[] }) };
}

test("500 agents from a file: Asterisk knows all of them, and a phone registers with what was handed out", async (context) => {
  const rows = Array.from({ length: 500 }, (_, i) => `${4000 + i};Person ${i};demo`);
  writeFileSync(list, `id;name;hotlines\n${rows.join("\n")}\n`);
  const startedMs = performance.now();
  await system.change("agent", "import", list, "--out", passwords);
  context.diagnostic(`500 agents in ${Math.round(performance.now() - startedMs)} ms`);
  const endpoints = (await ari(system, "endpoints")) as { resource: string }[];
  assert.equal(endpoints.filter(({ resource }) => /^4\d\d\d-/.test(resource)).length, 500);

  const [, , username = "", password = ""] = readFileSync(passwords, "utf8")
    .trim()
    .split("\n")
    .at(-1)!
    .split(";");
  const phone = await Phone.register({ username, password, host: "127.0.0.1", port: system.sipPort });
  await system.change("agent", "login", "4499");
  await system.waitForAgent("4499", "ready");
  await phone.leave();

  const { sip } = await system.json<{ sip: { password: string } }>("agent", "show", "4499", "--show-secret");
  assert.equal(sip.password, password);
  assert.ok(!system.log("daemon").includes(password));
});

test("a healthy system has no problem", async () => {
  // Some announcements are still being made just after a start, which is no problem.
  assert.equal((await examine()).exitCode, 0);
  const { exitCode, ok, findings } = await poll("all announcements are made", 60_000, async () => {
    const found = await examine();
    return found.findings.some(({ check, result }) => check === "sounds" && result === "warning")
      ? undefined
      : found;
  });
  assert.deepEqual(
    findings.filter(({ result }) => result === "problem"),
    [],
  );
  assert.deepEqual({ exitCode, ok }, { exitCode: 0, ok: true });
  const results = Object.fromEntries(findings.map(({ check, result }) => [check, result]));
  for (const check of [
    "daemon",
    "asterisk",
    "manager",
    "modules",
    "trunk",
    "sounds",
    "database",
    "sip",
    "ari",
    "ami",
  ])
    assert.equal(results[check], "ok", check);
});

test("with everything down it says so first, and what can be checked all the same", async () => {
  await system.down();
  const { exitCode, findings } = await examine();
  assert.equal(exitCode, 1);
  const problems = findings.filter(({ result }) => result === "problem").map(({ check }) => check);
  assert.deepEqual(problems, ["daemon", "asterisk"]);
  assert.ok(findings.some(({ check, result }) => check === "disk" && result === "ok"));
  await system.up();
});

// 500 phones that appear at one moment are 500 events at one moment.
testAftermath(system, {
  daemon: [/passwords of phones were shown again/],
  asterisk: [/taskprocessor_push: .* queue reached 500 scheduled tasks/],
});
