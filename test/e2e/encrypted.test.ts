/** Phones at home: TLS and SRTP, beside phones in the office that have neither. */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { connect } from "node:tls";
import type { NewAgent } from "../../src/api/schemas.ts";
import type { Finding } from "../../src/cli/doctor/finding.ts";
import { testAftermath } from "../support/aftermath.ts";
import { Baresip } from "../support/baresip.ts";
import { makeCertificate } from "../support/certificates.ts";
import { useSystem } from "../support/system.ts";
import { level, tone, tonesIn } from "../support/tones.ts";

const system = useSystem();
const [callerHertz, homeHertz, officeHertz] = [440, 1_000, 700];
const srtpIsOn = "SRTP is Enabled (cryptosuite=AES_CM_128_HMAC_SHA1_80)";
let home: NewAgent["sip"];
let phone: Baresip;
after(() => phone?.stop());

const certificateFolder = () => join(system.home, "tls");
const certificateFile = () => join(certificateFolder(), "localhost.pem");
/** Ports of a block are taken in a row from its first one. */
const tlsPort = () => system.ports.http + 1;

/** The certificate that the hotline shows to whoever offers these versions of TLS; rejects when it takes none of them. */
async function shown(
  minVersion: "TLSv1" | "TLSv1.2" | "TLSv1.3",
  maxVersion: "TLSv1.1" | "TLSv1.2" | "TLSv1.3",
) {
  const { promise, resolve, reject } = Promise.withResolvers<X509Certificate | undefined>();
  const options = { host: "127.0.0.1", port: tlsPort(), rejectUnauthorized: false, minVersion, maxVersion };
  const socket = connect({ ...options, ciphers: "DEFAULT:@SECLEVEL=0" }, () => {
    resolve(socket.getPeerX509Certificate());
  });
  socket.on("error", reject);
  return promise.finally(() => socket.destroy());
}

const printOf = (file: string) => new X509Certificate(readFileSync(file)).fingerprint256;

test("a certificate in the home, three lines in hotline.yaml and scripts/up turn it on", async () => {
  makeCertificate(certificateFolder(), { name: "localhost" });
  const file = join(system.home, "hotline.yaml");
  const tls = `  tls: { port: ${tlsPort()}, certificate: tls/localhost.pem, key: tls/localhost.key }\n`;
  writeFileSync(file, readFileSync(file, "utf8").replace(/^sip:\n/m, `sip:\n${tls}`));
  await system.up();
  await system.change("hotline", "set", "demo", "--wrap-up", "0s");
  home = (await system.addAgent("511")) as NewAgent["sip"];
  assert.deepEqual(home.tls, { host: "localhost", port: tlsPort() });
});

test("TLS 1.2 and 1.3 are spoken, nothing older", async () => {
  for (const version of ["TLSv1.2", "TLSv1.3"] as const)
    assert.equal((await shown(version, version))?.fingerprint256, printOf(certificateFile()));
  await assert.rejects(shown("TLSv1", "TLSv1.1"), /protocol version/);
});

test("an agent at home and a caller hear each other, encrypted as far as the hotline", {
  timeout: 60_000,
}, async () => {
  // baresip asks a name server for each name, and there is none here.
  phone = await Baresip.start({
    hertz: homeHertz,
    account: { ...home, host: "127.0.0.1", port: tlsPort() },
    trusts: certificateFile(),
  });
  await system.change("agent", "login", "511");
  await system.waitForAgent("511", "ready");
  const call = await system.call("115", { sound: tone(callerHertz) });
  await phone.event("CALL_INCOMING");
  await phone.accept();
  await call.hears(homeHertz);
  assert.equal(phone.said(srtpIsOn), 1, phone.describe());
  call.hangUp();
  await phone.event("CALL_CLOSED");
  assert.deepEqual(tonesIn(call.recording(), [callerHertz, homeHertz], 100), [homeHertz]);
  assert.deepEqual(tonesIn(phone.recording(), [callerHertz, homeHertz], 100), [callerHertz]);
});

test("from home an agent logs out and in by code, and hears the confirmation encrypted", {
  timeout: 60_000,
}, async () => {
  for (const state of ["logged_out", "ready"] as const) {
    const before = phone.said(srtpIsOn);
    await phone.dial("*45", { port: tlsPort(), transport: "tls" });
    await phone.event("CALL_CLOSED");
    assert.equal(phone.said(srtpIsOn), before + 1, phone.describe());
    assert.ok(level(phone.recording()) > 100, "nothing was heard");
    await system.waitForAgent("511", state);
  }
});

test("a phone in the office goes on over UDP without encryption, and the two can talk", {
  timeout: 60_000,
}, async () => {
  const office = await system.agent("512", { sound: tone(officeHertz) });
  const call = await system.call("115", { sound: tone(callerHertz) });
  await phone.event("CALL_INCOMING");
  await phone.accept();
  await call.hears(homeHertz);
  const second = await system.call("115", { sound: tone(callerHertz) });
  const rung = await office.nextCall();
  await rung.answer();
  await second.hears(officeHertz);
  await rung.hears(callerHertz);
  for (const each of [call, second]) each.hangUp();
  await phone.event("CALL_CLOSED");
  await rung.ended();
  await system.waitForAgent("511", "ready");

  const colleague = await office.call("511", { port: system.sipPort });
  await phone.event("CALL_INCOMING");
  await phone.accept();
  await colleague.hears(homeHertz);
  colleague.hangUp();
  await phone.event("CALL_CLOSED");
});

test("a renewed certificate is shown after scripts/up, and calls at home go on meanwhile", {
  timeout: 60_000,
}, async () => {
  const call = await system.call("115", { sound: tone(callerHertz) });
  await phone.event("CALL_INCOMING");
  await phone.accept();
  await call.hears(homeHertz);
  const old = printOf(certificateFile());
  makeCertificate(certificateFolder(), { name: "localhost", toDays: 10 });
  const certificates = async () => {
    const { stdout } = await system.hotline("doctor", "--json");
    const { findings } = JSON.parse(stdout) as { findings: Finding[] };
    return findings.filter(({ check }) => check === "certificate").map(({ what }) => what);
  };
  assert.equal((await shown("TLSv1.2", "TLSv1.3"))?.fingerprint256, old);
  assert.match((await certificates()).join("\n"), /still shows phones another one/);
  await system.up();
  assert.equal((await shown("TLSv1.2", "TLSv1.3"))?.fingerprint256, printOf(certificateFile()));
  const [left, ...others] = await certificates();
  assert.match(left!, /: 9 days left$/);
  assert.deepEqual(others, []);
  await call.hears(homeHertz);
  call.hangUp();
  await phone.event("CALL_CLOSED");
});

// To turn it on, Asterisk was started again.
testAftermath(system, {
  daemon: [
    /"the connection to Asterisk is lost"/,
    /"not connected to (Asterisk|AMI), trying again"/,
    /"Asterisk shuts down"/,
    /"alarm":"(asterisk|ami)"/,
  ],
  asterisk: [/ws_safe_read: Web socket closed abruptly/, /session_read: WebSocket read error/],
});
