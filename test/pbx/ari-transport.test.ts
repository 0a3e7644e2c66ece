import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, describe, it } from "node:test";
import type { Client } from "ari-client";
import { ariClient } from "../../src/pbx/ari/ari-client.ts";
import { AriError } from "../../src/pbx/ari/errors.ts";
import { register, Transport, unregister } from "../../src/pbx/ari/transport.ts";
import { FakeAri } from "./ari-server.ts";

const failsAs = (kind: string) => (error: unknown) => error instanceof AriError && error.kind === kind;

describe("the transport below ari-client", () => {
  let server: FakeAri;
  let transport: Transport;
  let client: Client;

  before(async () => {
    server = await FakeAri.start();
    transport = new Transport({
      origin: server.origin,
      user: "hotline",
      password: "secret",
      timeoutMs: 150,
      connectionsMax: 2,
      waitingMax: 8,
    });
    register(transport);
    client = await ariClient.connect(server.origin, "hotline", "secret");
  });

  after(async () => {
    unregister(transport);
    transport.close();
    await server.stop();
  });

  it("has ari-client without what it takes four fifths of its time to load", () => {
    const loaded = Object.keys(createRequire(import.meta.url).cache);
    assert.ok(loaded.some((file) => file.includes("/node_modules/ari-client/")));
    assert.ok(!loaded.some((file) => file.includes("/node_modules/tough-cookie/")));
  });

  const hangUp = (channelId: string) => client.channels.hangup!({ channelId, reason_code: 16 });

  it("settles a request that is never answered", async () => {
    server.on("DELETE", /\/channels\/hangs$/, "hang");
    await assert.rejects(hangUp("hangs"), failsAs("timed_out"));
  });

  it("settles a request whose connection is reset", async () => {
    server.on("DELETE", /\/channels\/reset$/, "reset");
    await assert.rejects(hangUp("reset"), failsAs("broken"));
  });

  for (const [status, text, kind] of [
    [404, '{"message":"Channel not found"}', "not_found"],
    [400, '{"message":"Channel not found"}', "not_found"],
    [400, '{"message":"Provided originator channel was not found"}', "not_found"],
    [400, '{"message":"Invalid parameter"}', "refused"],
    [409, '{"message":"Channel with given unique ID already exists"}', "conflict"],
    [409, '{"message":"Channel not in Stasis application"}', "not_in_app"],
    [422, '{"message":"Channel not in Stasis application"}', "not_in_app"],
    [500, '{"error":"Allocation failed"}', "no_contact"],
    [500, "<html>Internal Server Error</html>", "failed"],
    [503, '{"message":"Asterisk not booted"}', "unavailable"],
    [401, '{"message":"Authentication required"}', "unauthorized"],
  ] as const) {
    it(`calls ${status} ${text} ${kind}`, async () => {
      server.on("DELETE", /\/channels\/says$/, { status, text }, 1);
      await assert.rejects(hangUp("says"), failsAs(kind));
    });
  }

  it("calls an answer that cannot be read failed", async () => {
    server.on("GET", /\/channels\/garbled$/, { status: 200, text: "{" });
    await assert.rejects(client.channels.get!({ channelId: "garbled" }), failsAs("failed"));
  });

  it("calls a server that is not there unavailable", async () => {
    const gone = await FakeAri.start();
    const { origin } = gone;
    await gone.stop();
    const options = { origin, user: "u", password: "p", timeoutMs: 500, connectionsMax: 1, waitingMax: 1 };
    const nobody = new Transport(options);
    await assert.rejects(nobody.get("/ari/asterisk/info"), failsAs("unavailable"));
  });

  it("repeats a request that met the closing of an idle connection", async () => {
    await hangUp("first");
    for (const socket of server.connections) socket.resetAndDestroy();
    // Not a tick is left to notice it.
    await hangUp("second");
    assert.equal(server.asked.at(-1)?.path, "/ari/channels/second");
  });

  it("opens no more connections than allowed, and refuses what would wait too long in line", async () => {
    server.on("DELETE", /\/channels\/slow\d+$/, { status: 204, afterMs: 10 });
    const results = await Promise.allSettled(Array.from({ length: 12 }, (_, n) => hangUp(`slow${n}`)));
    const refused = results.filter(({ status }) => status === "rejected");
    assert.equal(refused.length, 2);
    assert.ok(refused.every((one) => one.status === "rejected" && failsAs("overloaded")(one.reason)));
    assert.ok(server.connections.size <= 2, `${server.connections.size} connections`);
  });

  it("encodes ids as they are", async () => {
    await hangUp("a/b&c~1~201");
    assert.equal(server.asked.at(-1)?.path, "/ari/channels/a%2Fb%26c~1~201");
  });
});
