import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { playTrace } from "./runner.ts";

const folder = new URL("./stories/", import.meta.url);

for (const name of readdirSync(folder).sort()) {
  test(`trace ${name}`, () => {
    const file = new URL(name, folder);
    const text = readFileSync(file, "utf8");
    const played = playTrace(text);
    // Rewritten only on purpose, and then to be read in the diff.
    if (process.env.UPDATE_TRACES) writeFileSync(file, played);
    else assert.equal(played, text);
  });
}
