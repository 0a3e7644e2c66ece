import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import type { ChangeView, ChangeWithRows } from "../../src/api/audit.ts";
import { type Real, startReal } from "./real.ts";
import { hotline } from "./support.ts";

/** Many administrators' commands at the same moment, each a process of its own, against the real administration. */

async function done<T>(real: Real, ...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await hotline(real.home, [...args, "--json"]);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" }, args.join(" "));
  return JSON.parse(stdout) as T;
}

const exported = async (real: Real) => (await hotline(real.home, ["export"])).stdout;

suite("administrators who change things at the same moment", { concurrency: 2 }, () => {
  test("of two documents and six commands each is done whole or refused; the history tells it all, back to the start", async (t) => {
    const real = await startReal(t);
    const start = await exported(real);
    const file = (name: string, yaml: string) => {
      const path = join(real.home, name);
      writeFileSync(path, yaml);
      return path;
    };
    const one = start
      .replace("mon-sun: 00:00-24:00", "mon-fri: 07:00-19:00")
      .replace("name: Erika Muster", "name: Erika Eins");
    const other = start
      .replace("mon-sun: 00:00-24:00", "mon-fri: 09:00-15:00")
      .replace("name: Erika Muster", "name: Erika Zwei");
    const commands = [
      ["apply", file("one.yaml", one)],
      ["apply", file("other.yaml", other)],
      ["hours", "set", "sat", "10-12"],
      ["hours", "close", "--for", "1h", "--reason", "Storm"],
      ["agent", "remove", "202"],
      ["agent", "assign", "202", "demo", "--tier", "3"],
      ["hotline", "set", "--wrap-up", "33s"],
      ["number", "add", "116", "demo"],
    ];
    const results = await Promise.all(commands.map((args) => hotline(real.home, [...args, "--yes"])));
    for (const [i, { code, stderr }] of results.entries()) {
      const shown = `${commands[i]!.join(" ")}: ${stderr}`;
      assert.ok(code === 0 || code === 1, shown);
      assert.match(stderr, code === 0 ? /^([^\n]+ \[--yes\]\n)?$/ : /^hotline: [^\n]+\n$/, shown);
    }
    const refused = commands
      .filter((_, i) => results[i]!.code === 1)
      .map(([name, action]) => `${name} ${action}`);
    for (const name of refused)
      assert.match(name, /^(apply|agent (assign|remove))\b/, "nothing else can be in another's way");

    const list = await done<ChangeView[]>(real, "history");
    const changes = await Promise.all(
      list.map(({ id }) => done<ChangeWithRows>(real, "history", "show", String(id))),
    );
    assert.ok(changes.length >= commands.length - refused.length, "a change each");
    // Of each object, every change began where the one before it had ended; newest first.
    const began = new Map<string, unknown>();
    for (const { id, rows } of changes)
      for (const { kind, id: object, before, after } of rows) {
        const key = `${kind} ${object}`;
        if (began.has(key)) assert.deepEqual(after, began.get(key), `${key} after change ${id}`);
        began.set(key, before);
      }

    // No document is there in part: Erika's name and the hours of Monday are changed by nothing else.
    const end = await exported(real);
    const name = /name: Erika (\w+)/.exec(end)?.[1] ?? "";
    const monday = /mon-\w+: (\S+)/.exec(end)?.[1];
    assert.equal(monday, { Muster: "00:00-24:00", Eins: "07:00-19:00", Zwei: "09:00-15:00" }[name]);

    for (const { id } of changes) await done(real, "undo", String(id), "--yes");
    assert.equal(await exported(real), start, "all of it undone is the start");
  });

  test("of two who add the same agent, number or hotline one is told that it is there", async (t) => {
    const real = await startReal(t);
    for (const [args, code] of [
      [["agent", "add", "300", "--name", "Neu"], 1],
      [["hotline", "add", "sued", "--name", "Süd"], 1],
    ] as const) {
      const results = await Promise.all([1, 2, 3].map(() => hotline(real.home, [...args, "--yes"])));
      assert.deepEqual(results.map((result) => result.code).sort(), [0, code, code], args.join(" "));
      for (const { stderr, code: own } of results)
        if (own !== 0) assert.match(stderr, /^hotline: .* exists already\. [^\n]*\n$/);
    }
    assert.equal((await done<ChangeView[]>(real, "history")).length, 2);
  });
});
