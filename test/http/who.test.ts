import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { suite, type TestContext, test } from "node:test";
import pino from "pino";
import { whoHeaders } from "../../src/api/who.ts";
import { WhoDesk } from "../../src/http/who.ts";

const me = userInfo().username;
const isRoot = process.getuid?.() === 0;

function openDesk(t: TestContext) {
  const home = mkdtempSync(join(tmpdir(), "hl-who-"));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  const folder = join(home, "who");
  return { home, folder, desk: new WhoDesk(folder, pino({ level: "silent" })) };
}

const make = (path: string) => writeFileSync(path, "", { flag: "wx", mode: 0o400 });

const shows = (file: string, claims: Record<string, string> = {}) => ({
  [whoHeaders.proof]: file,
  ...claims,
});

test("who creates the file is believed, once", async (t) => {
  const { folder, desk } = openDesk(t);
  const { file } = desk.ask();
  make(join(folder, file));
  assert.deepEqual(await desk.authorOf(shows(file)), { who: me, found: "verified", account: me });
  assert.deepEqual(readdirSync(folder), [], "it is gone");
  make(join(folder, file));
  await assert.rejects(desk.authorOf(shows(file)), { code: "who_unknown", status: 403 });
});

test("others may create files in the folder, and see none", (t) => {
  assert.equal(statSync(openDesk(t).folder).mode & 0o7777, 0o1730);
});

test("what is left from before goes with the next start", (t) => {
  const { folder, desk } = openDesk(t);
  make(join(folder, desk.ask().file));
  new WhoDesk(folder, pino({ level: "silent" }));
  assert.deepEqual(readdirSync(folder), []);
});

suite("nothing else is a proof", () => {
  const cases: Record<string, (path: string, home: string) => void> = {
    "no file": () => undefined,
    "a folder": (path) => mkdirSync(path),
    "a link to a file": (path, home) => {
      make(join(home, "own"));
      symlinkSync(join(home, "own"), path);
    },
    "a second name of a file": (path, home) => {
      make(join(home, "own"));
      linkSync(join(home, "own"), path);
    },
    "a file with something in it": (path) => writeFileSync(path, "x", { mode: 0o400 }),
    "a file of another mode": (path) => {
      make(path);
      chmodSync(path, 0o644);
    },
  };
  for (const [name, prepare] of Object.entries(cases)) {
    test(name, async (t) => {
      const { home, folder, desk } = openDesk(t);
      const { file } = desk.ask();
      prepare(join(folder, file), home);
      await assert.rejects(desk.authorOf(shows(file)), { code: "who_unknown" });
      assert.deepEqual(readdirSync(folder), []);
    });
  }

  test("a file that was there before the question, moved here", async (t) => {
    const { home, folder, desk } = openDesk(t);
    const older = join(home, "older");
    make(older);
    const { birthtimeMs } = statSync(older);
    assert.ok(birthtimeMs > 0, "this file system knows when files were made");
    t.mock.timers.enable({ apis: ["Date"], now: Date.now() + 5_000 });
    const { file } = desk.ask();
    renameSync(older, join(folder, file));
    utimesSync(join(folder, file), new Date(), new Date());
    await assert.rejects(desk.authorOf(shows(file)), /was not made for this/);
  });

  test("a name that was never given out, or too long ago", async (t) => {
    const { folder, desk } = openDesk(t);
    make(join(folder, "guessed"));
    await assert.rejects(desk.authorOf(shows("guessed")), { code: "who_unknown" });
    await assert.rejects(desk.authorOf(shows("../who/guessed")), { code: "who_unknown" });
    await assert.rejects(desk.authorOf({}), /brings no proof/);
    const { file } = desk.ask();
    make(join(folder, file));
    t.mock.timers.enable({ apis: ["Date"], now: Date.now() + 31_000 });
    await assert.rejects(desk.authorOf(shows(file)), /too old/);
  });
});

test("names that are not used are forgotten", async (t) => {
  const { folder, desk } = openDesk(t);
  const { file } = desk.ask();
  for (let i = 0; i < 1000; i++) desk.ask();
  make(join(folder, file));
  await assert.rejects(desk.authorOf(shows(file)), /is none, or is too old/);
});

/** Somebody else, without a shell of their own. */
const nobody = 65534;

suite("as root", { skip: !isRoot && "only root can be somebody else" }, () => {
  test("another user's file is that user's, whatever is claimed", async (t) => {
    const { home, folder, desk } = openDesk(t);
    chmodSync(home, 0o755);
    chmodSync(folder, 0o1733);
    const { file } = desk.ask();
    const as = ["--reuid", String(nobody), "--regid", String(nobody), "--clear-groups"];
    const shell = `umask 377 && : > '${join(folder, file)}'`;
    execFileSync("setpriv", [...as, "sh", "-c", shell]);
    const claims = { [whoHeaders.sudoUser]: "anna", [whoHeaders.loginUid]: "1" };
    assert.deepEqual(await desk.authorOf(shows(file, claims)), {
      who: "nobody",
      found: "verified",
      account: "nobody",
    });
    // Nor can they look what others are asked to create.
    assert.throws(
      () => execFileSync("setpriv", [...as, "ls", folder], { stdio: "pipe" }),
      /Permission denied/,
    );
  });

  for (const [name, claims, author] of [
    [
      "who has logged in",
      { [whoHeaders.loginUid]: "1", [whoHeaders.sudoUser]: "anna" },
      ["daemon", "claimed"],
    ],
    ["who has called sudo", { [whoHeaders.sudoUser]: "anna" }, ["anna", "claimed"]],
    [
      "sudo, when root has logged in",
      { [whoHeaders.loginUid]: "0", [whoHeaders.sudoUser]: "anna" },
      ["anna", "claimed"],
    ],
    ["a user without a name", { [whoHeaders.loginUid]: "54321" }, ["uid 54321", "claimed"]],
    ["nobody but root", {}, ["root", "verified"]],
    ["what is no name", { [whoHeaders.sudoUser]: "an\tna" }, ["root", "verified"]],
  ] as const) {
    test(`root's programs say who is behind them: ${name}`, async (t) => {
      const { folder, desk } = openDesk(t);
      const { file } = desk.ask();
      make(join(folder, file));
      const { who, found, account } = await desk.authorOf(shows(file, claims));
      assert.deepEqual([who, found, account], [...author, "root"]);
    });
  }
});
