import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import Database from "better-sqlite3";
import { createAdminApi } from "../../src/cli/admin-api.ts";
import type { AgentId, HotlineId } from "../../src/core/ids.ts";
import type { Loaded } from "../../src/store/types.ts";
import { type Real, startReal } from "../cli/real.ts";

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

test("a change that turns out not to be kept is taken back, whatever it was", async (t) => {
  const real = await startReal(t);
  const api = createAdminApi(real.home);
  await api.addHotline({ id: "nord", name: "Nord" });
  await api.login("201");
  await api.login("202");
  await api.pause("202", "lunch");
  const before = settingsOf(real);
  const other = new Database(join(real.home, "hotline.db"));
  t.after(() => other.close());
  // Lets everything in, as if it were locked only a moment later.
  const prove = real.store.prove.bind(real.store);
  real.store.prove = async () => undefined;
  other.exec("BEGIN EXCLUSIVE");
  const changes = [
    api.changeHotline("demo", { name: "Anders" }),
    api.addHotline({ id: "sued", name: "Süd" }),
    api.removeHotline("nord"),
    api.removeNumber("115"),
    api.removeAgent("201"),
    api.unassign("203", "demo"),
    api.login("203"),
    api.resumeAgent("202"),
  ];
  const made = await Promise.allSettled(changes);
  assert.ok(
    made.every((each) => each.status === "rejected" && /Nothing was changed/.test(String(each.reason))),
  );
  assert.deepEqual(settingsOf(real), before);
  other.exec("COMMIT");
  await prove({ bootId: "boot", monotonicMs: 0, wallMs: 0 } as Parameters<typeof prove>[0]);
  const { hotlines, numbers, agents } = await real.store.load();
  assert.deepEqual(settingsOf({ hotlines, numbers, agents }), before, "on disk");
  const history = await api.changes("", 100);
  assert.equal(history.filter(({ action }) => action.startsWith("took back change ")).length, changes.length);
});

/** What administrators set, and who is on duty. */
function settingsOf(rows: Real | Pick<Loaded, "hotlines" | "numbers" | "agents">) {
  const { hotlines, numbers, agents } =
    "state" in rows
      ? {
          hotlines: [...rows.state.hotlines.values()],
          numbers: [...rows.state.numbers.values()],
          agents: [...rows.state.agents.values()],
        }
      : rows;
  const byId = <Row extends { readonly id: string }>(all: readonly Row[]) =>
    all.toSorted((a, b) => a.id.localeCompare(b.id));
  return {
    hotlines: byId(hotlines),
    numbers,
    agents: byId(agents).map(({ id, name, memberships, duty }) => ({ id, name, memberships, duty })),
  };
}
