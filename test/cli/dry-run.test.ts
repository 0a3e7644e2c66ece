import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import { createAdminApi } from "../../src/cli/admin-api.ts";
import type { AgentId } from "../../src/core/ids.ts";
import { type Real, startReal } from "./real.ts";
import { hotline } from "./support.ts";

async function done(real: Real, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await hotline(real.home, args);
  assert.equal(code, 0, `${args.join(" ")}: ${stderr}`);
  return stdout;
}

/** All that is kept: on disk, in the daemon's memory, and what Asterisk was told. */
async function everything(real: Real): Promise<unknown> {
  const { clock: _, ...stored } = (await real.store.load()) as { clock?: unknown };
  const history = await real.store.changes({ limit: 100, object: "" });
  const tables = real.state.tables.map((table) => [...table.values()]);
  const { yaml } = await createAdminApi(real.home).exportDocument();
  return { stored, history, tables, loose: real.state.loose, yaml, reloads: real.reloads() };
}

/** A home in which each change has something to change. */
async function startBusy(t: Parameters<typeof startReal>[0]): Promise<Real & { readonly sound: string }> {
  const real = await startReal(t);
  const sound = join(real.home, "gruss.wav");
  execFileSync("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", "sine=440:d=2", sound]);
  writeFileSync(join(real.home, "agents.csv"), "id,name,hotlines\n301,Ben,demo\n");
  real.tell({ type: "phone_changed", agent: "201" as AgentId, phone: "reachable" });
  const api = createAdminApi(real.home);
  await api.addHotline({ id: "sued", name: "Süd" });
  await api.setNumber("117", { hotline: "demo", skills: [] });
  const contentBase64 = readFileSync(sound).toString("base64");
  await api.importAnnouncement("demo", "full", { fileName: "gruss.wav", contentBase64 });
  await api.login("201");
  await api.login("202");
  await api.pause("202", null);
  return { ...real, sound };
}

/** A command, and what it says would be changed. */
const changing: readonly (readonly [args: readonly string[], says: RegExp])[] = [
  [["agent", "add", "204", "--name", "Nina", "--hotline", "demo"], /Add agent 204 \(Nina\) to demo\?/],
  [["agent", "assign", "201", "sued", "--tier", "2"], /Let agent 201 serve sued, tier 2\?/],
  [["agent", "unassign", "201", "demo"], /Take agent 201 off demo\?/],
  [["agent", "remove", "201"], /Remove agent 201 for good\?/],
  [["agent", "login", "203"], /Log in agent 203\?/],
  [["agent", "logout", "201"], /Log out agent 201\?/],
  [["agent", "pause", "201"], /Pause agent 201\?/],
  [["agent", "resume", "202"], /End the pause of agent 202\?/],
  [["number", "add", "117", "sued"], /Let 117 lead to hotline sued\? It leads to hotline demo now\./],
  [["number", "remove", "117"], /Remove number 117\?/],
  [["hotline", "add", "nord", "--name", "Nord"], /Add hotline nord \(name Nord\)\?/],
  [["hotline", "set", "demo", "--wrap-up", "33s"], /Change demo: wrap-up 10s -> 33s\?/],
  [["hotline", "remove", "sued"], /Remove hotline sued for good/],
  [["announce", "import", "demo", "greeting", "SOUND"], /will hear .*gruss\.wav as "greeting"/],
  [["announce", "reset", "demo", "full"], /will hear the default text as "full"/],
  [["announce", "record", "demo", "greeting", "--agent", "201"], /The phone of agent 201 rings/],
];

const withPreview: readonly (readonly string[])[] = [
  ["agent", "import", "CSV"],
  ["apply", "DOCUMENT"],
  ["hours", "set", "--hotline", "demo", "mon", "8-14"],
  ["hours", "except", "--hotline", "demo", "24.12.", "closed", "--reason", "Storm"],
  ["hours", "holidays", "--hotline", "demo", "TH"],
  ["hours", "close", "--hotline", "demo", "--reason", "Storm"],
  ["hours", "open", "--hotline", "demo", "--reason", "Storm"],
  ["hours", "resume", "--hotline", "demo"],
  ["hours", "share", "sued", "demo"],
  ["hours", "zone", "--hotline", "demo", "Europe/London"],
  ["undo"],
];

suite("--dry-run changes nothing", () => {
  test("every command that changes something says what it would change", async (t) => {
    const real = await startBusy(t);
    const document = join(real.home, "document.yaml");
    const { yaml } = await createAdminApi(real.home).exportDocument();
    writeFileSync(document, yaml.replace("name: Süd", "name: West"));
    const files: Record<string, string> = {
      SOUND: real.sound,
      CSV: join(real.home, "agents.csv"),
      DOCUMENT: document,
    };
    const line = (args: readonly string[]) => [...args.map((word) => files[word] ?? word), "--dry-run"];
    const before = await everything(real);
    for (const [args, says] of changing) {
      const said = await done(real, ...line(args));
      assert.match(said, says);
      assert.match(said, /\nNot done: --dry-run\.\n$/, args.join(" "));
      assert.deepEqual(await everything(real), before, args.join(" "));
    }
    for (const args of withPreview) {
      // Who gives both wants to be on the safe side.
      await done(real, ...line(args), "--yes");
      assert.deepEqual(await everything(real), before, args.join(" "));
    }
  });

  test("what is so already is said", async (t) => {
    const real = await startBusy(t);
    const login = ["agent", "login", "201", "--dry-run"];
    assert.match(await done(real, ...login), /^Log in agent 201\?\nIt is so already; [^\n]*\n$/);
    assert.deepEqual(JSON.parse(await done(real, ...login, "--json")), { dryRun: true, changes: false });
    const other = await done(real, "agent", "logout", "201", "--dry-run", "--json");
    assert.deepEqual(JSON.parse(other), { dryRun: true, changes: true });
  });

  test("what would be refused is refused in the same words", async (t) => {
    const real = await startBusy(t);
    const before = await everything(real);
    for (const args of [
      ["agent", "add", "201", "--name", "Noch einer", "--hotline", "demo"],
      ["agent", "wrapup", "201", "end"],
      ["agent", "unassign", "201", "sued"],
      ["number", "remove", "999"],
      ["hotline", "remove", "demo"],
      ["announce", "say", "demo", "closed", "Bis {{gestern}}."],
      ["announce", "import", "demo", "closed", join(real.home, "agents.csv")],
      ["announce", "record", "demo", "greeting", "--agent", "999"],
    ]) {
      const tried = await hotline(real.home, [...args, "--dry-run", "--json"]);
      assert.notEqual(tried.code, 0, args.join(" "));
      assert.equal(tried.stdout, "");
      assert.deepEqual(await everything(real), before, args.join(" "));
      assert.deepEqual(tried, await hotline(real.home, [...args, "--yes", "--json"]), args.join(" "));
    }
  });

  test("with --yes it is said what is changed, beside the result", async (t) => {
    const real = await startReal(t);
    const { stderr, stdout } = await hotline(real.home, ["hotline", "set", "--wrap-up", "33s", "--yes"]);
    assert.equal(stderr, "Change demo: wrap-up 10s -> 33s? [--yes]\n");
    assert.match(stdout, /^demo\n/);
    const quiet = await hotline(real.home, ["hotline", "set", "--wrap-up", "34s", "--yes", "--json"]);
    assert.equal(quiet.stderr, "");
  });
});
