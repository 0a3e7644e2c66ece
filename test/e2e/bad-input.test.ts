/**
 * Mistakes of people and machines, on a running system: each is answered by one clear line and the right exit code, and
 * nothing is half done. The list of wrong inputs is wrong-inputs.ts; what needs no system to be wrong is in test/cli.
 */
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import Database from "better-sqlite3";
import { homePaths } from "../../src/config/paths.ts";
import { testAftermath } from "../support/aftermath.ts";
import { daemonPid } from "../support/inside.ts";
import { Phone } from "../support/phone.ts";
import type { PortBlock } from "../support/ports.ts";
import { poll } from "../support/process.ts";
import { supervise } from "../support/services.ts";
import { type CommandResult, System, useSystem } from "../support/system.ts";
import { isAsTold, wordsOf, wrongFiles, wrongInputs } from "./wrong-inputs.ts";

const system = useSystem();

test("wrong inputs: one clear message each, and nothing is changed", {
  concurrency: 3,
  timeout: 180_000,
}, async (t) => {
  // Speech is still being made after the start.
  await poll("all announcements are made", 60_000, async () =>
    (await system.api.announcements("demo")).every(({ lengthMs }) => lengthMs > 0) ? true : undefined,
  );
  const folder = mkdtempSync(join(tmpdir(), "hotline-wrong-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const exported = (await system.hotline("export")).stdout;
  wrongFiles(folder, exported);
  const before = await everything();
  const data = allData();
  const table = Object.entries(wrongInputs).flatMap(([family, rows]) =>
    rows.map(([mistake, ...row]) => [`${family}: ${mistake}`, ...row] as const),
  );
  assert.ok(table.length >= 100);
  await Promise.all(
    table.map(([name, command, exitCode, says, ...told]) =>
      t.test(`${name}: hotline ${command}`, async () => {
        const words = wordsOf(command).map((word) => word.replace(/^@/, `${folder}/`));
        const result = await system.hotline(...words);
        const lineOf = (text: string) => text.replaceAll(`${folder}/`, "@");
        const line = /^hotline: ([^\n]+)\n$/.exec(lineOf(result.stderr))?.[1];
        const shown = JSON.stringify(result);
        assert.ok(line !== undefined, `one line: ${shown}`);
        assert.ok(isAsTold(line, says), `${line}\ninstead of:\n${says}`);
        const lines = lineOf(result.stdout).trimEnd();
        assert.ok(isAsTold(lines, told.join("\n")), `${lines}\ninstead of:\n${told.join("\n")}`);
        assert.equal(result.exitCode, exitCode, shown);
        assert.deepEqual(await everything(), before, "nothing has changed");
      }),
    ),
  );
  assert.equal((await system.hotline("export")).stdout, exported);
  assert.deepEqual(allData(), data);
});

// What would end a dial string, an address, a line of a file or of AMI, a path, or a shell's word.
const hostileIds = [
  "201&PJSIP/202",
  "201@evil.example",
  "a b",
  "../../etc",
  "$(id)",
  "a;b",
  "201\r\nAction: x",
  "Ä",
  "-",
];
const hostileNames = ["Zwei\nZeilen", "Ein\tTabulator", "x".repeat(65)];

test("what could be more than an id or a name is taken for neither", { timeout: 60_000 }, async () => {
  const before = await everything();
  const badId = /An agent's id is 1 to 32 letters, digits, - or _, for example 201/;
  for (const id of hostileIds)
    expectOneLine(await system.hotline("agent", "add", "--yes", "--name", "Böse", "--", id), 2, badId);
  for (const name of hostileNames)
    expectOneLine(await system.hotline("agent", "add", "401", "--name", name, "--yes"), 2, /name|64/);
  const noAgent = /There is no agent "201&PJSIP\/202"/;
  expectOneLine(await system.hotline("agent", "login", "201&PJSIP/202", "--yes"), 1, noAgent);
  assert.deepEqual(await everything(), before, "nothing has changed");
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
  const document = (await api.exportDocument()).yaml;
  return {
    document,
    changes: await api.changes("", 1000),
    agents: await api.agents(),
    hours: await api.hours("demo"),
    announcements: await api.announcements("demo"),
    phones: readFileSync(homePaths(home).agentsFile, "utf8"),
  };
}

/** Every row of the database, but for the clock's, which is written all the time. */
function allData(): Record<string, unknown[]> {
  const database = new Database(homePaths(system.home).database, { readonly: true });
  try {
    const names = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").pluck().all();
    const tables = (names as string[]).filter((name) => name !== "clock");
    return Object.fromEntries(
      tables.map((name) => [name, database.prepare(`SELECT * FROM "${name}"`).all()]),
    );
  } finally {
    database.close();
  }
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
