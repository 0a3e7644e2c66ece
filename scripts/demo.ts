/**
 * The demo's agents and callers: simulated phones with real SIP, driven by a small play. What is shown is asked of the
 * running hotline, as `hotline status` does it.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Status } from "../src/api/schemas.ts";
import { createAdminApi } from "../src/cli/admin-api.ts";
import { loadConfig } from "../src/config/load.ts";
import { homePaths, programFolder, resolveHome } from "../src/config/paths.ts";
import { type Credentials, type Habit, Phone } from "../test/support/phone.ts";
import { tone } from "../test/support/tones.ts";

const number = "115";

type DemoAgent = { readonly id: string; readonly does: string; readonly habit: Habit };
const agents: readonly DemoAgent[] = [
  { id: "201", does: "picks up after 2 s", habit: { ringMs: 2_000, answer: true, talkMs: 12_000 } },
  { id: "202", does: "picks up after 4 s", habit: { ringMs: 4_000, answer: true, talkMs: 9_000 } },
  { id: "203", does: "is on the stairs and declines", habit: { ringMs: 1_500, answer: 603 } },
];

type DemoCaller = { readonly from: string; readonly atMs: number; readonly patienceMs: number | null };
const callers: readonly DemoCaller[] = [
  { from: "+4936155500001", atMs: 0, patienceMs: null },
  { from: "+4936155500002", atMs: 3_000, patienceMs: null },
  { from: "+4936155500003", atMs: 6_000, patienceMs: null },
  { from: "+4936155500004", atMs: 9_000, patienceMs: 8_000 },
  { from: "+4936155500005", atMs: 12_000, patienceMs: null },
];
/** If a caller is not served by then, something is wrong and the demo says so instead of going on for ever. */
const longestMs = 120_000;

const home = resolveHome(process.env);
const config = await loadConfig(home);
const api = createAdminApi(home);
const started = performance.now();
const says = (text: string) =>
  console.log(`${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s  ${text}`);

if (config.trunk?.acceptFrom.includes("127.0.0.2") !== true) {
  console.error(
    `demo: the hotline in ${home} is in real use (its trunk is not the laboratory's), so nothing is simulated on it.`,
  );
  process.exit(1);
}

await play();

async function play(): Promise<void> {
  const known = (await api.agents()).map(({ id }) => id);
  const missing = agents.filter(({ id }) => !known.includes(id));
  if (missing.length > 0) {
    const names = missing.map(({ id }) => id).join(", ");
    console.error(
      `demo: the agents ${names} are not there any more. A new home has them: HOTLINE_HOME=/tmp/demo scripts/demo`,
    );
    process.exit(1);
  }
  console.log(`\nThree simulated agents log in at the hotline "demo", then five citizens call ${number}.\n`);
  const phones = await Promise.all(agents.map(logIn));
  const before = new Set((await api.calls(1_000, null)).map(({ id }) => id));
  const stopShowing = showChanges();
  const calls = await Promise.all(callers.map(placeCall));
  await Promise.all(calls.map((call) => call.ended(longestMs)));
  await stopShowing();
  await Promise.all(agents.map(({ id }) => api.logout(id)));
  await Promise.all(phones.map((phone) => phone.leave()));
  await showRecord(before);
}

async function logIn({ id, does, habit }: DemoAgent): Promise<Phone> {
  const phone = await Phone.register(credentialsOf(id), { sound: tone(440) });
  phone.behave(habit);
  await api.login(id);
  says(`agent ${id} logs in (${does})`);
  return phone;
}

/** Passwords are shown only once, when an agent is added; for the demo's own agents Asterisk's file has them. */
function credentialsOf(id: string): Credentials {
  const text = readFileSync(homePaths(home).agentsFile, "utf8");
  const match = new RegExp(`^username = (${id}-\\S+)\\npassword = (\\S+)$`, "m").exec(text);
  if (!match) throw new Error(`${homePaths(home).agentsFile} does not have agent ${id}`);
  return { username: match[1]!, password: match[2]!, host: config.bind, port: config.sip.port };
}

async function placeCall({ from, atMs, patienceMs }: DemoCaller) {
  await later(atMs);
  const phone = await Phone.open({ address: "127.0.0.2", sound: tone(660) });
  says(`${shorten(from)} calls ${number}`);
  const call = await phone.call(number, { host: config.bind, port: config.sip.port, from });
  if (patienceMs !== null)
    void later(patienceMs).then(() => {
      if (call.state === "ended") return;
      says(`${shorten(from)} has waited long enough and hangs up`);
      call.hangUp();
    });
  void call.ended(longestMs).then(() => phone.close());
  return call;
}

/** Prints a line whenever who waits, rings or talks has changed. Ends when everybody is gone and nobody wraps up. */
function showChanges(): () => Promise<void> {
  let last = "";
  let stopping = false;
  const froms = new Map<string, string>();
  const watch = (async () => {
    for (;;) {
      const status = await api.status();
      if (status.calls.some(({ id }) => !froms.has(id)))
        for (const { id, from } of await api.calls(50, null))
          froms.set(id, from ? shorten(from) : "anonymous");
      const line = describe(status, (id) => froms.get(id) ?? "?");
      if (line !== last) says(line);
      last = line;
      if (stopping && status.calls.length === 0) return;
      await later(100);
    }
  })();
  return () => {
    stopping = true;
    return watch;
  };
}

function describe(status: Status, fromOf: (id: string) => string): string {
  const parts: string[] = [];
  const list = (phase: string, word: string, show: (call: Status["calls"][number]) => string) => {
    const found = status.calls.filter((call) => call.phase === phase);
    if (found.length > 0) parts.push(`${word} ${found.map(show).join(", ")}`);
  };
  list("waiting", "waiting:", ({ id }) => fromOf(id));
  list("offering", "ringing:", ({ id, agent }) => `${agent} for ${fromOf(id)}`);
  list("connected", "talking:", ({ id, agent }) => `${agent} with ${fromOf(id)}`);
  const wrapUp = status.hotlines.reduce((sum, hotline) => sum + hotline.agents.wrap_up, 0);
  if (wrapUp > 0) parts.push(`wrap-up: ${wrapUp}`);
  return parts.length > 0 ? `      ${parts.join("   ")}` : "      nobody calls";
}

async function showRecord(before: ReadonlySet<string>): Promise<void> {
  const calls = (await api.calls(50, null)).filter(({ id }) => !before.has(id));
  const cli = join(programFolder, "hotline");
  const run = (...args: string[]) => spawnSync(cli, args, { stdio: "inherit" });
  console.log("\nWhat was recorded (hotline calls):\n");
  run("calls", "--limit", String(calls.length));
  const told = calls.find(({ outcome, agent }) => outcome === "answered" && agent === "201") ?? calls[0];
  if (told) {
    console.log(`The story of one of them (hotline calls show ${told.id}):\n`);
    run("calls", "show", told.id);
  }
  const folder = process.cwd() === programFolder ? "." : programFolder;
  const hotline = `${home === join(programFolder, "var") ? "" : `HOTLINE_HOME=${home} `}${folder}/hotline`;
  const down = `${home === join(programFolder, "var") ? "" : `HOTLINE_HOME=${home} `}${folder}/scripts/down`;
  console.log(`
The hotline goes on running. Try next:
  ${hotline} status
      what happens right now
  ${hotline} agent add 204 --name "Erika Beispiel"
  ${hotline} agent login 204
      an agent of your own: register a softphone on this machine with what "add" prints
  ${hotline} hours close --for 10m --reason "Probe"
      closed for ten minutes, from the next call on
  ${down}
      stop it
To call: any SIP phone that sends from 127.0.0.2, to sip:${number}@${config.bind}:${config.sip.port}`);
}

function shorten(from: string): string {
  return `…${from.slice(-3)}`;
}

function later(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
