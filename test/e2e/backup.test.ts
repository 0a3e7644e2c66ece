/** A backup is taken while somebody talks, and brings everything back: to this home, and to one that is new. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { testAftermath } from "../support/aftermath.ts";
import { useSystem } from "../support/system.ts";

const system = useSystem();

test("a backup is taken in the middle of a call, and restored", { timeout: 120_000 }, async () => {
  const file = join(system.home, "..", "backup.tar");
  const phone = await system.agent("351");
  await system.change("hotline", "set", "demo", "--wrap-up", "1s");
  await system.change("announce", "say", "demo", "closed", "Wir haben zu.");
  const call = await system.call("115", { from: "+493613" });
  await (await phone.nextCall()).answer();
  await system.waitForAgent("351", "talking");
  await system.json("backup", file);
  assert.equal(call.state, "answered");
  call.hangUp();
  await call.ended();
  await system.waitForAgent("351", "ready");
  const before = await system.api.hotline("demo");

  // What is changed after the backup is gone with it, and nothing else.
  await system.change("hotline", "set", "demo", "--max-waiting", "3");
  await system.change("agent", "remove", "202");
  const refused = await system.hotline("restore", file, "--yes");
  assert.equal(refused.exitCode, 1);
  assert.match(refused.stderr, /A daemon runs for this home already .* Stop it first: scripts\/down/);
  assert.equal((await system.down()).exitCode, 0);
  const { before: aside } = await system.change<{ before: string }>("restore", file);
  assert.deepEqual(readdirSync(aside).sort(), ["hotline.db", "hotline.yaml", "sounds"]);
  await system.up();

  assert.deepEqual(await system.api.hotline("demo"), before);
  assert.deepEqual(
    (await system.api.agents()).map(({ id }) => id),
    ["201", "202", "203", "351"],
  );
  const announcements = await system.api.announcements("demo");
  assert.equal(announcements.find(({ name }) => name === "closed")?.text, "Wir haben zu.");
  await phone.register();
  await system.waitForAgent("351", "ready", 20_000);
  // The call was in progress when the backup was taken: nobody knows how it ended.
  const talked = await system.waitForCall("it is over", ({ from }) => from === "+493613");
  assert.deepEqual([talked.outcome, talked.agent], ["answered", "351"]);
  const again = await system.call();
  await (await phone.nextCall()).answer();
  await system.waitForAgent("351", "talking");
  again.hangUp();
  await again.ended();
});

testAftermath(system);
