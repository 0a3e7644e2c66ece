import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import type { DoctorFacts } from "../../src/api/doctor.ts";
import { type CertificateFacts, checkCertificate } from "../../src/cli/doctor/certificate.ts";
import { checkTime, checkTimeZoneData } from "../../src/cli/doctor/clock.ts";
import { checkDisk, type Disk } from "../../src/cli/doctor/disk.ts";
import { examineHome } from "../../src/cli/doctor/doctor.ts";
import { checkFiles, checkUsers, type FileFacts } from "../../src/cli/doctor/files.ts";
import type { Finding } from "../../src/cli/doctor/finding.ts";
import { filesOf, neededModules } from "../../src/cli/doctor/machine.ts";
import { checkBound, checkRtpRange, type Listener, parseListeners } from "../../src/cli/doctor/ports.ts";
import * as told from "../../src/cli/doctor/told.ts";
import { failure } from "../../src/cli/errors.ts";
import { readCertificate } from "../../src/config/certificate.ts";
import { makeCertificate, serviceUser } from "../support/certificates.ts";
import { startReal } from "./real.ts";
import { hotline, makeHome } from "./support.ts";

const healthy: DoctorFacts = {
  version: "0.1.0",
  pid: 17,
  pbx: {
    connected: true,
    amiConnected: true,
    version: "22.10.1+dfsg-1",
    modules: ["a.so", "b.so"],
    trunk: "online",
  },
  phones: [
    { agent: "201", phone: "reachable", loggedIn: true },
    { agent: "202", phone: "unreachable", loggedIn: false },
  ],
  hotlines: [{ id: "demo", timeZone: "Europe/Berlin", soundsMissing: [], soundsUnderWay: false, sounds: 14 }],
  store: { backlog: 0, damage: [], tablesChecked: 15, tables: 15, lastBackup: null, lastCopy: null },
  alarms: [],
};
const pbx = (change: Partial<DoctorFacts["pbx"]>): DoctorFacts => ({
  ...healthy,
  pbx: { ...healthy.pbx, ...change },
});
const store = (change: Partial<DoctorFacts["store"]>): DoctorFacts => ({
  ...healthy,
  store: { ...healthy.store, ...change },
});

/** `problem disk only 5 MB`; and whatever is not right has advice. */
function said(findings: Finding | readonly Finding[]): string[] {
  return [findings].flat().map(({ check, result, what, advice }) => {
    assert.equal(advice === null, result === "ok", `${check}: ${what}`);
    return `${result} ${check} ${what}`;
  });
}
function finds(findings: Finding | readonly Finding[], ...patterns: RegExp[]): void {
  const lines = said(findings);
  assert.equal(lines.length, patterns.length, lines.join("\n"));
  for (const [i, pattern] of patterns.entries()) assert.match(lines[i]!, pattern);
}

suite("what the daemon tells", () => {
  test("the daemon's version", () => {
    finds(told.checkVersion(healthy, "0.1.0"), /^ok daemon runs, version 0\.1\.0, pid 17$/);
    finds(told.checkVersion(healthy, "0.2.0"), /^warning daemon version 0\.1\.0 runs, but .* is 0\.2\.0/);
  });
  test("Asterisk's version and connection", () => {
    for (const version of ["22.10.1", "22.10.2+x", "22.11.0", "23.0.0"])
      finds(told.checkAsterisk(pbx({ version })), /^ok asterisk reachable/);
    for (const version of ["22.10.0", "22.9.7", "20.99.9"])
      finds(told.checkAsterisk(pbx({ version })), /^problem asterisk version .* too old/);
    finds(told.checkAsterisk(pbx({ version: "GIT-master" })), /^unknown asterisk/);
    finds(
      told.checkAsterisk(pbx({ connected: false, version: null })),
      /^problem asterisk .*no call can be taken/,
    );
  });
  test("the manager", () => {
    finds(told.checkManager(healthy), /^ok manager/);
    finds(told.checkManager(pbx({ amiConnected: false })), /^warning manager/);
  });
  test("modules", () => {
    finds(told.checkModules(healthy, ["a.so"]), /^ok modules all 1/);
    finds(
      told.checkModules(healthy, ["a.so", "c.so"]),
      /^problem modules 1 of Asterisk's modules do not run: c\.so/,
    );
    finds(told.checkModules(pbx({ modules: null }), []), /^unknown modules/);
    assert.ok(neededModules().includes("res_pjsip.so"));
  });
  test("the trunk", () => {
    const to = "192.0.2.1:5060";
    finds(told.checkTrunk(healthy, to), /^ok trunk .*192\.0\.2\.1:5060/);
    finds(told.checkTrunk(healthy, null), /^warning trunk there is none/);
    finds(told.checkTrunk(pbx({ trunk: "offline" }), to), /^problem trunk .* calls it offline/);
    finds(told.checkTrunk(pbx({ trunk: "none" }), to), /^problem trunk Asterisk does not know it/);
    finds(told.checkTrunk(pbx({ trunk: null }), to), /^unknown trunk/);
  });
  test("phones", () => {
    finds(told.checkPhones(healthy), /^ok phones 1 of 2 registered and reachable$/);
    const phones = (...list: DoctorFacts["phones"]) => ({ ...healthy, phones: list });
    finds(told.checkPhones(phones()), /^warning phones there are no agents yet/);
    const lost = { agent: "202", phone: "unreachable", loggedIn: true } as const;
    finds(told.checkPhones(phones(...healthy.phones, lost)), /^warning phones 1 of 3 .*not reachable: 202$/);
    finds(told.checkPhones(phones({ ...lost, phone: "unknown" })), /^warning phones .*not known yet: 202/);
    finds(told.checkPhones(phones({ ...lost, loggedIn: false })), /^warning phones 0 of 1/);
  });
  test("sounds", () => {
    finds(told.checkSounds(healthy), /^ok sounds all 14/);
    const hotlines = [{ ...healthy.hotlines[0]!, soundsMissing: ["greeting"] }];
    finds(told.checkSounds({ ...healthy, hotlines }), /^problem sounds 1 of 14 .*demo\/greeting/);
    const coming = hotlines.map((hotline) => ({ ...hotline, soundsUnderWay: true }));
    finds(told.checkSounds({ ...healthy, hotlines: coming }), /^warning sounds 1 of 14 .*still being made/);
  });
  test("time zones of hotlines", () => {
    finds(told.checkZones(healthy), /^ok zones .*Europe\/Berlin/);
    const hotlines = [{ ...healthy.hotlines[0]!, timeZone: "Europe/Erfurt" }];
    finds(told.checkZones({ ...healthy, hotlines }), /^problem zones .*Europe\/Erfurt \(demo\)/);
  });
  test("the machine's own time zone", () => {
    const now = new Date("2026-11-30T12:00:00Z");
    const zone = (machineZone: string) => told.checkMachineZone(healthy, machineZone, now);
    finds(
      zone("Europe/Berlin"),
      /^ok clock zone the machine's clock is in Europe\/Berlin, as opening hours are$/,
    );
    finds(zone("Europe/Paris"), /Europe\/Paris, as opening hours are$/);
    finds(
      zone("UTC"),
      /^ok clock zone .* in UTC, opening hours are in Europe\/Berlin .*`hotline watch` show the/,
    );
    // The same in winter only.
    finds(zone("Africa/Lagos"), /^ok clock zone .*timedatectl set-timezone Europe\/Berlin/);
    finds(told.checkMachineZone({ ...healthy, hotlines: [] }, "UTC", now), /^ok clock zone [^,]*UTC$/);
  });
  test("the database", () => {
    finds(told.checkDatabase(healthy), /^ok database no damage in 15 tables/);
    finds(told.checkDatabase(store({ damage: ["Page 7 is never used"] })), /^problem database .*Page 7/);
    finds(told.checkDatabase(store({ backlog: 5_000 })), /^problem database 5000 changes are not on disk/);
    finds(told.checkDatabase(store({ tablesChecked: 3 })), /^unknown database no damage in the 3 of 15/);
  });
  test("the last backup", () => {
    const now = Date.parse("2026-11-23T12:00:00Z");
    const of = (lastBackup: string | null) => told.checkBackup(store({ lastBackup }), now);
    finds(of(null), /^warning backup none was ever taken/);
    finds(of("2026-11-22T12:00:00.000Z"), /^ok backup the last one is of 2026-11-22/);
    finds(of("2026-11-01T12:00:00.000Z"), /^warning backup .*: 22 days old/);
  });

  test("alarms", () => {
    const alarms = [{ code: "store", message: "The disk is full." }];
    finds(told.checkAlarms({ ...healthy, alarms }), /^problem alarm The disk is full\. \(store\)/);
  });
});

suite("what the machine shows", () => {
  const giga = 1024 ** 3;
  const disk: Disk = { bytesFree: 50 * giga, bytes: 100 * giga, inodesFree: 900, inodes: 1_000, walBytes: 0 };
  const diskWith = (change: Partial<Disk>) => checkDisk({ ...disk, ...change }, "/h");
  test("the disk", () => {
    finds(checkDisk(disk, "/h"), /^ok disk 51200 MB free/);
    finds(diskWith({ bytesFree: giga / 2 }), /^warning disk only 512 MB/);
    finds(diskWith({ bytesFree: giga / 8 }), /^problem disk only 128 MB/);
    finds(diskWith({ inodesFree: 30 }), /^ok disk/, /^warning inodes/);
    finds(diskWith({ inodesFree: 3 }), /^ok disk/, /^problem inodes only 3 of 1000/);
    finds(diskWith({ inodes: 0, inodesFree: 0 }), /^ok disk/);
    finds(diskWith({ walBytes: giga }), /^ok disk/, /^warning wal .*1024 MB/);
    finds(checkDisk(null, "/h"), /^unknown disk/);
  });

  test("the clock", () => {
    const saying = (answers: Record<string, string>) => (command: string) => answers[command] ?? null;
    finds(checkTime(saying({ timedatectl: "yes\n" }), false), /^ok time/);
    finds(checkTime(saying({ timedatectl: "no\n" }), false), /^warning time the clock is not synchronised/);
    const chronyc = "Reference ID : C0\nLeap status     : Normal\n";
    finds(checkTime(saying({ timedatectl: "no", chronyc }), false), /^ok time .*chrony/);
    finds(
      checkTime(saying({ chronyc: "Leap status     : Not synchronised" }), false),
      /^warning time .*Not sync/,
    );
    finds(checkTime(saying({ timedatectl: "no\n" }), true), /^unknown time in a container/);
    finds(checkTime(saying({}), false), /^unknown time/);
  });

  test("time zone data", () => {
    const now = new Date("2026-11-23T00:00:00Z");
    finds(checkTimeZoneData("2025b", now), /^ok tzdata/);
    finds(checkTimeZoneData("2024a", now), /^warning tzdata/);
    finds(checkTimeZoneData(undefined, now), /^unknown tzdata/);
  });

  test("/proc/net is read", () => {
    const text = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:61E4 00000000:0000 0A 00000000:00000000 00:00000000 00000000   994        0 11 2 0 0
   1: 0100007F:61E4 0100007F:9999 01 00000000:00000000 00:00000000 00000000   994        0 12 2 0 0
   2: 00000000000000000000000000000000:13C4 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 13 2 0
   3: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 14 2 0
   4: 0000000000000000FFFF00000100A8C0:0050 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 15 2 0
`;
    assert.deepEqual(
      parseListeners(text, "tcp").map(({ address, port, uid, inode }) => [address, port, uid, inode]),
      [
        ["127.0.0.1", 25060, 994, "11"],
        ["::", 5060, 0, "13"],
        ["::1", 80, 0, "14"],
        ["192.168.0.1", 80, 0, "15"],
      ],
    );
  });

  test("ports", () => {
    const wanted = {
      bind: "192.0.2.5",
      sip: 5060,
      ari: 8088,
      ami: 5038,
      http: 8080,
      rtp: { from: 100, to: 200 },
    };
    const at = (protocol: "tcp" | "udp", address: string, port: number, inode = "ours"): Listener => ({
      ...{ protocol, address, port, inode },
      uid: 1,
    });
    const right = [at("udp", "192.0.2.5", 5060), at("tcp", "127.0.0.1", 8088), at("tcp", "127.0.0.1", 5038)];
    const check = (...all: Listener[]) => checkBound(wanted, all, ({ inode }) => inode === "ours");
    const [sip, ari, ami, rtp] = [/^ok sip/, /^ok ari/, /^ok ami/, /^ok rtp/];
    finds(check(...right), sip, ari, ami, rtp);
    finds(check(...right, at("udp", "0.0.0.0", 150)), sip, ari, ami, rtp);
    finds(check(...right.slice(1)), /^problem sip nobody listens on UDP port 5060/, ari, ami, rtp);
    // Somebody else's loopback is another place.
    finds(check(...right.slice(1), at("udp", "127.0.0.1", 5060)), /^problem sip nobody/, ari, ami, rtp);
    finds(
      check(...right.slice(1), at("udp", "0.0.0.0", 5060, "x")),
      /^problem sip .*another program/,
      ari,
      ami,
      rtp,
    );
    finds(
      check(right[0]!, at("tcp", "0.0.0.0", 8088), right[2]!),
      sip,
      /^problem ari .*other machines \(0/,
      ami,
      rtp,
    );
    finds(check(right[0]!, right[1]!, at("tcp", "::", 5038)), sip, ari, /^problem ami .*other machines/, rtp);
    finds(check(right[0]!, right[1]!), sip, ari, /^problem ami nobody/, rtp);
    finds(check(...right, at("udp", "0.0.0.0", 150, "x")), sip, ari, ami, /^warning rtp .*: 150$/);
    finds(check(...right, at("tcp", "127.0.0.1", 8080, "x")), sip, ari, ami, /^problem http port 8080/, rtp);
    finds(check(...right, at("tcp", "127.0.0.1", 8080)), sip, ari, ami, rtp);
    finds(checkRtpRange({ from: 10_000, to: 20_000 }, 2_500));
    finds(
      checkRtpRange({ from: 10_000, to: 10_399 }, 1_000),
      /^warning rtp range .*10000-10399 .* 100 calls, but 1000 may be in/,
    );
  });

  test("files", () => {
    const file = (path: string, mode: number, uid = 7): FileFacts => ({ path, kind: "file", mode, uid });
    const folder = (path: string, mode: number, uid = 7): FileFacts => ({ path, kind: "folder", mode, uid });
    const home = folder("", 0o755);
    const closed = [
      home,
      folder("secrets", 0o700),
      file("secrets/ari-password", 0o600),
      file("hotline.db", 0o640),
    ];
    finds(checkFiles(closed, []), /^ok files permissions and owners of 4 files/);
    finds(checkFiles([...closed, file("secrets/x", 0o640)], []), /^problem secrets .*secrets\/x \(640\)/);
    finds(
      checkFiles([...closed, file("hotline.db-wal", 0o644)], []),
      /^problem files .*hotline\.db-wal \(644\)/,
    );
    // Nobody gets there.
    finds(checkFiles([...closed, folder("data", 0o750), file("data/x", 0o666)], []), /^ok files/);
    finds(
      checkFiles([...closed, folder("data", 0o751), file("data/x", 0o602)], []),
      /^problem files .*data\/x/,
    );
    finds(checkFiles([folder("", 0o750), file("x", 0o644)], []), /^ok files/);
    const socket = { path: "run/admin.sock", kind: "socket", uid: 7 } as const;
    finds(checkFiles([...closed, { ...socket, mode: 0o666 }], []), /^problem socket .*\(666\)/);
    finds(checkFiles([...closed, { ...socket, mode: 0o660 }], []), /^ok files/);
    finds(checkFiles([...closed, file("sounds/x", 0o640, 0)], []), /^warning owner .*sounds\/x/);
    finds(checkFiles([...closed, file("run/applied", 0o640, 0)], []), /^ok files/);
    finds(checkFiles([folder("", 0o750, 0)], []), /^problem owner .*root/);
    finds(checkFiles(closed, ["secrets"]), /^ok files/, /^unknown files .*secrets/);
  });

  test("the certificate", async (t) => {
    const home = makeHome(t);
    const files = makeCertificate(join(home, "tls"));
    const other = makeCertificate(join(home, "other"), { fromDays: -20, toDays: 2 });
    const tls = { port: 5061, ...files };
    const { certificate, faults } = readCertificate(tls, home);
    const facts: CertificateFacts = {
      ...{ tls, certificate, faults, unreadable: [], keyMode: 0o100600, shown: { kind: "unasked" } },
    };
    const inDays = (days: number, change: Partial<CertificateFacts> = {}) =>
      checkCertificate({ ...facts, ...change }, new Date(Date.now() + days * 86_400_000 + 60_000));
    finds(
      inDays(0),
      /^ok certificate sip\.example\.org, \*\.sip\.example\.org, 127\.0\.0\.1, valid from 2\S+ to 2\S+: 89 days left$/,
    );
    finds(inDays(58), /^ok .*: 31 days left$/);
    finds(inDays(60), /^warning certificate .*: 29 days left$/);
    finds(inDays(89), /^warning certificate .*: 0 days left$/);
    finds(inDays(92), /^problem certificate .*: expired 2 days ago; phones/);
    finds(inDays(-3), /^problem certificate .*: not valid yet/);
    finds(inDays(0, { keyMode: 0o100644 }), /^problem certificate .*private key: .*\.key \(644\)$/);
    finds(inDays(0, { keyMode: 0o100640 }), /^ok/);
    finds(inDays(0, { unreadable: [tls.key] }), /^problem certificate the user under which .* may not read/);
    finds(inDays(0, { shown: { kind: "silent", why: "nobody listens there" } }), /^problem .*5061 does not/);
    const shows = (file: string) =>
      ({ kind: "certificate", certificate: new X509Certificate(readFileSync(file)) }) as const;
    finds(inDays(0, { shown: shows(files.certificate) }), /^ok/);
    finds(inDays(0, { shown: shows(other.certificate) }), /^warning .* still shows phones another one/);
    finds(inDays(5, { shown: shows(other.certificate) }), /^problem .* still shows phones another one/);
    const mixed = readCertificate({ certificate: files.certificate, key: other.key }, home);
    finds(inDays(0, mixed), /^problem certificate sip\.tls\.key .*\.key does not belong to/);
    const hidden = [{ role: "key", kind: "hidden", message: "may not be read by this user" }] as const;
    finds(inDays(0, { faults: hidden }), /^unknown certificate may not be read by this user$/);
  });

  test("nothing runs as root", () => {
    finds(checkUsers([{ name: "daemon", pid: 5, uid: 7 }]));
    finds(checkUsers([{ name: "daemon", pid: 5, uid: 0 }]), /^problem root daemon runs as root \(pid 5\)/);
  });

  test("a home is looked through without following links", (t) => {
    const home = makeHome(t);
    mkdirSync(join(home, "secrets"));
    writeFileSync(join(home, "secrets", "x"), "");
    chmodSync(join(home, "secrets", "x"), 0o600);
    const { files, unseen } = filesOf(home);
    assert.deepEqual(files.map(({ path, kind }) => `${kind} ${path}`).sort(), [
      "file secrets/x",
      "folder ",
      "folder secrets",
    ]);
    assert.equal(files.find(({ path }) => path === "secrets/x")?.mode, 0o600);
    assert.deepEqual(unseen, []);
  });
});

suite("hotline doctor", { concurrency: 2 }, () => {
  test("the daemon is down: that first, then what can be checked without it", async (t) => {
    const home = makeHome(t);
    const { code, stdout, stderr } = await hotline(home, ["doctor", "--json"]);
    assert.equal(code, 1);
    assert.match(stderr, /^hotline: \d+ problems were found\n$/);
    const { ok, findings } = JSON.parse(stdout) as { ok: boolean; findings: Finding[] };
    assert.equal(ok, false);
    assert.equal(findings[0]?.check, "daemon");
    assert.match(findings[0]?.what ?? "", /the hotline is not running/);
    const checks = findings.map(({ check }) => check);
    for (const check of ["asterisk", "config", "disk", "time", "tzdata"])
      assert.ok(checks.includes(check), check);
    const text = await hotline(home, ["doctor"]);
    assert.match(text.stdout, /^PROBLEM {2}daemon +the hotline is not running/);
    assert.match(text.stdout, /\n +-> scripts\/up/);
  });

  test("the certificate is looked at while all is down: soon to expire, expired, another's key", async (t) => {
    for (const [toDays, result, what] of [
      [90, "ok", /: 89 days left$/],
      [10, "warning", /: 9 days left$/],
      [-3, "problem", /: expired 3 days ago/],
    ] as const) {
      const home = makeHome(t);
      chmodSync(home, 0o755);
      const { key } = makeCertificate(join(home, "tls"), { fromDays: -20, toDays });
      // In a home that is up it is the service's user's own.
      const service = serviceUser();
      if (service !== null) chownSync(key, service, service);
      writeFileSync(
        join(home, "hotline.yaml"),
        "sip: { tls: { certificate: tls/sip.example.org.pem, key: tls/sip.example.org.key } }\n",
      );
      const certificates = async () => {
        const { stdout } = await hotline(home, ["doctor", "--json"]);
        const { findings } = JSON.parse(stdout) as { findings: Finding[] };
        const files = findings.filter(({ check }) => check === "files").map((each) => each.what);
        assert.ok(!files.some((each) => each.includes("tls/")), files.join("\n"));
        return findings.filter(({ check }) => check === "certificate");
      };
      const found = await certificates();
      assert.deepEqual(
        found.map((finding) => finding.result),
        [result],
      );
      assert.match(found[0]!.what, what);
      makeCertificate(join(home, "other"));
      writeFileSync(key, readFileSync(join(home, "other", "sip.example.org.key")));
      assert.match((await certificates())[0]!.what, /^sip\.tls\.key .* does not belong to the certificate/);
    }
  });

  test("who may not ask the daemon is told so, and not that it is down", async () => {
    const refused = failure(
      "this user may not use the socket",
      Object.assign(new Error("x"), { code: "EACCES" }),
    );
    const findings = await examineHome("/nonexistent", () => Promise.reject(refused));
    finds(findings.slice(0, 1), /^problem daemon this user may not use the socket$/);
    assert.ok(!findings.some(({ check }) => check === "asterisk"));
  });

  test("what the daemon tells is judged", async (t) => {
    const real = await startReal(t);
    const { stdout } = await hotline(real.home, ["doctor", "--json"]);
    const { findings } = JSON.parse(stdout) as { findings: Finding[] };
    const by = (check: string) => findings.find((finding) => finding.check === check);
    assert.match(by("database")?.what ?? "", /^no damage in \d+ tables$/);
    assert.match(by("asterisk")?.what ?? "", /reachable, version 22\.10\.1/);
    assert.match(by("phones")?.what ?? "", /0 of 3/);
    // The Asterisk of this test has none.
    assert.equal(by("modules")?.result, "problem");
  });
});
