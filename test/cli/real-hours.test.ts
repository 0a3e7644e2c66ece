import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { defaultText } from "../../src/announcements/texts.ts";
import type { HoursOrderInput } from "../../src/api/hours.ts";
import { createAdminApi } from "../../src/cli/admin-api.ts";
import { type Real, startReal } from "./real.ts";
import { hotline, hotlineProgram, runProgram } from "./support.ts";

/** Runs one command that must succeed; gives what it printed as JSON. */
async function done(real: Real, ...args: string[]) {
  const { code, stdout, stderr } = await hotline(real.home, [...args, "--json"]);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" }, args.join(" "));
  return JSON.parse(stdout);
}

suite("opening hours on the real administration", { concurrency: 2 }, () => {
  test("what is so already is confirmed, and nothing is promised to be undone", async (t) => {
    const real = await startReal(t);
    const set = ["hours", "set", "mon-fri", "8-18", "--yes"];
    assert.match((await hotline(real.home, set)).stdout, /\nDone; `hotline undo` takes it back\.\n/);
    const changes = async () => (await done(real, "history")).length;
    const before = await changes();
    const again = await hotline(real.home, set);
    assert.match(
      again.stdout,
      /\n {2}it is so already\n[\s\S]*\nIt was so already; there is nothing to undo\.\n/,
    );
    assert.equal(await changes(), before);
    assert.equal((await done(real, ...set.slice(0, -1), "--dry-run")).confirms, true);
  });

  test("what was confirmed is done, or nothing: somebody else has changed the hours since they were shown", async (t) => {
    const real = await startReal(t);
    const api = createAdminApi(real.home);
    const other: HoursOrderInput = { do: "set", lines: ["sat 10-12"] };
    const { code, stdout } = await runProgram(
      "script",
      ["-qec", `'${hotlineProgram}' hours set mon 8-14`, "/dev/null"],
      { HOTLINE_HOME: real.home, TERM: "xterm", NO_COLOR: "1" },
      { prompt: "[y/N] ", typed: "y\n", meanwhile: () => api.changeHours("demo", other) },
    );
    assert.match(
      stdout,
      /hotline: The hours of "demo" were changed by somebody else meanwhile \(see: hotline history\), so nothing was changed\./,
    );
    assert.equal(code, 1);
    assert.deepEqual(
      (await api.changes("", 10)).map(({ object }) => object),
      ["hours demo"],
    );
    assert.deepEqual((await api.hours("demo")).weekly, [
      "mon-fri 00:00-24:00",
      "sat 10:00-12:00",
      "sun 00:00-24:00",
    ]);
  });

  test("who is not there is named where nobody is there", async (t) => {
    const real = await startReal(t);
    const { outcome, others } = await createAdminApi(real.home).explain({ at: "24.12. 10 Uhr" });
    assert.equal(outcome, "no_agents");
    assert.deepEqual(
      others.map(({ id, state }) => [id, state]),
      ["201", "202", "203"].map((id) => [id, "logged_out"]),
    );
  });

  test("of two who have seen the same hours one is told so; what is set beside the hours is in nobody's way", async (t) => {
    const real = await startReal(t);
    const [anna, ben] = [createAdminApi(real.home), createAdminApi(real.home)];
    const set: HoursOrderInput = { do: "set", lines: ["mon 8-14"] };
    const close: HoursOrderInput = { do: "close", reason: "Storm", until: null, forMs: null };
    const seen = await Promise.all([set, close].map((order) => anna.previewHours("demo", order)));
    await ben.changeHotline("demo", { wrapUpMs: 33_000 });
    const results = await Promise.allSettled([
      anna.changeHours("demo", set, seen[0]!.basis),
      ben.changeHours("demo", close, seen[1]!.basis),
    ]);
    assert.deepEqual(results.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
    assert.equal((await anna.changes("hours", 10)).length, 1);
    // Seen anew it can be done; and what hours a hotline is to share are looked at as well.
    await anna.changeHours("demo", set, (await anna.previewHours("demo", set)).basis);
    await anna.addHotline({ id: "sued", name: "Süd" });
    const share = { do: "share", with: "demo" } as const;
    const { basis } = await anna.previewHours("sued", share);
    await ben.changeHours("demo", { do: "set", lines: ["tue 9-10"] });
    await assert.rejects(anna.changeHours("sued", share, basis), /The hours of "sued" were changed/);
  });

  test("a week, holidays, an exception, and what is explained of them", async (t) => {
    const real = await startReal(t);
    const set = ["hours", "set", "Mo", "bis", "Fr", "8", "bis", "18", "Uhr,", "Sa-So", "geschlossen"];
    const preview = await done(real, ...set, "--dry-run");
    assert.equal(preview.days.length, 14);
    assert.deepEqual((await done(real, "hours", "show")).weekly, ["mon-sun 00:00-24:00"], "nothing changed");
    assert.deepEqual((await done(real, ...set, "--yes")).weekly, ["mon-fri 08:00-18:00", "sat-sun closed"]);

    const free = await done(real, "hours", "holidays", "Thüringen", "--except", "weltkindertag", "--dry-run");
    assert.ok(free.days.some((day: { after: { name: string } }) => day.after.name === "Reformationstag"));
    assert.ok(!free.days.some((day: { after: { name: string } }) => day.after.name === "Weltkindertag"));
    await done(
      real,
      "hours",
      "holidays",
      "TH",
      "--except",
      "Weltkindertag",
      "--add",
      "12-24 Heiligabend",
      "--yes",
    );
    const listed = (await done(real, "hours", "holidays")).days as {
      name: string;
      kept: boolean;
      own: boolean;
    }[];
    assert.deepEqual(
      ["Weltkindertag", "Heiligabend", "Reformationstag"].map((name) => {
        const day = listed.find((each) => each.name === name);
        return [day?.kept, day?.own];
      }),
      [
        [false, false],
        [true, true],
        [true, false],
      ],
    );

    const christmas = await done(real, "explain", "--at", "25.12. 10 Uhr");
    assert.deepEqual(
      [christmas.open, christmas.rule, christmas.outcome, christmas.announcement.name],
      [false, "holiday", "closed_holiday", "closed_holiday"],
    );
    assert.deepEqual(christmas.agents, []);
    await done(real, "hours", "except", "24.12.", "8-12", "--reason", "Heiligabend", "--yes");
    const eve = await done(real, "explain", "--number", "115", "--at", "24.12. 10:00");
    assert.deepEqual([eve.open, eve.rule, eve.outcome], [true, "exception", "no_agents"]);
    assert.deepEqual(
      eve.lost.map(({ rule }: { rule: string }) => rule),
      ["holiday", "weekly"],
    );
    await done(real, "hours", "except", "24.12.", "--remove", "--yes");
    assert.equal((await done(real, "explain", "--at", "24.12. 10:00")).rule, "holiday");
    await done(real, "hours", "holidays", "none", "--remove-own", "Heiligabend", "--yes");
    assert.equal((await done(real, "explain", "--at", "24.12. 10:00")).rule, "weekly");
  });

  test("closing, opening, sharing, a dated week and a zone", async (t) => {
    const real = await startReal(t);
    await done(real, "hotline", "add", "sued", "--name", "Süd", "--yes");
    const shared = await done(real, "hours", "share", "sued", "demo", "--yes");
    assert.deepEqual([shared.sharedWith, shared.open], ["demo", true]);
    await done(real, "number", "add", "116", "sued", "--yes");
    const heard = await done(real, "explain", "--number", "116");
    assert.deepEqual([heard.announcement.name, heard.agents], ["no_agents", []]);
    assert.equal(heard.announcement.text, defaultText("no_agents", "Süd"), "as it would be spoken");
    const close = ["hours", "close", "--hotline", "demo", "--until", "resumed", "--reason", "Storm"];
    assert.equal((await done(real, ...close, "--dry-run")).after.open, false);
    // Open around the clock, so there is no next opening.
    const endless = await hotline(real.home, [
      "hours",
      "close",
      "--hotline",
      "demo",
      "--reason",
      "Storm",
      "--dry-run",
    ]);
    assert.match(
      endless.stdout,
      /no opening is planned.*until: hotline hours resume --hotline demo; .* alarm/,
    );
    assert.equal((await done(real, "hours", "show", "--hotline", "demo")).open, true, "nothing changed");
    assert.deepEqual((await done(real, ...close, "--yes")).adHoc, {
      closed: true,
      reason: "Storm",
      until: null,
    });
    assert.deepEqual((await done(real, "status")).notices, [
      { hotline: "demo", message: "demo is closed until somebody resumes the hours: Storm" },
    ]);
    assert.equal((await done(real, "hours", "show", "--hotline", "sued")).open, true, "ad hoc is its own");
    await done(real, "hours", "resume", "--hotline", "demo", "--yes");

    const demo = ["--hotline", "demo", "--yes"];
    const dated = await done(real, "hours", "set", "mon-sun", "8-14", "--from", "tomorrow", ...demo);
    assert.equal(dated.laterWeeks.length, 1);
    assert.deepEqual(dated.laterWeeks[0].weekly, ["mon-sun 08:00-14:00"]);
    assert.deepEqual(dated.weekly, ["mon-sun 00:00-24:00"]);
    assert.equal((await done(real, "hours", "zone", "Europe/Lisbon", ...demo)).timeZone, "Europe/Lisbon");
    const open = ["hours", "open", "--until", "tomorrow 23:00", "--reason", "Wahl", ...demo];
    assert.deepEqual((await done(real, ...open)).adHoc.closed, false);
  });

  test("what cannot be is refused with the place of the mistake, and changes nothing", async (t) => {
    const real = await startReal(t);
    const before = await done(real, "hours", "show");
    for (const [args, says] of [
      [
        ["set", "mon-fir", "8-12"],
        /"fir" is not a day.*in "mon-fir 8-12" at character 5\)\. Nothing was changed/,
      ],
      [["set", "mon", "25:00-26:00"], /"25:00" is not a time of day\. Allowed.*at character 5/],
      [["set", "mon", "22-2", "tue", "1-3"], /runs into/],
      [["set", "mon", "8-12", "--from", "31.2."], /no day of the calendar/],
      [["except", "1.1.2020", "zu", "--reason", "x"], /is in the past/],
      [["except", "24.12.", "--remove"], /There is no exception on/],
      [["holidays", "XY"], /"XY" is no federal state\. There are: .*TH Thüringen/],
      [["holidays", "TH", "--except", "Fasching"], /no holiday "Fasching"\. There are: Neujahr/],
      [["zone", "Berlin"], /"Berlin" is no time zone.*Europe\/Berlin/],
      [["close", "--until", "25:00", "--reason", "x"], /"25:00" is not a time of day/],
      [["close", "--until", "1.1.2020 8:00", "--reason", "x"], /The end is in the past/],
      [["share", "demo", "demo"], /cannot share hours with itself/],
    ] as const) {
      const { stderr, stdout, code } = await hotline(real.home, ["hours", ...args, "--yes"]);
      assert.match(stderr, says);
      assert.match(stderr, /^hotline: [^\n]*\n$/, "one line");
      assert.ok(code === 1 || code === 2);
      assert.equal(stdout, "");
    }
    assert.deepEqual(await done(real, "hours", "show"), before);
  });
});
