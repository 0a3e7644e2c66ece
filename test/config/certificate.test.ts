import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { namesOf, readCertificate } from "../../src/config/certificate.ts";
import { checkConfig, loadConfig, loadConfigAndFiles, parseConfig } from "../../src/config/load.ts";
import { makeCertificate, serviceUser } from "../support/certificates.ts";

/** A home with a certificate in `tls/`, that others may pass through. */
function homeWithCertificate(t: TestContext, options: Parameters<typeof makeCertificate>[1] = {}) {
  const home = mkdtempSync(join(tmpdir(), "hotline-"));
  t.after(() => rmSync(home, { recursive: true }));
  chmodSync(home, 0o755);
  const files = makeCertificate(join(home, "tls"), options);
  const configure = (certificate: string, key: string) =>
    writeFileSync(
      join(home, "hotline.yaml"),
      `sip:\n  tls:\n    certificate: ${certificate}\n    key: ${key}\n`,
    );
  configure("tls/sip.example.org.pem", "tls/sip.example.org.key");
  return { home, ...files, configure };
}

/** `4 sip.tls.key: …`, without the home. */
async function problemsOf(home: string): Promise<string[]> {
  const { problems } = await checkConfig(home);
  return problems.map(({ path, line, message }) => `${line} ${path}: ${message.replaceAll(home, "HOME")}`);
}

test("paths of certificates begin at the home, and the port has a default", async (t) => {
  const { home, certificate, key } = homeWithCertificate(t);
  assert.deepEqual((await loadConfigAndFiles(home)).sip, {
    port: 5060,
    tls: { port: 5061, certificate, key },
  });
  assert.deepEqual(parseConfig("", home).config?.sip.tls, null);
});

test("a certificate that is expired, or not valid yet, is taken: most calls do without", async (t) => {
  for (const [fromDays, toDays] of [
    [-20, -3],
    [3, 90],
  ] as const)
    assert.deepEqual(await problemsOf(homeWithCertificate(t, { fromDays, toDays }).home), []);
});

test("the names of a certificate", (t) => {
  const { home, certificate, key } = homeWithCertificate(t);
  const read = readCertificate({ certificate, key }, home);
  assert.deepEqual(read.faults, []);
  assert.deepEqual(namesOf(read.certificate!), ["sip.example.org", "*.sip.example.org", "127.0.0.1"]);
});

test("files that are not there: each is named, and the daemon alone still starts", async (t) => {
  const { home, configure } = homeWithCertificate(t);
  configure("tls/chain.pem", "/nonexistent/key.pem");
  const problems = await problemsOf(home);
  assert.equal(problems.length, 2);
  assert.match(problems[0]!, /^3 sip\.tls\.certificate: HOME\/tls\/chain\.pem does not exist/);
  assert.match(problems[1]!, /^4 sip\.tls\.key: \/nonexistent\/key\.pem does not exist/);
  await assert.rejects(loadConfigAndFiles(home), /hotline\.yaml:3: sip\.tls\.certificate .*does not exist/);
  assert.equal((await loadConfig(home)).sip.tls?.port, 5061);
});

const wrong: [string, (files: { certificate: string; key: string }) => void, RegExp][] = [
  [
    "another certificate's key",
    ({ certificate, key }) =>
      writeFileSync(key, readFileSync(makeCertificate(join(certificate, "../other")).key)),
    /^4 sip\.tls\.key: HOME\/tls\/sip\.example\.org\.key does not belong to the certificate in HOME.*come first$/,
  ],
  [
    "the two mixed up",
    ({ certificate, key }) => writeFileSync(key, readFileSync(certificate)),
    /^4 sip\.tls\.key: .* holds no private key in PEM format/,
  ],
  [
    "a certificate that is not PEM",
    ({ certificate }) =>
      execFileSync("openssl", ["x509", "-in", certificate, "-outform", "der", "-out", certificate]),
    /^3 sip\.tls\.certificate: .* holds no certificate in PEM format/,
  ],
  [
    "a certificate cut short",
    ({ certificate }) => writeFileSync(certificate, readFileSync(certificate, "utf8").slice(0, 200)),
    /^3 sip\.tls\.certificate: .* holds a damaged certificate: /,
  ],
  [
    "an empty key",
    ({ key }) => writeFileSync(key, ""),
    /^4 sip\.tls\.key: .* holds no private key in PEM format/,
  ],
  [
    "a key with a passphrase",
    ({ key }) => {
      const locked = execFileSync("openssl", ["pkey", "-in", key, "-aes128", "-passout", "pass:secret"]);
      writeFileSync(key, locked);
    },
    /^4 sip\.tls\.key: .* needs a passphrase, which Asterisk does not have\. .*openssl pkey/,
  ],
  [
    "a folder",
    ({ key }) => {
      rmSync(key);
      makeCertificate(key);
    },
    /^4 sip\.tls\.key: .* is a folder, not a file$/,
  ],
];

for (const [name, spoil, pattern] of wrong)
  test(`refused with place and what to do: ${name}`, async (t) => {
    const { home, ...files } = homeWithCertificate(t);
    spoil(files);
    const problems = await problemsOf(home);
    assert.equal(problems.length, 1, problems.join("\n"));
    assert.match(problems[0]!, pattern);
  });

test("refused: an RSA key that nobody takes any more", async (t) => {
  const { home } = homeWithCertificate(t, { rsaBits: 1024 });
  const problems = await problemsOf(home);
  assert.match(problems[0]!, /^3 sip\.tls\.certificate: .* RSA key of 1024 bits; .* none below 2048$/);
});

test("root is told what the service's user may not read, but for what scripts/up will hand over", async (t) => {
  if (serviceUser() === null) return t.skip("needs root and the user hotline");
  // The key is root's alone.
  const { home, configure } = homeWithCertificate(t);
  assert.deepEqual(await problemsOf(home), []);
  const elsewhere = mkdtempSync(join(tmpdir(), "hotline-"));
  t.after(() => rmSync(elsewhere, { recursive: true }));
  const { certificate, key } = makeCertificate(elsewhere);
  configure(certificate, key);
  const both = [
    /^3 sip\.tls\.certificate: .*may not be read by the user hotline/,
    /^4 sip\.tls\.key: .*hotline/,
  ];
  for (const [i, problem] of (await problemsOf(home)).entries()) assert.match(problem, both[i]!);
  chmodSync(elsewhere, 0o755);
  assert.match(
    (await problemsOf(home)).join("\n"),
    /^4 sip\.tls\.key: .*may not be read by the user hotline.*$/,
  );
  chmodSync(key, 0o644);
  assert.deepEqual(await problemsOf(home), []);
});
