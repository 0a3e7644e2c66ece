import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import type { ChangeView, ChangeWithRows, Undone, UndoPreview } from "../../src/api/audit.ts";
import { describeWeekly } from "../../src/core/hours/parse.ts";
import type { AgentId, HotlineId } from "../../src/core/ids.ts";
import { type Real, startReal } from "./real.ts";
import { hotline, hotlineProgram, runProgram } from "./support.ts";

const demo = "demo" as HotlineId;
const me = userInfo().username;

/** Runs one command that must succeed; gives what it printed as JSON. */
async function done<T>(real: Real, ...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await hotline(real.home, [...args, "--json"]);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" }, args.join(" "));
  return JSON.parse(stdout) as T;
}

const history = (real: Real, ...args: string[]) => done<ChangeView[]>(real, "history", ...args);
const undo = (real: Real, ...args: string[]) => done<Undone>(real, "undo", ...args, "--yes");

async function refused(real: Real, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await hotline(real.home, args);
  assert.deepEqual({ code, stdout }, { code: 1, stdout: "" }, args.join(" "));
  return stderr;
}

const setWrapUp = (real: Real, time: string, ...more: string[]) =>
  done(real, "hotline", "set", "demo", "--wrap-up", time, "--yes", ...more);

suite("the history", { concurrency: 4 }, () => {
  test("says who, when, why, before and after, and nothing of what changed nothing", async (t) => {
    const real = await startReal(t);
    const began = Date.now();
    await setWrapUp(real, "30s", "--reason", "Mehr Zeit für Notizen & Ähnliches");
    await setWrapUp(real, "30s");
    await refused(real, "number", "add", "116", "nord", "--yes");
    await done(real, "hours", "close", "--reason", "Sturm", "--for", "2h", "--yes");
    await done(real, "agent", "login", "201", "--yes");
    await done(real, "agent", "login", "201", "--yes");
    await done(real, "agent", "pause", "201", "--reason", "Mittag", "--yes");

    const changes = await history(real);
    assert.deepEqual(
      changes.map(({ id, object, reason, undoable }) => [id, object, reason, undoable]),
      [
        [4, "agent 201", "Mittag", false],
        [3, "agent 201", null, false],
        [2, "hours demo", "Sturm", true],
        [1, "hotline demo", "Mehr Zeit für Notizen & Ähnliches", true],
      ],
    );
    const [paused, loggedIn, closed, set] = changes;
    assert.equal(set?.action, "wrap-up 10s -> 30s");
    assert.match(closed!.action, /^ad-hoc none -> closed until \d{4}-\d\d-\d\d \d\d:\d\d \(Sturm\)$/);
    assert.deepEqual(
      [loggedIn?.action, paused?.action],
      ["duty logged out -> logged in", "duty logged in -> paused (Mittag)"],
    );
    assert.deepEqual([set?.who, set?.account], [me, me]);
    assert.ok(Date.parse(set!.at) >= began && Date.parse(set!.at) <= Date.now());

    const shown = await done<ChangeWithRows>(real, "history", "show", "1");
    assert.deepEqual(shown.differences, [
      { object: "hotline demo", setting: "wrap-up", before: "10s", after: "30s" },
    ]);
    const { before, after } = shown.rows[0] as { before: { wrapUpMs: number }; after: { wrapUpMs: number } };
    assert.deepEqual(after, { ...before, wrapUpMs: 30_000 });
    assert.deepEqual(
      (await history(real, "--object", "hours")).map(({ id }) => id),
      [2],
    );
    assert.deepEqual(
      (await history(real, "--limit", "2")).map(({ id }) => id),
      [4, 3],
    );
    const { stdout } = await hotline(real.home, ["history", "show", "1"]);
    assert.match(stdout, /hotline demo\n {2}- wrap-up: 10s\n {2}\+ wrap-up: 30s\n/);
    assert.match(
      await refused(real, "history", "show", "99"),
      /There is no change 99\. See: hotline history/,
    );
  });

  test("undoing goes back change by change, is recorded, and can be undone", async (t) => {
    const real = await startReal(t);
    const wrapUp = () => real.state.hotlines.get(demo)?.wrapUpMs;
    await setWrapUp(real, "20s");
    await setWrapUp(real, "30s");
    await done(real, "agent", "login", "201", "--yes");

    const dry = await done<UndoPreview>(real, "undo", "--dry-run");
    assert.deepEqual(
      [dry.change.id, dry.differences[0]?.before, dry.differences[0]?.after],
      [2, "30s", "20s"],
    );
    assert.equal(wrapUp(), 30_000, "a dry run changes nothing");

    const first = await undo(real, "--reason", "Irrtum");
    assert.deepEqual([first.change.id, first.change.undoneBy, first.by.id, first.by.undoes], [2, 4, 4, 2]);
    assert.equal(wrapUp(), 20_000);
    const second = await undo(real);
    assert.equal(second.change.id, 1);
    assert.equal(wrapUp(), 10_000);
    assert.match(await refused(real, "undo", "--yes"), /There is no change that could be undone/);
    assert.match(await refused(real, "undo", "1", "--yes"), /undone already, by change 5.*hotline undo 5/);
    assert.match(await refused(real, "undo", "3", "--yes"), /Change 3 .* cannot be undone: it is no setting/);

    await undo(real, "5");
    assert.equal(wrapUp(), 20_000, "the undoing was undone");
    const changes = await history(real);
    assert.deepEqual(
      changes.map(({ id, undoes, undoneBy, reason }) => [id, undoes, undoneBy, reason]),
      [
        [6, 5, null, null],
        [5, 1, 6, null],
        [4, 2, null, "Irrtum"],
        [3, null, null, null],
        [2, null, 4, null],
        [1, null, null, null],
      ],
    );
    const stored = (await real.store.load()).hotlines.find(({ id }) => id === demo);
    assert.deepEqual(stored, real.state.hotlines.get(demo));
    assert.equal((await undo(real)).change.id, 1, "in effect again, so it can be undone again");
  });

  test("a later change of the same setting is named, and must be undone first; other settings stay", async (t) => {
    const real = await startReal(t);
    await setWrapUp(real, "20s");
    await done(real, "number", "add", "116", "demo", "--yes");
    await setWrapUp(real, "30s");
    await done(real, "hours", "set", "mon-fri", "08:00-18:00", "--yes");
    for (const args of [
      ["undo", "1", "--dry-run"],
      ["undo", "1", "--yes"],
    ])
      assert.equal(
        await refused(real, ...args),
        'hotline: Change 1 cannot be undone: Hotline "demo" was changed since. Undo change 3 first (hotline demo: wrap-up 20s -> 30s); what that does: hotline undo 3 --dry-run\n',
      );
    assert.equal((await history(real)).length, 4);
    const preview = await done<UndoPreview>(real, "undo", "3", "--dry-run");
    assert.deepEqual(preview.differences, [
      { object: "hotline demo", setting: "wrap-up", before: "30s", after: "20s" },
    ]);
    await undo(real, "3");
    await undo(real, "1");
    const demoNow = real.state.hotlines.get(demo);
    assert.equal(demoNow?.wrapUpMs, 10_000);
    assert.deepEqual(describeWeekly(demoNow!.schedule.weekly)[0], "mon-fri 08:00-18:00", "hours stay theirs");
  });

  test("a closing that is over stands in nobody's way", async (t) => {
    const real = await startReal(t);
    await setWrapUp(real, "20s");
    await done(real, "hours", "close", "--reason", "Sturm", "--for", "1h", "--yes");
    await done(real, "hours", "resume", "--yes");
    await undo(real, "1");
    assert.equal(real.state.hotlines.get(demo)?.wrapUpMs, 10_000);
    assert.deepEqual(real.state.hotlines.get(demo)?.schedule.adHoc, { kind: "none" });
    // To undo what has opened it again would close it: said, and nothing to be done without a look.
    assert.match(
      await refused(real, "undo", "2", "--yes"),
      /Undo change 3 first \(hours demo: ad-hoc closed until .* -> none\); what that does: .* --dry-run/,
    );
  });

  test("a removed hotline comes back with its hours, its agents and its recordings", async (t) => {
    const real = await startReal(t);
    const sound = join(real.home, "gruss.wav");
    execFileSync("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", "sine=440:d=2", sound]);
    await done(real, "hotline", "add", "sued", "--name", "Süd", "--yes");
    await done(real, "hours", "set", "--hotline", "sued", "mon-fri", "08:00-18:00", "--yes");
    await done(real, "agent", "assign", "201", "sued", "--tier", "2", "--skills", "en", "--yes");
    await done(real, "announce", "import", "sued", "greeting", sound, "--yes", "--reason", "Neue Stimme");
    const [imported] = await history(real);
    assert.deepEqual(
      [imported?.object, imported?.action, imported?.reason],
      ["announcement sued/greeting", "now the recording gruss.wav", "Neue Stimme"],
    );
    const before = await real.store.load();
    await done(real, "hotline", "remove", "sued", "--yes");
    assert.deepEqual((await real.store.load()).announcements, []);

    await undo(real);
    const after = await real.store.load();
    assert.deepEqual(after.hotlines, before.hotlines);
    assert.deepEqual(after.announcements, before.announcements);
    assert.deepEqual(
      after.agents.map(({ memberships }) => memberships),
      before.agents.map(({ memberships }) => memberships),
    );
    const greeting = async () =>
      (await done<{ name: string; source: string }[]>(real, "announce", "list", "sued")).find(
        ({ name }) => name === "greeting",
      )?.source;
    assert.equal(await greeting(), "file");

    // The removal is undone, so the import is what was changed last.
    assert.equal((await undo(real)).change.id, imported?.id);
    assert.equal(await greeting(), "text");
    assert.deepEqual((await real.store.load()).announcements, []);
  });

  test("a recording whose files are gone is not put back", async (t) => {
    const real = await startReal(t);
    const sound = join(real.home, "gruss.wav");
    for (const pitch of [440, 880]) {
      execFileSync("ffmpeg", ["-v", "error", "-y", "-f", "lavfi", "-i", `sine=${pitch}:d=2`, sound]);
      await done(real, "announce", "import", "demo", "greeting", sound, "--yes");
    }
    const [row] = (await done<ChangeWithRows>(real, "history", "show", "1")).rows;
    const name = (row!.after as { sound: string }).sound;
    for (const ending of ["alaw", "g722"])
      rmSync(join(real.home, "sounds", `${name}.${ending}`), { force: true });
    assert.match(
      await refused(real, "undo", "--yes"),
      /sound files of the recording gruss\.wav are not there any more/,
    );
    assert.equal((await history(real)).length, 2);
  });

  test("a removed agent comes back with a new password, and no password is in the history", async (t) => {
    const real = await startReal(t);
    const { sip } = await done<{ sip: { password: string } }>(
      real,
      "agent",
      "add",
      "204",
      "--name",
      "Nina",
      "--yes",
    );
    await done(real, "agent", "remove", "204", "--yes");
    const { agents } = await undo(real);
    assert.deepEqual(
      agents.map(({ id }) => id),
      ["204"],
    );
    const fresh = agents[0]!.sip.password;
    assert.notEqual(fresh, sip.password);
    const stored = (await real.store.load()).credentials.find(({ agent }) => agent === "204");
    assert.equal(stored?.password, fresh);
    assert.equal(real.state.agents.get("204" as AgentId)?.name, "Nina");
    const all = JSON.stringify(await real.store.changes({ limit: 100, object: "" }));
    assert.ok(!all.includes(fresh) && !all.includes(sip.password));
  });
});

suite("two administrators at the same moment", () => {
  test("both changes, each with what it really replaced", async (t) => {
    const real = await startReal(t);
    const times = ["11s", "12s", "13s", "14s", "15s", "16s"];
    await Promise.all([
      ...times.map((time) => setWrapUp(real, time)),
      done(real, "hours", "set", "sat-sun", "closed", "--yes"),
    ]);
    const changes = await Promise.all(
      (await history(real)).map(({ id }) => done<ChangeWithRows>(real, "history", "show", String(id))),
    );
    assert.equal(changes.length, 7);
    // Newest first: each began where the one before it had ended.
    for (const [i, change] of changes.slice(0, -1).entries())
      assert.deepEqual(change.rows[0]?.before, changes[i + 1]?.rows[0]?.after);
    assert.deepEqual(JSON.parse(JSON.stringify(real.state.hotlines.get(demo))), changes[0]?.rows[0]?.after);
  });

  test("of two who undo the same change one is told that it was done already", async (t) => {
    const real = await startReal(t);
    await setWrapUp(real, "20s");
    const both = await Promise.all([1, 2].map(() => hotline(real.home, ["undo", "1", "--yes"])));
    assert.deepEqual(both.map(({ code }) => code).sort(), [0, 1]);
    assert.match(
      both.find(({ code }) => code === 1)!.stderr,
      /undone already|was changed since\. Undo change 2 first/,
    );
    assert.equal(real.state.hotlines.get(demo)?.wrapUpMs, 10_000);
    assert.equal((await history(real)).length, 2);
  });
});

const isRoot = process.getuid?.() === 0;

suite("who is behind root", { skip: !isRoot && "not root" }, () => {
  test("is found out as far as sudo tells, and marked as claimed", async (t) => {
    const real = await startReal(t);
    const args = ["agent", "login", "201", "--yes"];
    await runProgram(hotlineProgram, args, { HOTLINE_HOME: real.home, SUDO_USER: "anna" });
    const [change] = await history(real);
    assert.deepEqual([change?.who, change?.found, change?.account], ["anna", "claimed", "root"]);
    const { stdout } = await hotline(real.home, ["history"]);
    assert.match(stdout, /anna \(as root\)/);
  });
});
