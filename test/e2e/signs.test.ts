/** What monitoring sees: figures that agree with the record, and whether calls can be taken. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import type { CallView } from "../../src/api/schemas.ts";
import { testAftermath } from "../support/aftermath.ts";
import { endedCall, talk } from "../support/conversation.ts";
import { poll } from "../support/process.ts";
import { supervise } from "../support/services.ts";
import { type System, useSystem } from "../support/system.ts";

describe("signs of life", () => {
  const system = useSystem();
  before(() => system.change("hotline", "set", "demo", "--wrap-up", "0s"));

  test("ready when calls can be taken, and healthy", async () => {
    assert.deepEqual(await ask(system, "/readyz"), { code: 200, body: { status: "ready" } });
    const { code, body } = await ask(system, "/healthz");
    assert.equal(code, 200);
    assert.equal(body.status, "ok");
    assert.deepEqual(body.alarms, []);
  });

  test("the figures are those of the record", async () => {
    const agent = await system.agent("301");
    const conversation = await talk(system, agent, "03055500001");
    let metrics = await figures(system);
    assert.equal(metrics.get('hotlined_calls{phase="connected"}'), 1);
    assert.equal(metrics.get('hotlined_agents{hotline="demo",state="talking"}'), 1);
    assert.equal(metrics.get('hotlined_callers_waiting{hotline="demo"}'), 0);

    const waiting = await system.call("115", { from: "03055500002" });
    await system.waitFor("one waiting", ({ hotlines }) => hotlines[0]!.waiting === 1);
    metrics = await figures(system);
    assert.equal(metrics.get('hotlined_callers_waiting{hotline="demo"}'), 1);
    assert((metrics.get('hotlined_longest_wait_seconds{hotline="demo"}') ?? -1) >= 0);
    waiting.hangUp();
    await endedCall(system, "03055500002");
    conversation.caller.hangUp();
    await endedCall(system, "03055500001");
    const stranger = await system.call("999", { from: "03055500003" });
    await stranger.ended();
    await endedCall(system, "03055500003");

    metrics = await figures(system);
    const recorded = new Map<string, number>();
    for (const { hotline, outcome } of await system.json<CallView[]>("calls")) {
      const name = `hotlined_calls_ended_total{hotline="${hotline ?? ""}",outcome="${outcome}"}`;
      recorded.set(name, (recorded.get(name) ?? 0) + 1);
    }
    const counted = [...metrics].filter(([name]) => name.startsWith("hotlined_calls_ended_total"));
    assert.deepEqual(new Map(counted.sort()), new Map([...recorded].sort()));
    assert.equal(recorded.size, 3);
    assert.equal(metrics.get('hotlined_wait_seconds_count{hotline="demo"}'), 1);
    assert.equal(metrics.get('hotlined_talk_seconds_count{hotline="demo"}'), 1);
    assert.equal(metrics.get("hotlined_asterisk_connected"), 1);
    assert.equal(metrics.get("hotlined_event_queue_length"), 0);
    const text = [...metrics.keys()].join("\n");
    for (const secret of ["301", "0305550", "Agent"])
      assert(!text.includes(secret), `no ${secret} in the figures`);
  });

  test("not ready while Asterisk is away, yet healthy", async () => {
    await supervise(system, "down", "asterisk");
    await readiness(system, 503);
    const { body } = await ask(system, "/readyz");
    assert.deepEqual(body, { status: "not ready", obstacles: ["Asterisk cannot be reached."] });
    assert.equal((await ask(system, "/healthz")).code, 200);
    assert.equal((await figures(system)).get("hotlined_asterisk_connected"), 0);
    await supervise(system, "up", "asterisk");
    await readiness(system, 200);
  });

  testAftermath(system, {
    daemon: [
      /"the connection to Asterisk is lost"/,
      /"not connected to (Asterisk|AMI), trying again"/,
      /"Asterisk shuts down"/,
      /"alarm":"(asterisk|ami)"/,
    ],
    asterisk: [/ws_safe_read: Web socket closed abruptly/, /session_read: WebSocket read error/],
  });
});

type Answer = { code: number; body: { status?: string; alarms?: string[]; obstacles?: string[] } };

async function ask(system: System, path: string): Promise<Answer> {
  const response = await fetch(`http://127.0.0.1:${system.ports.http}${path}`);
  return { code: response.status, body: (await response.json()) as Answer["body"] };
}

function readiness(system: System, code: number): Promise<unknown> {
  return poll(
    `/readyz answers ${code}`,
    15_000,
    async () => (await ask(system, "/readyz")).code === code || undefined,
  );
}

/** The samples of /metrics by name and labels. */
async function figures(system: System): Promise<Map<string, number>> {
  const response = await fetch(`http://127.0.0.1:${system.ports.http}/metrics`);
  assert.match(response.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
  const samples = (await response.text()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    samples.map((line) => {
      const [, name = "", value = ""] = /^(.*) (\S+)$/.exec(line) ?? assert.fail(`no sample: ${line}`);
      return [name, Number(value)];
    }),
  );
}
