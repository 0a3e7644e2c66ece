/** Each thing a phone can answer to an offer, from our own phones and from foreign ones, and what the hotline makes of it. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { AgentView, CallView } from "../../src/api/schemas.ts";
import { testAftermath } from "../support/aftermath.ts";
import { Baresip } from "../support/baresip.ts";
import { endedCall, runningCall } from "../support/conversation.ts";
import { type Credentials, type Habit, Phone } from "../support/phone.ts";
import { poll } from "../support/process.ts";
import { type AgentOptions, Sipp } from "../support/sipp.ts";
import { linesOf, storyUntil } from "../support/story.ts";
import { useSystem } from "../support/system.ts";

type Result = "busy" | "declined" | "unreachable" | "no_answer";

interface Row {
  readonly id: string;
  readonly says: string;
  readonly result: Result;
  /** Registers the phone, which from then on treats every call that way. */
  readonly start: (account: Credentials) => Promise<unknown>;
}

const statuses = [
  [486, "busy"],
  [600, "busy"],
  [603, "declined"],
  [403, "declined"],
  [404, "unreachable"],
  [480, "unreachable"],
  [408, "unreachable"],
  [503, "unreachable"],
] as const;

const system = useSystem();
const ends: (() => Promise<void>)[] = [];
const accounts = new Map<string, Credentials>();
const registered = new Map<string, Phone>();
after(() => Promise.all(ends.map((end) => end())));

async function ours(account: Credentials, habit: Habit | null): Promise<Phone> {
  const phone = await Phone.register(account);
  ends.push(async () => phone.close());
  registered.set(account.username, phone);
  phone.behave(habit);
  return phone;
}

async function sipps(account: Credentials, options: AgentOptions): Promise<void> {
  const phone = await Sipp.agent(account, options);
  ends.push(() => phone.stop());
}

let baresip: Baresip | null = null;
async function foreign(account: Credentials): Promise<void> {
  const phone = await Baresip.start({ hertz: 600, account });
  ends.push(() => phone.stop());
  baresip = phone;
}

/** baresip's user presses the red key: it says 486 then. */
async function baresipRefuses(): Promise<void> {
  assert(baresip);
  await baresip.event("CALL_INCOMING");
  await baresip.hangUp();
}

/** Phones that say no at once, in the order in which they are rung. */
const refusals: readonly Row[] = [
  ...statuses.map(([status, result], index) => ({
    id: String(301 + index),
    says: `${status}, our phone`,
    result,
    start: (account: Credentials) => ours(account, { answer: status }),
  })),
  ...statuses.map(([status, result], index) => ({
    id: String(311 + index),
    says: `${status}, SIPp`,
    result,
    start: (account: Credentials) => sipps(account, { scenario: "agent-refuses", status }),
  })),
  { id: "321", says: "486, baresip", result: "busy", start: foreign },
];

/** Phones that take their time. */
const silences: readonly Row[] = [
  {
    id: "331",
    says: "nothing at all, SIPp",
    result: "unreachable",
    start: (account) => sipps(account, { scenario: "agent-ignores" }),
  },
  {
    id: "332",
    says: "100 and nothing more",
    result: "unreachable",
    start: (account) => ours(account, null),
  },
  { id: "333", says: "180 until it rings out", result: "no_answer", start: (account) => ours(account, {}) },
];

const rows = [...refusals, ...silences];
const unregistered = "341";
const last = "351";
let lastPhone: Phone;
let idleBefore: Map<string, string | null>;

/** The offers in a call's story. */
const offersIn = (call: CallView) => linesOf(call).filter((line) => /^(offer|connected)/.test(line));

const linesFor = (rung: readonly Row[]) =>
  rung.flatMap(({ id, result }) => [`offered ${id}`, `offer_ended ${id} ${result}`]);

const show = (id: string) => system.json<CallView>("calls", "show", id);

async function agentsNow(): Promise<Map<string, AgentView>> {
  return new Map((await system.api.agents()).map((agent) => [agent.id, agent]));
}

test("all phones are registered, their agents logged in", { timeout: 60_000 }, async () => {
  // One miss shows at once: it pauses.
  await system.change(
    ...["hotline", "set", "demo", "--wrap-up", "0s", "--ring-timeout", "3s", "--auto-pause", "1"],
  );
  const account = async (id: string) =>
    (await system.api.addAgent({ id, name: `Agent ${id}`, hotlines: ["demo"] })).sip;
  // Side by side, so that they share reloads of Asterisk.
  const ids = [...rows.map((row) => row.id), unregistered, last];
  await Promise.all(ids.map(async (id) => accounts.set(id, await account(id))));
  await Promise.all(rows.map(({ id, start }) => start(accounts.get(id)!)));
  await (await ours(accounts.get(unregistered)!, null)).unregister();
  lastPhone = await ours(accounts.get(last)!, null);
  // In the order in which they log in, they are the longest idle.
  for (const id of [unregistered, ...rows.map((row) => row.id), last]) {
    await system.api.login(id);
    await system.waitForAgent(id, id === unregistered ? "offline" : "ready");
  }
  idleBefore = new Map([...(await agentsNow())].map(([id, { idleSince }]) => [id, idleSince]));
});

test("every answer of a phone is understood, and the next one rings", { timeout: 60_000 }, async () => {
  const caller = await system.call("115", { from: "0306660001" });
  const refusing = baresipRefuses();
  const { id } = await runningCall(system, "0306660001");

  // While the first silent phone keeps the caller waiting, all who refused are resting.
  await storyUntil(system, id, `offered ${silences[0]!.id}`);
  await refusing;
  const resting = await agentsNow();
  for (const row of refusals) {
    const { state, reason } = resting.get(row.id)!;
    assert.deepEqual([row.says, state, reason], [row.says, "ready", `${row.result}, asked again soon`]);
  }

  const rung = await lastPhone.nextCall(20_000);
  await rung.answer();
  await storyUntil(system, id, `connected ${last}`);
  assert.deepEqual(offersIn(await show(id)), [...linesFor(rows), `offered ${last}`, `connected ${last}`]);

  const afterwards = await agentsNow();
  for (const { id: silent, result, says } of silences) {
    const { state, reason } = afterwards.get(silent)!;
    const expected =
      result === "no_answer" ? ["paused", "no answer"] : ["ready", `${result}, asked again soon`];
    assert.deepEqual([says, state, reason], [says, ...expected]);
  }
  // Who is paused has no such clock.
  for (const row of rows.filter(({ result }) => result !== "no_answer")) {
    const { idleSince } = afterwards.get(row.id)!;
    assert(idleSince! > idleBefore.get(row.id)!, `${row.says}: the clock of the longest idle moves`);
  }
  const { state, idleSince } = afterwards.get(unregistered)!;
  assert.deepEqual([state, idleSince], ["offline", idleBefore.get(unregistered)], "not offered at all");
  rung.hangUp();
  await caller.ended();
  assert.equal((await endedCall(system, "0306660001")).outcome, "answered");
});

test("who was busy or declined is asked again after ten seconds, who could not be reached is not", {
  timeout: 60_000,
}, async () => {
  const asked = refusals.filter(({ result }) => result !== "unreachable");
  await system.waitForAgent(last, "ready");
  for (const { id } of asked) await waitForRestsEnd(id);
  const caller = await system.call("115", { from: "0306660002" });
  await baresipRefuses();
  const rung = await lastPhone.nextCall();
  await rung.answer();
  const { id } = await runningCall(system, "0306660002");
  await storyUntil(system, id, `connected ${last}`);
  assert.deepEqual(offersIn(await show(id)), [...linesFor(asked), `offered ${last}`, `connected ${last}`]);
  caller.hangUp();
  await endedCall(system, "0306660002");
  // None of them was charged with a miss, or they would be paused.
  const agents = await agentsNow();
  for (const row of asked) assert.equal(agents.get(row.id)?.state, "ready", row.says);
});

test("a phone that registers again is asked at once", async () => {
  const again = refusals.find(({ says }) => says === "503, our phone")!;
  assert.equal((await agentsNow()).get(again.id)?.reason, "unreachable, asked again soon");
  const phone = registered.get(accounts.get(again.id)!.username)!;
  await phone.unregister();
  await system.waitForAgent(again.id, "offline");
  phone.behave(null);
  await phone.register();
  await waitForRestsEnd(again.id);
  const caller = await system.call("115", { from: "0306660003" });
  const rung = await phone.nextCall();
  await rung.answer();
  const { id } = await runningCall(system, "0306660003");
  await storyUntil(system, id, `connected ${again.id}`);
  caller.hangUp();
  await endedCall(system, "0306660003");
});

/** Ready, and nothing is held against the phone any more. */
async function waitForRestsEnd(id: string): Promise<void> {
  await poll(`agent ${id} may be asked again`, 15_000, async () => {
    const agent = (await agentsNow()).get(id);
    return agent?.state === "ready" && agent.reason === null ? true : undefined;
  });
}

testAftermath(system);
