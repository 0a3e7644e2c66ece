/** The first day of a sysadmin, as the README tells it: its commands are typed here, and show what it says they show. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, test } from "node:test";
import { programFolder } from "../../src/config/paths.ts";
import { testAftermath } from "../support/aftermath.ts";
import { shiftClock } from "../support/clock.ts";
import { System } from "../support/system.ts";
import { isAsShown, stepsOf, typeInto } from "../support/tutorial.ts";

/** The day that the README tells of, so that it can show dates. It is another one here only by its clock. */
shiftClock(Date.parse("2026-11-23T09:00:00+01:00") - Date.now());
const system = new System();
let failed = false;
afterEach((context) => {
  failed ||= "passed" in context && context.passed === false;
});
after(() => system.remove(failed));

test("a sysadmin's first day is as the README tells it", { timeout: 180_000 }, async () => {
  await system.takePorts();
  const person = join(system.home, "..", "person");
  mkdirSync(person);
  const env = {
    ...system.environment,
    HOME: person,
    ...{ GIT_AUTHOR_NAME: "Admin", GIT_AUTHOR_EMAIL: "admin@example.org" },
    ...{ GIT_COMMITTER_NAME: "Admin", GIT_COMMITTER_EMAIL: "admin@example.org" },
  };
  // The recording that a colleague has handed in.
  const recording = [
    "-v",
    "error",
    "-f",
    "lavfi",
    "-i",
    "sine=300:r=44100",
    "-t",
    "2",
    join(person, "greeting.mp3"),
  ];
  assert.equal(spawnSync("ffmpeg", recording).status, 0);

  const steps = stepsOf(readFileSync(join(programFolder, "README.md"), "utf8"), "A sysadmin's first day");
  assert.ok(steps.length >= 8);
  for (const { line, commands, shown } of steps) {
    const { text, exitCode } = await typeInto(programFolder, env, commands);
    const told = `README.md:${line}\n${commands}\n--- shows\n${text}`;
    if (process.env.SHOW_TUTORIAL) console.log(told);
    assert.equal(exitCode, 0, told);
    if (shown !== null) assert.ok(isAsShown(text, shown), `${told}\n--- instead of\n${shown}`);
  }

  // What has come of it all.
  const hours = await system.api.hours("demo");
  assert.deepEqual(
    [hours.open, hours.adHoc, hours.weekly],
    [true, null, ["mon-fri 08:00-18:00", "sat-sun closed"]],
  );
  assert.deepEqual(
    (await system.api.agents()).map(({ id }) => id),
    ["301", "302", "303", "304", "305"],
  );
  const committed = spawnSync("git", ["-C", join(person, "hotline-data"), "show", "HEAD:hotline.yaml"], {
    encoding: "utf8",
  });
  assert.equal(committed.stdout, (await system.hotline("export")).stdout);
});

test("every example of `hotline help hours` can be typed as it stands there", {
  timeout: 120_000,
}, async () => {
  const text = readFileSync(join(programFolder, "docs", "help", "hours.md"), "utf8");
  const examples = [...text.matchAll(/^ {4}hotline (hours [^#\n]*)/gm)].map(([, command = ""]) =>
    command.trim(),
  );
  assert.ok(examples.length > 30);
  for (const example of examples) {
    if (example.includes("share sued demo")) await system.change("hotline", "add", "sued", "--name", "Süd");
    const words = [...example.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
    const changes = !/^hours (show|next|holidays$)/.test(example);
    const { exitCode, stderr } = await system.hotline(...words, ...(changes ? ["--yes"] : []));
    assert.deepEqual({ exitCode, stderr }, { exitCode: 0, stderr: "" }, example);
  }
});

testAftermath(system, { daemon: [/passwords of phones were shown again/] });
