/**
 * Mistakes of people and machines, on a running system: each is answered by one clear line and the right exit code, and
 * nothing is half done. What needs no system to be wrong is in test/cli.
 */
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { test } from "node:test";
import { homePaths } from "../../src/config/paths.ts";
import { testAftermath } from "../support/aftermath.ts";
import { daemonPid } from "../support/inside.ts";
import { Phone } from "../support/phone.ts";
import type { PortBlock } from "../support/ports.ts";
import { poll } from "../support/process.ts";
import { supervise } from "../support/services.ts";
import { type CommandResult, System, useSystem } from "../support/system.ts";

const system = useSystem();

/** A command, how it ends, and what it says. */
type Case = readonly [command: readonly string[], exitCode: number, says: RegExp];

const noAgent = /There is no agent "999"\. See: hotline agent list/;
const noHotline = /There is no hotline "nope"\./;
const badId = /An agent's id is 1 to 32 letters, digits, - or _, for example 201/;
const cases: readonly Case[] = [
  [["hours", "set", "mon", "25:00-26:00", "--yes"], 2, /25:00/],
  [["hours", "set", "mon", "08:00-18:61", "--yes"], 2, /18:61/],
  [["hours", "set", "mon-fri 08:00-18:00", "sat 9-99", "--yes"], 2, /"99" is not a time of day/],
  [["hours", "set", "mom-fri", "08:00-18:00", "--yes"], 2, /mom/],
  [["hours", "close", "--reason", "Storm", "--until", "25:00", "--yes"], 2, /25:00/],
  [["hours", "close", "--reason", "Storm", "--for", "2", "--yes"], 2, /'2' is invalid/],
  [["hours", "show", "--hotline", "nope"], 1, noHotline],
  [["hours", "set", "mon", "08:00-18:00", "--hotline", "nope", "--yes"], 1, noHotline],
  [["hours", "close", "--reason", "Storm", "--hotline", "nope", "--yes"], 1, noHotline],
  [["hotline", "show", "nope"], 1, noHotline],
  [["hotline", "set", "nope", "--wrap-up", "5s", "--yes"], 1, noHotline],
  [["hotline", "set", "demo", "--ring-timeout", "1s", "--yes"], 2, /at least 3s/],
  [["agent", "login", "999", "--yes"], 1, noAgent],
  [["agent", "logout", "999", "--yes"], 1, noAgent],
  [["agent", "pause", "999", "--yes"], 1, noAgent],
  [["agent", "resume", "999", "--yes"], 1, noAgent],
  [["agent", "remove", "999", "--yes"], 1, noAgent],
  [["agent", "add", "201", "--name", "Zweite", "--yes"], 1, /201/],
  [["agent", "add", "401", "--name", "Neu", "--hotline", "nope", "--yes"], 1, noHotline],
  [["agent", "add", "bridge", "--name", "Brücke", "--yes"], 2, /cannot be called "bridge"/],
  [["agent", "assign", "999", "demo", "--yes"], 1, noAgent],
  [["agent", "unassign", "201", "nope", "--yes"], 1, /does not serve hotline "nope"/],
  [["agent", "wrapup", "201", "end", "--yes"], 1, /Agent 201 is not in wrap-up/],
  [["hotline", "add", "demo", "--name", "Noch eine", "--yes"], 1, /Hotline "demo" exists already/],
  [["hotline", "remove", "demo", "--yes"], 1, /Number 115 leads to hotline "demo"/],
  [["hotline", "set", "--overflow", "full: move demo", "--yes"], 1, /"demo" to "demo"/],
  [["hotline", "set", "--overflow", "closed: next-tier", "--yes"], 2, /lets callers stay when it is closed/],
  [["hotline", "set", "--overflow", "full: forward 1&2", "--yes"], 2, /"1&2" is no number/],
  [["number", "add", "115&116", "demo", "--yes"], 2, /A number is 1 to 20 digits/],
  [["number", "remove", "999", "--yes"], 1, /Number 999 leads to no hotline/],
  // What would end a dial string, an address, a line of a file or of AMI, a path, or a shell's word.
  ...[
    "201&PJSIP/202",
    "201@evil.example",
    "a b",
    "../../etc",
    "$(id)",
    "a;b",
    "201\r\nAction: x",
    "Ä",
    "-",
  ].map((id): Case => [["agent", "add", "--yes", "--name", "Böse", "--", id], 2, badId]),
  [["agent", "add", "401", "--name", "Zwei\nZeilen", "--yes"], 2, /name/],
  [["agent", "add", "401", "--name", "Ein\tTabulator", "--yes"], 2, /name/],
  [["agent", "add", "401", "--name", "x".repeat(65), "--yes"], 2, /64/],
  [["agent", "login", "201&PJSIP/202", "--yes"], 1, /There is no agent "201&PJSIP\/202"/],
  [["calls", "show", "nope"], 1, /There is no call "nope"/],
  [["announce", "import", "demo", "greeting", "/no/such/file.wav", "--yes"], 1, /\/no\/such\/file\.wav/],
  [["hotline", "set", "demo", "--wrap-up", "5s"], 2, /add --yes/],
  [["agent", "remove", "201"], 2, /add --yes/],
  [["hours", "close", "--reason", "Storm"], 2, /add --yes/],
];

test("commands that cannot be carried out", { timeout: 120_000 }, async (t) => {
  // Speech is still being made after the start.
  await poll("all announcements are made", 60_000, async () =>
    (await system.api.announcements("demo")).every(({ lengthMs }) => lengthMs > 0) ? true : undefined,
  );
  const before = await everything();
  for (const [command, exitCode, says] of cases) {
    await t.test(JSON.stringify(command.join(" ")), async () => {
      expectOneLine(await system.hotline(...command), exitCode, says);
      assert.deepEqual(await everything(), before, "nothing has changed");
    });
  }
});

test("names that are strange and right are taken, and shown as they are", async () => {
  const name = `Zoë "Zo" O'Neill; <b>&amp;</b> \\ [x] ;#$(id)`;
  const phone = await Phone.register(await system.addAgent("402", name));
  await phone.leave();
  const found = (await system.api.agents()).find(({ id }) => id === "402");
  assert.equal(found?.name, name);
  await system.change("agent", "remove", "402");
});

test("mistakes in hotline.yaml are all named at once, and the running system goes on", {
  timeout: 60_000,
}, async () => {
  const { configFile } = homePaths(system.home);
  const good = readFileSync(configFile, "utf8");
  const daemon = daemonPid(system);
  const wrong = good
    .replace("rtpTimeoutSeconds:", "rtpTimeoutSecond:")
    .replace("level: info", "level: loud")
    .replace(/wordsPerMinute: \d+/, "wordsPerMinute: fast");
  const at = (text: string) => wrong.slice(0, wrong.indexOf(text)).split("\n").length;
  const expected = [
    `${configFile}:${at("rtpTimeoutSecond:")}: calls.rtpTimeoutSecond is not a known key`,
    `${configFile}:${at("wordsPerMinute: fast")}: announcements.wordsPerMinute must be`,
    `${configFile}:${at("level: loud")}: log.level must be one of`,
  ];
  writeFileSync(configFile, wrong);
  try {
    const check = await system.hotline("config", "check");
    const problems = check.stdout.trim().split("\n");
    assert.equal(problems.length, expected.length, check.stdout);
    for (const [index, start] of expected.entries())
      assert.ok(problems[index]?.startsWith(start), check.stdout);
    expectOneLine(check, 1, /./, check.stdout);

    const serve = await system.hotline("serve");
    assert.equal(serve.exitCode, 1);
    const up = await failedUp(system);
    for (const problem of problems)
      for (const said of [serve.stderr, up]) assert.ok(said.includes(problem), `${problem}\n${said}`);

    assert.equal(daemonPid(system), daemon);
    assert.equal((await system.api.status()).pbx.connected, true);
  } finally {
    writeFileSync(configFile, good);
  }
  const check = await system.hotline("config", "check");
  assert.equal(check.exitCode, 0);
});

test("a second daemon on the same home is refused, and the first one stays", async () => {
  const daemon = daemonPid(system);
  expectOneLine(
    await system.hotline("serve"),
    1,
    new RegExp(`A daemon runs for this home already \\(pid ${daemon} `),
  );
  assert.equal(daemonPid(system), daemon);
  assert.equal((await system.api.status()).pbx.connected, true);
});

const wantedPorts: readonly [port: "sip" | "ari" | "ami" | "http", protocol: "udp" | "tcp"][] = [
  ["sip", "udp"],
  ["sip", "tcp"],
  ["ari", "tcp"],
  ["ami", "tcp"],
  ["http", "tcp"],
];

test("ports that another program has", { timeout: 120_000 }, async (t) => {
  const other = new System();
  t.after(() => other.remove(false));
  await other.takePorts();
  for (const [name, protocol] of wantedPorts) {
    await t.test(`${name}, ${protocol}`, async () => {
      const release = await hold(other.ports, name, protocol);
      try {
        const up = await failedUp(other);
        const port = other.ports[name];
        const says = `^hotline: port ${port}/${protocol} \\(${name}\\.port\\) on 127\\.0\\.0\\.1 is in use by `;
        assert.match(up, new RegExp(says, "m"));
        assert.match(up, new RegExp(`127\\.0\\.0\\.1:${port} .*pid=${process.pid},`), "and by whom");
        assert.match(up, /nothing was started/);
        assert.match((await other.down()).stderr, /is not running/);
      } finally {
        await release();
      }
    });
  }
});

test("the daemon is not running", { timeout: 60_000 }, async () => {
  await supervise(system, "down", "daemon");
  for (const command of [
    ["status"],
    ["calls"],
    ["agent", "login", "201", "--yes"],
    ["hours", "close", "--reason", "Storm", "--yes"],
  ])
    expectOneLine(
      await system.hotline(...command),
      1,
      /the hotline is not running: nobody answers at .*; start it with /,
    );
  await supervise(system, "up", "daemon");
  await system.waitFor("it is back", ({ pbx }) => pbx.connected, 20_000);
  assert.equal((await system.api.agents()).find(({ id }) => id === "201")?.state, "logged_out");
});

testAftermath(system);

/** Exactly one line on stderr; on stdout only what is given. */
function expectOneLine(result: CommandResult, exitCode: number, says: RegExp, stdout = ""): void {
  const shown = JSON.stringify(result);
  assert.equal(result.exitCode, exitCode, shown);
  assert.match(result.stderr, says, shown);
  assert.match(result.stderr, /^hotline: [^\n]+\n$/, shown);
  assert.equal(result.stdout, stdout, shown);
}

/** What scripts/up says when it fails, as it must. */
async function failedUp(failing: System): Promise<string> {
  const said = await failing.up().then(
    () => assert.fail("scripts/up has started it"),
    (error: Error) => error.message,
  );
  assert.match(said, /^scripts\/up failed with exit code 1\n/);
  return said;
}

/** All that a command could have changed. */
async function everything() {
  const { api, home } = system;
  return {
    agents: await api.agents(),
    hotlines: await api.hotlines(),
    numbers: await api.numbers(),
    hours: await api.hours("demo"),
    announcements: await api.announcements("demo"),
    phones: readFileSync(homePaths(home).agentsFile, "utf8"),
  };
}

/** Another program takes the port. Gives what frees it again. */
async function hold(ports: PortBlock, name: "sip" | "ari" | "ami" | "http", protocol: "udp" | "tcp") {
  if (protocol === "udp") {
    const socket = createSocket("udp4").bind({ port: ports[name], address: "127.0.0.1", exclusive: true });
    await once(socket, "listening");
    return () => new Promise<void>((resolve) => socket.close(resolve));
  }
  const server = createServer().listen({ port: ports[name], host: "127.0.0.1", exclusive: true });
  await once(server, "listening");
  return () => new Promise<void>((resolve) => server.close(() => resolve()));
}
