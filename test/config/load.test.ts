import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { renderDefaultConfig } from "../../src/config/defaults.ts";
import { ConfigError, checkConfig, loadConfig, parseConfig } from "../../src/config/load.ts";

const problemsOf = (text: string) =>
  parseConfig(text, "/home").problems.map(({ path, line, message }) => `${line} ${path}: ${message}`);

test("an empty file is a laboratory on one machine", () => {
  const { config } = parseConfig("", "/home");
  assert.ok(config);
  assert.equal(config.bind, "127.0.0.1");
  assert.deepEqual(config.rtp, { from: 10000, to: 20000 });
  assert.deepEqual(config.trunk, { acceptFrom: ["127.0.0.2"], sendTo: { host: "127.0.0.2", port: 5060 } });
  assert.equal(config.announcements.speech, "espeak-ng");
});

test("a home that others reach has no trunk unless it is given", () => {
  assert.equal(parseConfig("bind: 192.0.2.5", "/home").config?.trunk, null);
  const text = "bind: 192.0.2.5\ntrunk:\n  acceptFrom: [198.51.100.0/24]\n  sendTo: sip.example.org:5061\n";
  assert.deepEqual(parseConfig(text, "/home").config?.trunk, {
    acceptFrom: ["198.51.100.0/24"],
    sendTo: { host: "sip.example.org", port: 5061 },
  });
});

test("a pause may be for anything, or for what is listed", () => {
  assert.deepEqual(parseConfig("", "/home").config?.agents, { pauseReasons: [] });
  const text = "agents: { pauseReasons: [Mittag, Besprechung] }";
  assert.deepEqual(parseConfig(text, "/home").config?.agents, { pauseReasons: ["Mittag", "Besprechung"] });
});

const bad: [name: string, text: string, ...problems: RegExp[]][] = [
  ["a typo in a key", "sip:\n  prot: 5060\n", /^2 sip\.prot: is not a known key; allowed here: port, tls$/],
  [
    "a typo at the top",
    "bind: 127.0.0.1\nspi: {}\n",
    /^2 spi: is not a known key; allowed here: bind, sip, /,
  ],
  ["a port too high", "sip:\n  port: 70000", /^2 sip\.port: must be a port, 1 to 65535, not 70000$/],
  ["a port as text", "sip: { port: 'x' }", /^1 sip\.port: must be a port, 1 to 65535, not "x"$/],
  ["half a port", "sip: { port: 5060.5 }", /^1 sip\.port: must be a port/],
  ["no section", "\nsip: 5060", /^2 sip: must be a section with the keys port, tls, not 5060$/],
  ["a list instead of a file", "- 1", /must be a section with the keys bind, /],
  ["no address", "bind: localhost", /^1 bind: must be an IP address such as 127\.0\.0\.1, not "localhost"$/],
  [
    "RTP upside down",
    "rtp: { from: 20000, to: 10000 }",
    /^1 rtp\.to: must be at least rtp\.from \+ 3, so 20003$/,
  ],
  [
    "two on one port",
    "ari: { port: 5038 }",
    /^1 ami\.port: is the same as ari\.port \(5038\); each needs its own$/,
  ],
  ["SIP within RTP", "sip: { port: 15000 }", /^1 sip\.port: must lie outside rtp\.from to rtp\.to/],
  [
    "TLS on a port that is taken",
    "sip: { tls: { port: 5060, certificate: c, key: k } }",
    /^1 sip\.tls\.port: is the same as sip\.port \(5060\); each needs its own$/,
  ],
  [
    "half a certificate",
    "sip:\n  tls:\n    certificate: ''\n",
    /^2 sip\.tls\.key: must be the path of a file such as tls\/privkey\.pem, not missing$/,
    /^3 sip\.tls\.certificate: must be the path of a file such as tls\/fullchain\.pem, not ""$/,
  ],
  [
    "TLS without more",
    "sip: { tls: yes }",
    /^1 sip\.tls: must be a section with the keys port, certificate, key, /,
  ],
  [
    "a typo within TLS",
    "sip: { tls: { certificate: c, key: k, cert: c } }",
    /^1 sip\.tls\.cert: is not a known key; allowed here: port, certificate, key$/,
  ],
  [
    "a placeholder that is none",
    'announcements:\n  speech: [piper, -f, "{{datei}}"]',
    /^2 announcements\.speech: holds \{\{datei\}\}; allowed are \{\{file\}\}, \{\{text\}\}/,
  ],
  [
    "no command that speaks",
    "announcements:\n  speech: []",
    /^2 announcements\.speech: must be a command such as espeak-ng, not \[\]$/,
  ],
  [
    "reasons that are none",
    "agents:\n  pauseReasons: [Mittag, '', 3]",
    /^2 agents\.pauseReasons\.1: must be a reason for a pause such as lunch, 1 to 100 characters, not ""$/,
    /^2 agents\.pauseReasons\.2: must be a reason .*, not 3$/,
  ],
  [
    "one reason",
    "agents: { pauseReasons: Mittag }",
    /^1 agents\.pauseReasons: must be a list of reasons, not "Mittag"$/,
  ],
  [
    "a log level",
    "log:\n  level: loud",
    /^2 log\.level: must be one of trace, debug, info, warn, error, not "loud"$/,
  ],
  [
    "half a trunk",
    "trunk:\n  acceptFrom: [127.0.0.2]",
    /^1 trunk\.sendTo: must be host:port .* not missing$/,
  ],
  [
    "a network",
    "trunk:\n  sendTo: a:1\n  acceptFrom:\n    - 127.0.0.2\n    - 0.0.0.0/0\n",
    /^5 trunk\.acceptFrom\.1: must be an IPv4 address or network .* not "0\.0\.0\.0\/0"$/,
  ],
  [
    "out of reach",
    "trunk: { sendTo: 'a:1', acceptFrom: [192.0.2.1] }",
    /^1 trunk\.acceptFrom\.0: 192\.0\.2\.1 cannot reach/,
  ],
  ["a key twice", "bind: 127.0.0.1\nbind: 127.0.0.3", /^2 bind: stands here a second time/],
  ["broken YAML", "bind: [1\n", /is not valid YAML: /],
  [
    "all at once",
    "spi: 1\nbind: here\nbind: here\nlog: { level: 5 }\n",
    /^1 spi: /,
    /^2 bind: must|^3 bind: must/,
    /^3 bind: /,
    /^4 log\.level: /,
  ],
];

for (const [name, text, ...expected] of bad) {
  test(`refused with place and what is allowed: ${name}`, () => {
    const problems = problemsOf(text);
    assert.equal(problems.length, expected.length, problems.join("\n"));
    for (const [index, pattern] of expected.entries()) assert.match(problems[index]!, pattern);
  });
}

test("the file written for a new home is valid and takes its values from the environment", () => {
  const text = renderDefaultConfig({
    HOTLINE_BIND: "127.0.0.5",
    HOTLINE_SIP_PORT: "6060",
    HOTLINE_HTTP_PORT: "9080",
    HOTLINE_ARI_PORT: "9088",
    HOTLINE_AMI_PORT: "6038",
    HOTLINE_RTP_PORTS: "30000-31000",
  });
  const { config } = parseConfig(text, "/home");
  assert.ok(config);
  assert.deepEqual(
    [config.bind, config.sip.port, config.http.port, config.ari.port, config.ami.port, config.rtp],
    ["127.0.0.5", 6060, 9080, 9088, 6038, { from: 30000, to: 31000 }],
  );
  assert.deepEqual(
    { ...parseConfig(renderDefaultConfig({}), "/home").config },
    { ...parseConfig("", "/home").config },
    "what the file says is what would hold without it",
  );
});

const badEnvironment: [NodeJS.ProcessEnv, RegExp][] = [
  [{ HOTLINE_SIP_PORT: "abc" }, /^HOTLINE_SIP_PORT: sip\.port must be a port, 1 to 65535, not "abc"$/],
  [{ HOTLINE_SIP_PORT: "1 }\nbind: 0.0.0.0" }, /^HOTLINE_SIP_PORT: sip\.port must be a port/],
  [{ HOTLINE_RTP_PORTS: "30000" }, /^HOTLINE_RTP_PORTS must be FROM-TO such as 10000-20000, not "30000"$/],
  [{ HOTLINE_BIND: "eth0" }, /^HOTLINE_BIND: bind must be an IP address/],
];

for (const [env, pattern] of badEnvironment) {
  test(`an unusable ${Object.keys(env)[0]} is refused by its name: ${Object.values(env)[0]?.split("\n")[0]}`, () => {
    assert.throws(() => renderDefaultConfig(env), { message: pattern });
  });
}

test("check and load say the same of a file on disk", async (t) => {
  const home = mkdtempSync(join(tmpdir(), "hotline-"));
  t.after(() => rmSync(home, { recursive: true }));
  const missing = await checkConfig(home);
  assert.equal(missing.config, null);
  assert.match(missing.problems[0]!.message, /does not exist/);

  writeFileSync(join(home, "hotline.yaml"), "sip:\n  prot: 1\n");
  const checked = await checkConfig(home);
  assert.deepEqual(
    [checked.config, checked.problems.map((problem) => [problem.path, problem.line])],
    [null, [["sip.prot", 2]]],
  );
  await assert.rejects(loadConfig(home), (error: unknown) => {
    assert.ok(error instanceof ConfigError);
    assert.match(error.message, /hotline\.yaml:2: sip\.prot is not a known key/);
    return true;
  });
  writeFileSync(join(home, "hotline.yaml"), "sip:\n  port: 5070\n");
  assert.equal((await loadConfig(home)).sip.port, 5070);
});

test("the speech command is a word, words on a line, or a list", () => {
  for (const [written, speech] of [
    ["/opt/say", "/opt/say"],
    ["/opt/say --out {{file}}", ["/opt/say", "--out", "{{file}}"]],
    ['[/opt/my engine/say, "{{text}}"]', ["/opt/my engine/say", "{{text}}"]],
    ["[piper, -f, '{{file}}']", ["piper", "-f", "{{file}}"]],
  ] as const) {
    const { config, problems } = parseConfig(`announcements:\n  speech: ${written}\n`, "/nonexistent");
    assert.deepEqual([config?.announcements.speech, problems], [speech, []]);
  }
});
