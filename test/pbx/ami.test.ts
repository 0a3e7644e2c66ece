import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, it } from "node:test";
import { AmiConnection, AmiError, type AmiEvent } from "../../src/pbx/ami/connection.ts";
import { SecurityLog } from "../../src/pbx/ami/security.ts";
import { AmiWatch } from "../../src/pbx/ami/watch.ts";
import { testLog } from "./ari-log.ts";

type Action = Record<string, string>;

/** Plays AMI on loopback. `reply` returns the text for an action, or null for none. */
class FakeAmi {
  readonly actions: Action[] = [];
  readonly sockets: Socket[] = [];
  readonly #server: Server;
  reply: (action: Action) => string | null = ({ ActionID }) =>
    `Response: Success\r\nActionID: ${ActionID}\r\n\r\n`;

  private constructor() {
    this.#server = createServer((socket) => {
      this.sockets.push(socket);
      socket.on("error", () => {});
      socket.write("Asterisk Call Manager/11.0.0\r\n");
      let text = "";
      socket.setEncoding("utf8");
      socket.on("data", (chunk: string) => {
        text += chunk;
        for (let end = text.indexOf("\r\n\r\n"); end >= 0; end = text.indexOf("\r\n\r\n")) {
          const lines = text.slice(0, end).split("\r\n");
          text = text.slice(end + 4);
          const action = Object.fromEntries(lines.map((line) => line.split(": ") as [string, string]));
          this.actions.push(action);
          const answer = this.reply(action);
          if (answer) socket.write(answer);
        }
      });
    });
  }

  static async start(): Promise<FakeAmi> {
    const fake = new FakeAmi();
    fake.#server.listen(0, "127.0.0.1");
    await once(fake.#server, "listening");
    return fake;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address ? address.port : 0;
  }

  send(text: string): void {
    this.sockets.at(-1)?.write(text);
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }
}

const success = ({ ActionID }: Action) => `Response: Success\r\nActionID: ${ActionID}\r\n\r\n`;
const contact = (id: string, name: string, status: string) =>
  `Event: ContactList\r\nActionID: ${id}\r\nObjectName: ${name};@0123\r\nStatus: ${status}\r\n\r\n`;

/** Answers in pieces, with an event of somebody else's list between. */
const contactList = ({ ActionID }: Action) =>
  `Response: Success\r\nActionID: ${ActionID}\r\nEventList: start\r\n\r\n${contact(ActionID!, "p201", "Reachable")}` +
  contact("other", "p999", "Reachable") +
  contact(ActionID!, "p202", "NonQualified") +
  `Event: ContactListComplete\r\nActionID: ${ActionID}\r\nEventList: Complete\r\nListItems: 2\r\n\r\n`;

describe("AMI", () => {
  let server: FakeAmi;
  let ended: (() => void | Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of ended.splice(0)) await end();
    await server.stop();
    ended = [];
  });

  const options = () => ({
    host: "127.0.0.1",
    port: server.port,
    user: "hotline",
    password: "secret",
    actionTimeoutMs: 100,
    eventMask: "system,security",
  });
  const open = async (onEvent: (event: AmiEvent) => void = () => {}) => {
    const connection = await AmiConnection.open(options(), onEvent);
    ended.push(() => connection.cut("test is over"));
    return connection;
  };

  it("logs in, then sets the event mask", async () => {
    server = await FakeAmi.start();
    await open();
    assert.deepEqual(
      server.actions.map(({ Action, Eventmask }) => [Action, Eventmask]),
      [
        ["login", undefined],
        ["Events", "system,security"],
      ],
    );
  });

  it("says why it was not let in", async () => {
    server = await FakeAmi.start();
    server.reply = ({ ActionID }) =>
      `Response: Error\r\nActionID: ${ActionID}\r\nMessage: Authentication failed\r\n\r\n`;
    await assert.rejects(open(), /Authentication failed/);
  });

  it("gives up on a login and an action that are not answered", async () => {
    server = await FakeAmi.start();
    server.reply = () => null;
    await assert.rejects(open(), AmiError);
    server.reply = (action) => (action.Action === "Ping" ? null : success(action));
    const connection = await open();
    await assert.rejects(connection.action({ action: "Ping" }), /no answer within/);
  });

  it("gives up on what is under way when the connection ends", async () => {
    server = await FakeAmi.start();
    server.reply = (action) => (action.Action === "Ping" ? null : success(action));
    const connection = await open();
    const ping = connection.action({ action: "Ping" });
    server.sockets[0]?.destroy();
    await assert.rejects(ping, AmiError);
    await connection.ended;
  });

  it("refuses line breaks", async () => {
    server = await FakeAmi.start();
    const connection = await open();
    const before = server.actions.length;
    for (const endpoint of ["x\r\nAction: Originate", "x\n", "x\0"])
      await assert.rejects(connection.action({ action: "PJSIPQualify", endpoint }), /line breaks/);
    assert.equal(server.actions.length, before);
  });

  it("collects a list by its own id until it is complete", async () => {
    server = await FakeAmi.start();
    server.reply = (action) =>
      action.Action === "PJSIPShowContacts" ? contactList(action) : success(action);
    const connection = await open();
    const names = (await connection.list({ action: "PJSIPShowContacts" })).map(
      ({ objectname }) => objectname,
    );
    assert.deepEqual(names, ["p201;@0123", "p202;@0123"]);
  });

  const watch = (log = testLog()) => {
    const times = { pingEveryMs: 20, backoffFirstMs: 5, backoffLongestMs: 10, outageMs: 1_000 };
    const watching = new AmiWatch({ ...options(), ...times }, log, () => undefined);
    ended.push(() => watching.stop());
    watching.start();
    return watching;
  };

  it("connects anew after a loss in the middle of a line", async () => {
    server = await FakeAmi.start();
    server.reply = (action) =>
      action.Action === "PJSIPShowContacts" ? contactList(action) : success(action);
    const watching = watch();
    assert.deepEqual(await watching.unproven(1000), ["p202"]);
    server.send("Event: Half a li");
    server.sockets.at(-1)?.end();
    await once(server.sockets.at(-1)!, "close");
    assert.deepEqual(await watching.unproven(1000), ["p202"]);
    assert.equal(server.sockets.length, 2);
  });

  it("notices a connection that has gone silent", async () => {
    server = await FakeAmi.start();
    const watching = watch();
    await watching.unproven(1000);
    server.reply = () => null;
    while (watching.isUp) await once(server.sockets.at(-1)!, "close");
    server.reply = success;
  });

  it("does not hold up others while it is away", async () => {
    server = await FakeAmi.start();
    server.reply = () => null;
    const watching = watch();
    assert.deepEqual(await watching.unproven(5), []);
    await assert.rejects(watching.contacts(), /not connected/);
  });
});

describe("the log of security events", () => {
  const failure = {
    event: "ChallengeResponseFailed",
    service: "PJSIP",
    accountid: "p201",
    remoteaddress: "IPV4/UDP/192.0.2.1/5060",
  };

  it("names who failed from where, and leaves daily business out", () => {
    const log = testLog();
    const security = new SecurityLog(log);
    assert.equal(security.take(failure), true);
    assert.equal(security.take({ event: "SuccessfulAuth" }), true);
    assert.equal(security.take({ event: "FullyBooted" }), false);
    assert.deepEqual(
      log.lines.map(({ fields }) => fields),
      [{ what: "ChallengeResponseFailed", service: "PJSIP", account: "p201", from: "192.0.2.1:5060/udp" }],
    );
  });

  it("writes no more than 20 lines a minute, and says how many were left out", () => {
    const log = testLog();
    let nowMs = 0;
    const security = new SecurityLog(log, () => nowMs);
    for (let count = 0; count < 1000; count += 1) security.take(failure);
    assert.equal(log.lines.length, 20);
    nowMs = 60_000;
    security.take(failure);
    assert.equal(log.lines.length, 22);
    assert.deepEqual(log.lines[20]?.fields, { leftOut: 980, withinMs: 60_000 });
  });
});
