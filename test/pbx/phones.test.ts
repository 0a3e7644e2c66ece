import assert from "node:assert/strict";
import { test } from "node:test";
import type { Phone } from "../../src/core/agents.ts";
import type { PbxEvent } from "../../src/core/events.ts";
import type { AgentId } from "../../src/core/ids.ts";
import { Phones } from "../../src/pbx/ari/phones.ts";
import type { AriEndpoint } from "../../src/pbx/ari/types.ts";

const seen = (endpoint: string, phone: Phone, answers = false) =>
  ({ kind: "phone", endpoint, phone, asked: true, answers }) as const;

test("a phone that answers from another place is told, though it was reachable all the time", () => {
  const told: PbxEvent[] = [];
  const phones = new Phones({ tell: (event) => told.push(event), agentOf: (name) => name as AgentId });
  phones.seen(seen("201", "reachable", true));
  phones.seen(seen("201", "reachable"));
  assert.equal(told.length, 1, "with a call, say");
  phones.seen(seen("201", "reachable", true));
  assert.equal(told.length, 2);
});

test("what was heard of a phone while a list was on its way is newer than the list", async () => {
  const told: PbxEvent[] = [];
  const phones = new Phones({ tell: (event) => told.push(event), agentOf: (name) => name as AgentId });
  const offline = (resource: string): AriEndpoint =>
    ({ technology: "PJSIP", resource, state: "offline", channel_ids: [] }) as AriEndpoint;
  phones.reset([offline("201"), offline("202")], []);
  const list = Promise.withResolvers<AriEndpoint[]>();
  const done = phones.refresh(() => list.promise);
  phones.seen(seen("201", "reachable"));
  list.resolve([offline("201"), offline("202")]);
  await done;
  assert.deepEqual(told, [{ type: "phone_changed", agent: "201", phone: "reachable" }]);

  await phones.refresh(async () => [offline("201"), offline("202")]);
  assert.equal(told.length, 2, "the next list is newer");
});
