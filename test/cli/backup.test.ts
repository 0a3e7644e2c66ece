import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import Database from "better-sqlite3";
import { createAdminApi } from "../../src/cli/admin-api.ts";
import { lockHome } from "../../src/daemon/lock.ts";
import { query } from "../store/support.ts";
import { type Real, startReal } from "./real.ts";
import { hotline, makeHome } from "./support.ts";

/** A hotline of two, a recording and settings of its own, and a backup of all that. */
async function backedUp(t: Parameters<typeof startReal>[0]): Promise<{ real: Real; file: string }> {
  const real = await startReal(t);
  const api = createAdminApi(real.home);
  await api.addHotline({ id: "nord", name: "Nord" });
  mkdirSync(join(real.home, "sounds"), { recursive: true });
  writeFileSync(join(real.home, "sounds", "file-1.alaw"), "la la la");
  writeFileSync(join(real.home, "hotline.yaml"), "sip:\n  port: 5999\n");
  const file = join(real.home, "backup.tar");
  const { code, stderr } = await hotline(real.home, ["backup", file]);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  return { real, file };
}

const hotlinesIn = (home: string) => query(join(home, "hotline.db"), "SELECT id FROM hotlines ORDER BY id");

suite("backup and restore", { concurrency: 2 }, () => {
  test("a backup brings everything to a home that has nothing", async (t) => {
    const { real, file } = await backedUp(t);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(existsSync(`${file}.part`), false);
    const home = makeHome(t);
    const { code, stdout, stderr } = await hotline(home, ["restore", file, "--yes", "--json"]);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    const { hotlines, agents, calls, before, parts } = JSON.parse(stdout);
    assert.deepEqual([hotlines, agents, calls, before], [2, 3, 0, null]);
    assert.deepEqual(parts, ["hotline.db", "hotline.yaml", "sounds"]);
    assert.deepEqual(hotlinesIn(home), [{ id: "demo" }, { id: "nord" }]);
    assert.equal(readFileSync(join(home, "sounds", "file-1.alaw"), "utf8"), "la la la");
    assert.match(readFileSync(join(home, "hotline.yaml"), "utf8"), /5999/);
    assert.equal(statSync(join(home, "hotline.db")).mode & 0o777, 0o640);

    // Who has taken it is in the history, in the backup as well; nothing else was left in the home.
    const audit = "SELECT object, action FROM audit ORDER BY id DESC LIMIT 1";
    assert.deepEqual(query(join(home, "hotline.db"), audit), [{ object: "backup", action: "backup taken" }]);
    assert.deepEqual(readdirSync(join(real.home, "copies")), []);
    const { store } = await createAdminApi(real.home).doctor();
    assert.notEqual(store.lastBackup, null);
  });

  test("what was there before is kept aside, all of it, and settings stay when that is wanted", async (t) => {
    const { file } = await backedUp(t);
    const other = await startReal(t);
    await other.store.close();
    const home = makeHome(t);
    execFileSync("cp", [join(other.home, "hotline.db"), home]);
    writeFileSync(join(home, "hotline.db-wal"), "not to be mixed with another database");
    writeFileSync(join(home, "hotline.yaml"), "sip:\n  port: 6001\n");
    const { code, stdout } = await hotline(home, ["restore", file, "--keep-settings", "--yes", "--json"]);
    assert.equal(code, 0);
    const { before } = JSON.parse(stdout);
    assert.deepEqual(readdirSync(before).sort(), ["hotline.db", "hotline.db-wal"]);
    assert.equal(existsSync(join(home, "hotline.db-wal")), false);
    assert.deepEqual(hotlinesIn(home), [{ id: "demo" }, { id: "nord" }]);
    assert.match(readFileSync(join(home, "hotline.yaml"), "utf8"), /6001/);
  });

  test("a bare copy of the database can be restored, too", async (t) => {
    const { real } = await backedUp(t);
    const { file } = await real.store.copy();
    const home = makeHome(t);
    const { code, stdout } = await hotline(home, ["restore", file, "--yes", "--json"]);
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(stdout).parts, ["hotline.db"]);
    assert.deepEqual(hotlinesIn(home), [{ id: "demo" }, { id: "nord" }]);
  });

  test("with --dry-run a backup is looked through and not put in place", async (t) => {
    const { file } = await backedUp(t);
    const home = makeHome(t);
    const { code, stdout } = await hotline(home, ["restore", file, "--dry-run"]);
    assert.equal(code, 0);
    assert.match(stdout, /has 2 hotlines, 3 agents .*Put it in the place of .*\?\nNot done: --dry-run\.\n$/);
    assert.deepEqual(readdirSync(home), ["run"]);
    const wrong = await hotline(home, ["restore", join(home, "nothing.tar"), "--dry-run"]);
    assert.deepEqual([wrong.code, wrong.stdout], [1, ""]);
  });

  test("what cannot be restored is refused in one line, and nothing is touched", async (t) => {
    const { real, file } = await backedUp(t);
    const home = makeHome(t);
    writeFileSync(join(home, "hotline.db"), "precious");
    const at = (name: string) => join(real.home, name);
    const refused = async (name: string, why: RegExp) => {
      const { code, stdout, stderr } = await hotline(home, ["restore", name, "--yes"]);
      assert.deepEqual([code, stdout], [1, ""]);
      assert.match(stderr, why);
      assert.match(stderr, /^hotline: [^\n]+\n$/);
      assert.equal(readFileSync(join(home, "hotline.db"), "utf8"), "precious");
      assert.deepEqual(readdirSync(home).sort(), ["hotline.db", "run"]);
    };
    await refused(at("nowhere.tar"), /There is no file/);
    writeFileSync(at("letter"), "Sehr geehrte Damen und Herren,\n".repeat(100));
    await refused(at("letter"), /is no backup of a hotline/);
    execFileSync("cp", [file, at("half.tar")]);
    truncateSync(at("half.tar"), Math.floor(statSync(file).size / 2));
    await refused(at("half.tar"), /is no backup of a hotline, or not all of it/);

    const { file: copy } = await real.store.copy();
    const newer = new Database(copy);
    newer.exec("INSERT INTO migrations VALUES (99, 'future.sql', 0)");
    newer.close();
    await refused(copy, /newer version of this program \(tables 99/);
    const other = new Database(at("voicemail.db"));
    other.exec("CREATE TABLE voicemail (x TEXT)");
    other.close();
    await refused(at("voicemail.db"), /database of another program/);

    const lock = lockHome(join(home, "run"), () => "4711");
    t.after(() => lock.release());
    await refused(file, /A daemon runs for this home already \(another process holds/);
  });

  test("a backup replaces no file unasked, and leaves nothing half done", async (t) => {
    const { real, file } = await backedUp(t);
    const before = readFileSync(file);
    const again = await hotline(real.home, ["backup", file]);
    assert.equal(again.code, 1);
    assert.match(again.stderr, /is there already and was left as it is; --force replaces it/);
    assert.deepEqual(readFileSync(file), before);
    assert.equal((await hotline(real.home, ["backup", file, "--force"])).code, 0);
    assert.notDeepEqual(readFileSync(file), before);
    assert.match(
      (await hotline(real.home, ["backup", "/nowhere/x.tar"])).stderr,
      /there is no folder \/nowhere for x\.tar/,
    );
    const away = await hotline(makeHome(t), ["backup", join(real.home, "other.tar")]);
    assert.deepEqual([away.code, existsSync(join(real.home, "other.tar"))], [1, false]);
    assert.match(away.stderr, /not running/);
    assert.equal(existsSync(join(real.home, "other.tar.part")), false);
  });
});
