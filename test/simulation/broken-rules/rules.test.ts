import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { brokenRules } from "./rules.ts";

const repository = new URL("../../../", import.meta.url);

for (const { name, file, text, instead } of brokenRules) {
  test(`can be broken: ${name}`, () => {
    const parts = readFileSync(new URL(file, repository), "utf8").split(text);
    assert.equal(
      parts.length - 1,
      1,
      `In ${file} this must be once, or simulate-broken-rules fails:\n${text}`,
    );
    assert.notEqual(instead, text);
  });
}

test("every broken rule has a name of its own", () => {
  assert.equal(new Set(brokenRules.map(({ name }) => name)).size, brokenRules.length);
});
