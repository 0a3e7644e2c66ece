import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { readAgents } from "../../src/cli/agents-file.ts";
import { csvLine, noFormula, parseCsv } from "../../src/cli/csv.ts";

const read = (text: string) => readAgents(Buffer.from(text), "a.csv");
const message = (text: string | Uint8Array) => {
  try {
    readAgents(typeof text === "string" ? Buffer.from(text) : text, "a.csv");
  } catch (error) {
    return (error as Error).message;
  }
  return null;
};

suite("CSV", () => {
  test("cells in quotes, doubled quotes, line breaks in a cell, any end of line", () => {
    const { rows, mistakes } = parseCsv('a;b\r\n"x;1";"say ""hi"""\n\n"two\nlines";\r"";y');
    assert.deepEqual(mistakes, []);
    assert.deepEqual(rows, [
      { line: 1, cells: ["a", "b"] },
      { line: 2, cells: ["x;1", 'say "hi"'] },
      { line: 4, cells: ["two\nlines", ""] },
      { line: 6, cells: ["", "y"] },
    ]);
  });

  test("the first line shows the separator", () => {
    for (const separator of [";", ",", "\t"]) {
      const { rows } = parseCsv(`a${separator}b\n1${separator}\n`);
      assert.deepEqual(rows.at(-1)?.cells, ["1", ""]);
    }
    assert.deepEqual(parseCsv("a;b\nErika, Dr.;x").rows.at(-1)?.cells, ["Erika, Dr.", "x"]);
  });

  test("a quote that is not closed is told with its line", () => {
    const { rows, mistakes } = parseCsv('a;b\n1;2\n3;"4\n5;6\n');
    assert.equal(rows.length, 2);
    assert.deepEqual(
      mistakes.map(({ line }) => line),
      [3],
    );
  });

  test("what is written is read again", () => {
    const cells = ["201", 'Erika "Eri" Muster; Dr.', "", "x\ny"];
    assert.deepEqual(parseCsv(`h;h;h;h\n${csvLine(cells)}\n`).rows.at(-1)?.cells, cells);
    assert.deepEqual(["=1+1", "Erika"].map(noFormula), ["'=1+1", "Erika"]);
  });
});

suite("agents in a file", () => {
  const erika = { id: "201", name: "Erika Müster", memberships: [{ hotline: "demo", tier: 1, skills: [] }] };

  test("with and without a byte order mark, columns in any order", () => {
    for (const text of [
      "id;name;hotlines\n201;Erika Müster;demo\n",
      "\ufeffid,name,hotlines\r\n201,Erika Müster,demo\r\n",
      "Hotlines\tName\tID\ndemo\tErika Müster\t201",
    ])
      assert.deepEqual(read(text), { agents: [{ line: 2, ...erika }], mistakes: [] }, text);
  });

  test("tiers and skills", () => {
    const { agents } = read("id;name;hotlines\n1;A;demo:2 nord:1:en+tax\n2;B;\n");
    assert.deepEqual(agents[0]?.memberships, [
      { hotline: "demo", tier: 2, skills: [] },
      { hotline: "nord", tier: 1, skills: ["en", "tax"] },
    ]);
    assert.deepEqual(agents[1]?.memberships, []);
  });

  test("all mistakes at once, each with its line", () => {
    const { agents, mistakes } = read("id;name;hotlines\n1;A;demo:x\n2;B;demo;more\n3;C;:2\n4;D;demo");
    assert.deepEqual(
      mistakes.map(({ line, message: what }) => `${line} ${what.slice(0, 20)}`),
      ['2 "demo:x" is no hotli', "3 4 cells, but the fir", '4 ":2" is no hotline w'],
    );
    assert.equal(agents.at(-1)?.line, 5);
  });

  test("what is no such file", () => {
    assert.match(message("") ?? "", /a\.csv is empty/);
    assert.match(message("id;name;hotlines\n") ?? "", /names no agent/);
    assert.match(message("201;Erika;demo\n") ?? "", /line 1: there is no column id, name, hotlines/);
    assert.match(
      message("id;name\n1;A\n") ?? "",
      /no column hotlines; the first line must be: id;name;hotlines/,
    );
    assert.match(message("id;name;hotlines;e-mail\n1;A;demo;x\n") ?? "", /column "e-mail" is unknown/);
    assert.match(message("id;name;hotlines;id\n") ?? "", /column "id" is unknown or there twice/);
    const latin1 = Buffer.from("id;name;hotlines\n1;Müller;demo\n", "latin1");
    assert.match(message(latin1) ?? "", /is not UTF-8.*iconv -f WINDOWS-1252/);
    const utf16 = Buffer.from("\ufeffid;name;hotlines\n1;A;demo\n", "utf16le");
    assert.match(message(utf16) ?? "", /is not UTF-8/);
  });
});
