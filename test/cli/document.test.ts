import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import type { DocumentPreview } from "../../src/api/document.ts";
import type { PbxRun } from "../../src/core/ids.ts";
import { startReal } from "./real.ts";
import { hotline, ok, refused, startFake } from "./support.ts";

suite("one document, on the real administration with its database", () => {
  test("what was exported changes nothing when it is applied, and leaves no trace", async (t) => {
    const { home, store } = await startReal(t);
    const exported = await hotline(home, ["export"]);
    assert.equal(exported.code, 0, exported.stderr);
    assert.match(
      exported.stdout,
      /^# yaml-language-server: \$schema=\/.*docs\/hotline-document\.schema\.json\n/,
    );
    assert.doesNotMatch(exported.stdout, /password:|username:/);
    const file = join(home, "data.yaml");
    writeFileSync(file, exported.stdout);
    const before = (await store.changes({ limit: 10, object: "" })).length;
    const { code, stdout } = await hotline(home, ["apply", file, "--yes"]);
    assert.deepEqual([code, stdout], [0, `Everything is as ${file} says; there is nothing to change.\n`]);
    assert.equal((await store.changes({ limit: 10, object: "" })).length, before);
  });

  test("is applied as a whole, in one change that can be undone", async (t) => {
    const { home, state, store, reloads } = await startReal(t);
    const exported = (await hotline(home, ["export"])).stdout;
    const file = join(home, "data.yaml");
    const out = join(home, "passwords.csv");
    const changed = exported
      .replace(
        "    hours:\n",
        "    overflow:\n      - full: move sued\n    announcements:\n      closed: Wir haben zu.\n    hours:\n",
      )
      .replace("\n# Where", "\n  sued:\n    name: Süd\n    wrapUp: 30s\n\n# Where")
      .replace(
        / {2}"203":\n(.*\n){3}/,
        '  "204":\n    name: Neu\n    hotlines:\n      sued: { tier: 2, skills: [en] }\n',
      );
    writeFileSync(file, changed);

    const dry = await hotline(home, ["apply", file, "--dry-run"]);
    assert.equal(dry.code, 0, dry.stderr);
    for (const line of [
      "~ hotline demo\n    - overflow: none\n    + overflow: full: move sued",
      "+ hotline sued is new",
      '~ announcement demo/closed\n    - heard: the built-in text\n    + heard: the text "Wir haben zu."',
      "- agent 203 is REMOVED (Ayşe Probe)",
      "+ agent 204 is new",
      "2 new, 1 REMOVED, 2 changed. Nothing was changed.",
    ])
      assert.ok(dry.stdout.includes(line), `${line}\nis not in\n${dry.stdout}`);
    assert.equal((await hotline(home, ["export"])).stdout, exported);

    const reloadsBefore = reloads();
    const applied = await hotline(home, ["apply", file, "--yes", "--out", out, "--reason", "Süd"]);
    assert.equal(applied.code, 0, applied.stderr);
    assert.match(
      applied.stdout,
      /Applied: 2 new, 1 REMOVED, 2 changed\. This is change \d+; `hotline undo \d+`/,
    );
    assert.equal(statSync(out).mode & 0o777, 0o600);
    assert.match(
      readFileSync(out, "utf8"),
      /^id;name;.*\n204;Neu;204-\w{6};[\w-]{20};127\.0\.0\.1;5060;udp;;\n$/,
    );
    assert.equal(reloads() - reloadsBefore, 1);
    assert.deepEqual([...state.agents.values()].map(({ id }) => id).sort(), ["201", "202", "204"]);

    const onDisk = await store.load();
    assert.deepEqual(onDisk.hotlines.map(({ id, wrapUpMs }) => [id, wrapUpMs]).sort(), [
      ["demo", 10_000],
      ["sued", 30_000],
    ]);
    assert.deepEqual(onDisk.agents.map(({ id }) => id).sort(), ["201", "202", "204"]);
    assert.deepEqual(
      onDisk.announcements.map(({ name, text, sound }) => [name, text, sound.startsWith("text-")]),
      [["closed", "Wir haben zu.", true]],
    );
    assert.deepEqual(
      onDisk.credentials.filter(({ agent }) => agent === "203"),
      [],
    );
    const [entry, ...others] = await store.changes({ limit: 10, object: "document" });
    assert.deepEqual(others, []);
    assert.deepEqual(
      [entry?.object, entry?.action, entry?.reason],
      ["document", "applied: 2 added, 1 removed, 2 changed", "Süd"],
    );
    const again = await hotline(home, ["apply", file, "--yes"]);
    assert.match(again.stdout, /there is nothing to change/);

    assert.equal((await hotline(home, ["undo", "--yes"])).code, 0);
    assert.equal((await hotline(home, ["export"])).stdout, exported);
  });

  test("all mistakes are told with their places, and nothing is changed", async (t) => {
    const { home } = await startReal(t);
    const exported = (await hotline(home, ["export"])).stdout;
    const file = join(home, "bad.yaml");
    writeFileSync(
      file,
      "version: 1\nhotlines:\n  demo:\n    nam: X\n    wrapUp: 20\nnumbers:\n  115: { hotline: dem }\nagents: {}\n",
    );
    const { code, stdout, stderr } = await hotline(home, ["apply", file, "--yes"]);
    assert.equal(code, 1);
    assert.equal(stderr, `hotline: 4 mistakes in ${file}; nothing was changed\n`);
    const lines = stdout.trimEnd().split("\n");
    assert.deepEqual(
      lines.map((line) => line.replace(`${file}:`, "").replace(/ Allowed here.*/, "")),
      [
        "3:3: hotlines.demo.name: is missing",
        '4:5: hotlines.demo.nam: is not a known key. Did you mean "name"?',
        '5:13: hotlines.demo.wrapUp: "20" is no duration: a whole number with s, m or h, for example 0s, 20s, 10m, 2h',
        '7:19: numbers.115.hotline: there is no hotline "dem" in this document. Did you mean "demo"? There is: demo',
      ],
    );
    assert.equal((await hotline(home, ["export"])).stdout, exported);
  });

  test("a hotline with a caller in it does not go", async (t) => {
    const { home, tell } = await startReal(t);
    tell({ type: "pbx_snapshot", run: "first" as PbxRun, callers: [], legs: [], talks: [], phones: [] });
    tell({ type: "call_arrived", call: "c1" as never, number: "115", from: null });
    const file = join(home, "empty.yaml");
    writeFileSync(file, "version: 1\nhotlines: {}\nnumbers: {}\nagents: {}\n");
    const { code, stdout } = await hotline(home, ["apply", file, "--dry-run"]);
    assert.equal(code, 1);
    assert.equal(stdout, `${file}: Hotline "demo" has 1 call(s) in progress. Wait until they are over.\n`);
  });
});

suite("hotline apply", { concurrency: 3 }, () => {
  const preview: DocumentPreview = {
    problems: [],
    basis: "b1",
    changes: [
      {
        object: "hotline demo",
        what: "changed",
        settings: [{ setting: "wrap-up", before: "10s", after: "20s" }],
      },
    ],
  };
  const changedMeanwhile =
    "Something was changed by somebody else meanwhile (see: hotline history), so nothing was applied.";

  test("applies to what was shown, or not at all", async (t) => {
    const fake = await startFake(t, {
      "POST /document?dryRun=true": ok(preview),
      "POST /document": refused(409, "changed_since", changedMeanwhile),
    });
    const file = join(fake.home, "a.yaml");
    writeFileSync(file, "version: 1\n");
    const { code, stderr } = await hotline(fake.home, ["apply", file, "--yes"]);
    assert.deepEqual([code, stderr], [1, `hotline: ${changedMeanwhile}\n`]);
    assert.deepEqual(fake.changes().at(-1)?.body, { yaml: "version: 1\n", basis: "b1" });
  });

  test("without a file there", async (t) => {
    const fake = await startFake(t);
    const { code, stderr } = await hotline(fake.home, ["apply", "/nowhere/x.yaml", "--yes"]);
    assert.deepEqual([code, stderr], [1, "hotline: there is no file /nowhere/x.yaml\n"]);
    assert.deepEqual(fake.requests, []);
  });

  test("--dry-run --json is the preview as data", async (t) => {
    const fake = await startFake(t, { "POST /document?dryRun=true": ok(preview) });
    const file = join(fake.home, "a.yaml");
    writeFileSync(file, "version: 1\n");
    const { code, stdout } = await hotline(fake.home, ["apply", file, "--dry-run", "--json"]);
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(stdout), { file, ...preview });
    assert.deepEqual(fake.changes(), []);
  });
});

test("somebody changes something between the look and the change", async (t) => {
  const { home, state } = await startReal(t);
  const { ask } = await import("../../src/cli/transport.ts");
  const yaml = (await hotline(home, ["export"])).stdout.replace("Erika Muster", "Erika Anders");
  const post = (path: string, body: unknown) =>
    ask(home, { method: "POST", path, body, timeLimitMs: 10_000 });
  const looked = await post("/document?dryRun=true", { yaml });
  const { basis, changes } = looked.body as DocumentPreview;
  assert.equal(changes.length, 1);
  assert.equal((await hotline(home, ["hotline", "set", "--wrap-up", "5s", "--yes"])).code, 0);
  const applied = await post("/document", { yaml, basis });
  assert.equal(applied.status, 409);
  assert.equal((applied.body as { error: { code: string } }).error.code, "changed_since");
  assert.equal(state.agents.get("201" as never)?.name, "Erika Muster");
  assert.equal(state.hotlines.get("demo" as never)?.wrapUpMs, 5_000);
});
