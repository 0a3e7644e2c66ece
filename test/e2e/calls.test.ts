/** A citizen calls, waits, reaches a person, and both talk: from the INVITE to the record. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import type { CallView, Status } from "../../src/api/schemas.ts";
import { testAftermath } from "../support/aftermath.ts";
import { announceTone } from "../support/announcements.ts";
import type { Call } from "../support/call.ts";
import { runningCall, talk } from "../support/conversation.ts";
import type { Phone } from "../support/phone.ts";
import { linesOf, storyUntil } from "../support/story.ts";
import { type System, useSystem } from "../support/system.ts";

const greetingHertz = 600;

describe("calls", () => {
  const system = useSystem();
  before(async () => {
    await announceTone(system, "greeting", greetingHertz);
    await system.change("hotline", "set", "demo", "--wrap-up", "1s");
  });

  test("a citizen hears the greeting and music, the longest idle agent rings, both talk, the agent hangs up", async () => {
    const [first, second] = [await system.agent("301"), await system.agent("302")];
    const caller = await system.call("115", { from: "03012345601" });
    await caller.hears(greetingHertz);
    await caller.answered();

    const ringing = await first.nextCall();
    assert.equal(ringing.callerName, "Bürgerhotline");
    assert.equal(ringing.callerNumber, "03012345601");
    ringing.ring();
    const { id } = await runningCall(system, "03012345601");
    await storyUntil(system, id, "music");
    await assertStatus(system, { id, phase: "offering", agent: "301" }, { waiting: 1, offered: 1, ready: 1 });

    await ringing.answer();
    await system.waitForAgent("301", "talking");
    await assertStatus(system, { id, phase: "connected", agent: "301" }, { talking: 1, ready: 1 });

    ringing.hangUp();
    assert.equal((await caller.ended()).by, "them");
    await system.waitForAgent("301", "wrap_up");
    await system.waitForAgent("301", "ready");
    assert.deepEqual(second.calls, [], "the other phone stayed silent");

    const record = await finishedCall(system, id);
    const { waitMs, talkMs, arrivedAt, ...rest } = record;
    const expected = { id, hotline: "demo", from: "03012345601", outcome: "answered", endedBy: "agent" };
    const served = { agent: "301", servedBy: "demo", forwardedTo: null, reason: null, whileAway: false };
    assert.deepEqual(rest, { ...expected, ...served });
    assert(waitMs !== null && waitMs >= 1_000, `waited for the greeting's second: ${waitMs} ms`);
    assert(talkMs !== null && talkMs > 0, `talked for ${talkMs} ms`);
    assert(Math.abs(Date.now() - Date.parse(arrivedAt)) < 60_000);

    const lines = linesOf(await system.json<CallView>("calls", "show", id));
    assert.ok(lines.indexOf("music") > lines.indexOf("announced greeting"), lines.join());
    // The greeting may be over before the phone says that it rings.
    assert.deepEqual(
      lines.filter((line) => line !== "music"),
      [
        "arrived",
        "admitted",
        "announced greeting",
        "offered 301",
        "ringing 301",
        "picked_up 301",
        "connected 301",
        "ended 301 answered agent",
        "gone",
      ],
    );
  });

  test("the story reads as plain lines", async () => {
    const phone = await system.agent("301");
    phone.behave({ answer: true, talkMs: 100 });
    const caller = await system.call("115", { from: "03012345602" });
    await caller.ended();
    const { id } = await recordOf(system, "03012345602");
    await finishedCall(system, id);
    const { stdout, exitCode } = await system.hotline("calls", "show", id);
    assert.equal(exitCode, 0);
    for (const line of ["offered to agent 301", "301 picked up", "connected with 301", "the agent hung up"])
      assert.match(stdout, new RegExp(line));
    const list = await system.hotline("calls");
    assert.match(list.stdout, /03012345602/);
  });

  test("when the caller hangs up, the agent's phone ends too, and is ready after the wrap-up", async () => {
    const phone = await system.agent("301");
    const { caller, agent } = await talk(system, phone, "03012345603");
    caller.hangUp();
    assert.equal((await agent.ended()).by, "them");
    await system.waitForAgent("301", "wrap_up");
    await system.waitForAgent("301", "ready");
    const record = await recordOf(system, "03012345603");
    assert.deepEqual([record.outcome, record.endedBy, record.agent], ["answered", "caller", "301"]);
  });

  test("a caller for whom nobody is free waits, seen in the status, and is next", async () => {
    const phone = await system.agent("301");
    const { agent } = await talk(system, phone, "03012345604");
    const waiting = await system.call("115", { from: "03012345605" });
    await waiting.answered();
    const { id } = await runningCall(system, "03012345605");
    const status = await system.json<Status>("status");
    assert.deepEqual(summary(status), { open: true, waiting: 1, counts: { talking: 1 } });
    assert(status.hotlines[0]!.longestWaitMs !== null);
    assert.deepEqual(
      status.calls.find((call) => call.id === id),
      {
        id,
        hotline: "demo",
        phase: "waiting",
        agent: null,
        forwardedTo: null,
        since: (await recordOf(system, "03012345605")).arrivedAt,
      },
    );
    agent.hangUp();
    const next = await phone.nextCall();
    assert.equal(next.callerNumber, "03012345605");
    await next.answer();
    await system.waitForAgent("301", "talking");
    waiting.hangUp();
    await next.ended();
  });

  test("an anonymous caller's number is nowhere to be found", async () => {
    const number = "+4936155512345";
    const phone = await system.agent("301");
    const caller = await system.call("115", { anonymous: true, from: number });
    const agent = await phone.nextCall();
    assert.equal(agent.callerName, "Bürgerhotline");
    assert.equal(agent.callerNumber, "anonymous");
    await agent.answer();
    await system.waitForAgent("301", "talking");
    const [running] = (await system.json<Status>("status")).calls;
    caller.hangUp();
    await agent.ended();
    const record = await finishedCall(system, running!.id);
    assert.equal(record.from, null);

    const { stdout } = await system.hotline("calls", "show", record.id);
    const seen: Record<string, string> = {
      "the agent's phone": JSON.stringify(phone.trace),
      story: `${stdout}${JSON.stringify(await system.json("calls", "show", record.id))}`,
      "daemon's log": system.log("daemon"),
      "Asterisk's log": system.log("asterisk"),
    };
    for (const file of readdirSync(system.home).filter((name) => name.startsWith("hotline.db")))
      seen[file] = readFileSync(join(system.home, file), "latin1");
    const traces = ["36155512345", "…345"];
    const found = Object.keys(seen).filter((place) => traces.some((each) => seen[place]!.includes(each)));
    assert.deepEqual(found, []);
    // The search does find what is there.
    assert(seen["daemon's log"]!.includes("…601"));
  });

  test("two agents, five callers: each free agent is given the longest waiting caller at once", async (context) => {
    await system.change("hotline", "set", "demo", "--wrap-up", "0s");
    const phones = [await system.agent("301"), await system.agent("302")];
    const callers: Call[] = [];
    for (const index of [1, 2, 3, 4, 5]) {
      const caller = await system.call("115", { from: `030777000${index}` });
      callers.push(caller);
      await caller.answered();
    }
    const talking = await Promise.all(phones.map((phone) => phone.nextCall()));
    assert.deepEqual(talking.map(({ callerNumber }) => callerNumber).sort(), ["0307770001", "0307770002"]);
    for (const call of talking) await call.answer();
    await system.waitFor("two talk", ({ hotlines }) => hotlines[0]!.agents.talking === 2);
    assert.equal((await system.api.status()).hotlines[0]!.waiting, 3);

    const gaps: number[] = [];
    for (const [turn, number] of ["0307770003", "0307770004", "0307770005"].entries()) {
      const phone = phones[turn % 2]!;
      talking[turn % 2]!.hangUp();
      const next = await phone.nextCall();
      assert.equal(next.callerNumber, number);
      gaps.push(gapBeforeLastInvite(phone));
      await next.answer();
      talking[turn % 2] = next;
      await storyUntil(system, (await runningCall(system, number)).id, `connected 30${(turn % 2) + 1}`);
    }
    context.diagnostic(`agent's BYE to the next INVITE: ${gaps.join(", ")} ms`);
    assert(gaps.every((gap) => gap < 1_000));
    for (const call of talking) call.hangUp();
    await Promise.all(callers.map((caller) => caller.ended()));
    await system.change("hotline", "set", "demo", "--wrap-up", "1s");
  });

  testAftermath(system);
});

async function recordOf(system: System, from: string): Promise<CallView> {
  const found = (await system.json<CallView[]>("calls", "--limit", "50")).find((call) => call.from === from);
  assert(found, `no call from ${from} is recorded`);
  return found;
}

/** The row of a call that is over, as `hotline calls` has it. */
async function finishedCall(system: System, id: string): Promise<CallView> {
  await storyUntil(system, id, "gone");
  const found = (await system.json<CallView[]>("calls")).find((call) => call.id === id);
  assert(found);
  return found;
}

async function assertStatus(
  system: System,
  call: { id: string; phase: string; agent: string },
  { waiting = 0, ...counts }: Record<string, number>,
): Promise<void> {
  const status = await system.json<Status>("status");
  assert.equal(status.pbx.connected, true);
  assert.deepEqual(status.alarms, []);
  assert.deepEqual(summary(status), { open: true, waiting, counts });
  const [{ since, ...shown }] = status.calls as [Status["calls"][number]];
  assert.deepEqual(shown, { ...call, hotline: "demo", forwardedTo: null });
  assert.match(since, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
}

/** Of the only hotline: what scripts read, without the agents of whom there are none in a state. 201 to 203 come with the home. */
function summary({ hotlines }: Status) {
  assert.equal(hotlines.length, 1);
  const { id, open, reason, waiting, longestWaitMs, agents } = hotlines[0]!;
  assert.equal(id, "demo");
  assert.equal(typeof reason, "string");
  assert.equal(longestWaitMs === null, waiting === 0);
  const states = ["ready", "offered", "talking", "wrap_up", "paused", "busy", "offline", "logged_out"];
  assert.deepEqual(Object.keys(agents).sort(), [...states].sort());
  const counts = Object.entries(agents).filter(
    ([state, count]) => count > 0 && !["logged_out", "offline"].includes(state),
  );
  return { open, waiting, counts: Object.fromEntries(counts) };
}

/** From the phone's last BYE to the INVITE after it. */
function gapBeforeLastInvite(phone: Phone): number {
  const request = (method: string, direction: "in" | "out") =>
    phone.trace.findLast(
      ({ message, direction: way }) =>
        message.kind === "request" && message.method === method && way === direction,
    );
  const [bye, invite] = [request("BYE", "out"), request("INVITE", "in")];
  assert(bye && invite);
  return invite.at - bye.at;
}
