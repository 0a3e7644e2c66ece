/** Calls for announcements, where Asterisk tells things in another order than usual. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import type { AgentId } from "../../src/core/ids.ts";
import type { Operations } from "../../src/pbx/ari/operations.ts";
import { Studio } from "../../src/pbx/ari/studio.ts";
import { testLog } from "./ari-log.ts";

test("a phone that declines before Asterisk has answered the request is a refusal like any other", async () => {
  const { promise: answer, resolve } = Promise.withResolvers<unknown>();
  const channels: string[] = [];
  const operations = {
    callPhone: ({ channel }: { channel: string }) => {
      channels.push(channel);
      return answer;
    },
  } as unknown as Operations;
  const studio = new Studio(() => operations, { endpointOf: () => "agent-302" }, testLog());
  const outcome = studio.play({ agent: "302" as AgentId, shows: "Ansage", media: "sound:/a" }).then(
    () => "heard",
    (error: Error) => error.message,
  );
  const [channel = ""] = channels;
  studio.take({ kind: "channel_gone", channel, cause: 21, sipCode: 603 });
  // The turn in which nobody waiting would end the process.
  await turn();
  resolve(undefined);
  assert.equal(await outcome, "Agent 302 did not take the call: it was declined.");
});
