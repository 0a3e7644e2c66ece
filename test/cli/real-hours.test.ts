import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type Real, startReal } from "./real.ts";
import { hotline } from "./support.ts";

/** Runs one command that must succeed; gives what it printed as JSON. */
async function done(real: Real, ...args: string[]) {
  const { code, stdout, stderr } = await hotline(real.home, [...args, "--json"]);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" }, args.join(" "));
  return JSON.parse(stdout);
}

suite("opening hours on the real administration", { concurrency: 2 }, () => {
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
