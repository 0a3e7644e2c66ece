import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import Database from "better-sqlite3";
import { createAdminApi } from "../../src/cli/admin-api.ts";
import type { AgentId, HotlineId } from "../../src/core/ids.ts";
import { startReal } from "../cli/real.ts";

test("while the database cannot be written no administrator's change is made, nor does one come later", async (t) => {
  const real = await startReal(t);
  const api = createAdminApi(real.home);
  const { name } = await api.hotline("demo");
  const other = new Database(join(real.home, "hotline.db"));
  t.after(() => other.close());
  other.exec("BEGIN EXCLUSIVE");
  const refused = /Nothing was changed, since it could not be kept\. .*database is locked.* Calls go on\./;
  // The first one finds out, the others know it already.
  await assert.rejects(api.changeHotline("demo", { name: "Anders" }), refused);
  await assert.rejects(api.login("201"), refused);
  await assert.rejects(api.removeAgent("202"), refused);
  await assert.rejects(api.resetAnnouncement("demo", "closed"), refused);
  // What happens by itself goes on in memory.
  real.tell({ type: "phone_changed", agent: "203" as AgentId, phone: "reachable" });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(real.state.agents.get("203" as AgentId)?.phone, "reachable");

  other.exec("COMMIT");
  await api.changeHotline("demo", { maxWaiting: 7 });
  assert.equal(real.store.trouble(), null);
  assert.equal(real.state.hotlines.get("demo" as HotlineId)?.name, name);
  assert.equal(real.state.agents.get("201" as AgentId)?.duty.kind, "logged_out");
  const { hotlines, agents } = await real.store.load();
  assert.deepEqual(
    [hotlines[0]?.name, hotlines[0]?.maxWaiting, agents.map(({ id, phone, duty }) => [id, phone, duty.kind])],
    [
      name,
      7,
      [
        ["201", "unreachable", "logged_out"],
        ["202", "unreachable", "logged_out"],
        ["203", "reachable", "logged_out"],
      ],
    ],
  );
  const changes = await api.changes("", 10);
  assert.deepEqual(
    changes.map(({ object }) => object),
    ["hotline demo"],
  );
});
