import assert from "node:assert/strict";
import { test } from "node:test";
import { type Config, parseConfig } from "../../src/config/load.ts";
import { renderAgents } from "../../src/pbx/render/agents.ts";
import { renderAsterisk } from "../../src/pbx/render/asterisk.ts";
import { renderFallback, renderFallbackQueues } from "../../src/pbx/render/fallback.ts";
import { renderNumbers } from "../../src/pbx/render/numbers.ts";
import { callerId, value } from "../../src/pbx/render/text.ts";
import { renderTrunk } from "../../src/pbx/render/trunk.ts";

const config = parseConfig("", "/srv/home").config!;
const erika = { id: "201", name: "Erika Muster", username: "a201-k7", password: "geheim-geheim" };

/** The sections of a file: heading -> its lines. */
function sections(text: string): [string, string[]][] {
  const found: [string, string[]][] = [];
  for (const line of text.split("\n")) {
    if (line.startsWith("[")) found.push([line, []]);
    else if (line !== "" && !line.startsWith(";")) found.at(-1)?.[1].push(line);
  }
  return found;
}

test("an agent is an endpoint, a login and one contact under one name", () => {
  const phone = sections(renderAgents([erika], config)).filter(([heading]) =>
    heading.startsWith("[a201-k7]"),
  );
  assert.deepEqual(phone, [
    ["[a201-k7](agent-endpoint)", ["auth = a201-k7", "aors = a201-k7", 'callerid = "Erika Muster" <201>']],
    ["[a201-k7]", ["type = auth", "auth_type = digest", "username = a201-k7", "password = geheim-geheim"]],
    ["[a201-k7](agent-aor)", []],
  ]);
});

test("the same agents in another order give the same text", () => {
  const max = { id: "202", name: "Max", username: "a202-x", password: "geheim-geheim" };
  assert.equal(renderAgents([erika, max], config), renderAgents([max, erika], config));
});

test("a name cannot break out of its line, its quotes or its number", () => {
  const text = renderAgents([{ ...erika, name: 'E" <999>; #exec x \\' }], config);
  assert.match(text, /^callerid = "E 999\\; #exec x" <201>$/m);
  // The admin API takes none of these. Refusing here would leave all the other phones without a file.
  const lines = renderAgents([{ ...erika, name: "Erika\r\n[evil]" }], config);
  assert.match(lines, /^callerid = "Erika\[evil\]" <201>$/m);
});

const refused: [string, Partial<typeof erika>][] = [
  ["a bracket in the user name", { username: "a]b" }],
  ["an ampersand, which rings a second phone", { username: "a&PJSIP/b" }],
  ["a slash", { username: "a/b" }],
  ["the trunk's name", { username: "trunk" }],
  ["the trunk's name in capitals", { username: "Trunk" }],
  ["a line break in the password", { password: "geheim\ngeheim" }],
  ["a space in the password", { password: "geheim geheim" }],
  ["a short password", { password: "kurz" }],
  ["a number that is none", { id: "201> <115" }],
];

for (const [name, change] of refused) {
  test(`refused: ${name}`, () => {
    assert.throws(() => renderAgents([{ ...erika, ...change }], config));
  });
}

test("refused: a user name twice", () => {
  assert.throws(() => renderAgents([erika, { ...erika, id: "202" }], config), /a201-k7 is taken/);
});

test("colleagues reach a phone under the agent's id, if that can be dialled", () => {
  const agents = [
    { id: "202", username: "202-m3" },
    { id: "201", username: "201-k7" },
    { id: "erika", username: "erika-x2" },
    { id: "h", username: "h-x3" },
  ];
  const lines = renderNumbers(agents)
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith(";"));
  assert.deepEqual(lines, [
    "exten = 201,1,Set(PHONE=PJSIP/201-k7)",
    " same = n,Goto(agents-call,201,1)",
    "exten = 202,1,Set(PHONE=PJSIP/202-m3)",
    " same = n,Goto(agents-call,202,1)",
  ]);
  assert.equal(renderNumbers(agents), renderNumbers(agents.toReversed()));
  for (const username of ["a&PJSIP/b", "a)\n same = n,System(x", "1@trunk"])
    assert.throws(() => renderNumbers([{ id: "201", username }]), /user name/);
});

test("a semicolon does not start a comment, also after a backslash", () => {
  assert.equal(value("a;b", "x"), "a\\;b");
  // Asterisk takes one backslash away before a semicolon.
  assert.equal(value("a\\;b", "x"), "a\\\\;b");
  assert.equal(callerId("A; <B>", "1"), '"A; B" <1>');
  assert.equal(callerId("A\nB\t\u2028C", "1"), '"ABC" <1>');
});

test("the trunk is known by its address alone and may not transfer", () => {
  const [endpoint, aor, identify] = sections(renderTrunk(config));
  assert.ok(endpoint?.[1].includes("identify_by = ip"));
  assert.ok(endpoint?.[1].includes("allow_transfer = no"));
  assert.deepEqual(aor?.[1], ["type = aor", "contact = sip:127.0.0.2:5060"]);
  assert.ok(identify?.[1].includes("match = 127.0.0.2"));
});

test("without a trunk there is nothing in its file", () => {
  assert.deepEqual(sections(renderTrunk({ ...config, trunk: null })), []);
});

test("ARI and AMI are heard on loopback only, whatever bind says", () => {
  const open = parseConfig("bind: 0.0.0.0", "/srv/home").config!;
  const files = renderAsterisk(
    open,
    { ariPassword: "ari-password-1234", amiPassword: "ami-password-1234" },
    { version: "22.10.1", modules: "/m", data: "/d", moh: "/moh" },
  );
  assert.match(files.get("rendered/http.conf")!, /^bindaddr = 127\.0\.0\.1$/m);
  assert.match(files.get("rendered/manager.conf")!, /^bindaddr = 127\.0\.0\.1$/m);
  assert.match(files.get("rendered/pjsip_transports.conf")!, /^bind = 0\.0\.0\.0:5060$/m);
  assert.match(files.get("rendered/manager.conf")!, /^secret = ami-password-1234$/m);
  // Twice as many channels as calls, and room for those who are told that all is full.
  assert.match(files.get("asterisk.conf")!, /^maxcalls = 4096$/m);
  assert.match(files.get("asterisk.conf")!, /^astetcdir = \/srv\/home\/asterisk$/m);
});

test("encrypted connections are heard and offered where there is a certificate, and only there", () => {
  const secrets = { ariPassword: "ari-password-1234", amiPassword: "ami-password-1234" };
  const tools = { version: "22.10.1", modules: "/m", data: "/d", moh: "/moh" };
  const transports = (of: Config) =>
    sections(renderAsterisk(of, secrets, tools).get("rendered/pjsip_transports.conf")!);
  const encryption = (of: Config) =>
    renderAgents([erika], of)
      .split("\n")
      .filter((line) => line.startsWith("media_encryption"));
  assert.deepEqual(
    transports(config).map(([heading]) => heading),
    ["[udp]", "[tcp]"],
  );
  assert.deepEqual(encryption(config), []);
  const text = "bind: 192.0.2.5\nsip: { tls: { port: 5062, certificate: tls/a;b.pem, key: /etc/key.pem } }";
  const secure = parseConfig(text, "/srv/home").config!;
  assert.deepEqual(transports(secure)[2], [
    "[tls]",
    [
      "type = transport",
      "protocol = tls",
      "bind = 192.0.2.5:5062",
      "cert_file = /srv/home/tls/a\\;b.pem",
      "priv_key_file = /etc/key.pem",
      "method = sslv23",
    ],
  ]);
  assert.deepEqual(encryption(secure), ["media_encryption = sdes", "media_encryption_optimistic = yes"]);
  assert.ok(!renderTrunk(secure).includes("media_encryption"));
});

const plan = {
  id: "demo",
  name: 'Bürger-Hotline (Süd), "neu"; $[X]',
  numbers: ["115"],
  open: [],
  knownUntilSeconds: 2_000,
  closedSound: "/srv/home/sounds/closed",
  ring: "in turn",
  phones: [],
} as const;

test("without the daemon a number is open when it is, and nothing is known of later", () => {
  const open = [
    { fromSeconds: 1_000, toSeconds: 1_100 },
    { fromSeconds: 1_200, toSeconds: 1_300 },
  ];
  assert.deepEqual(sections(renderFallback([{ ...plan, open }])), [
    [
      "[fallback-plan-rendered]",
      [
        "exten = 115,1,Set(CLOSED=/srv/home/sounds/closed)",
        " same = n,Set(PEOPLE=)",
        " same = n,Set(SHOWN=Bürger-Hotline Süd neu X)",
        " same = n,Set(OPEN=no)",
        // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how Asterisk writes a variable
        " same = n,Set(OPEN=${IF($[${EPOCH} >= 1000 & ${EPOCH} < 1100]?yes:${OPEN})})",
        // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how Asterisk writes a variable
        " same = n,Set(OPEN=${IF($[${EPOCH} >= 1200 & ${EPOCH} < 1300]?yes:${OPEN})})",
        // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how Asterisk writes a variable
        " same = n,Set(OPEN=${IF($[${EPOCH} >= 2000]?unknown:${OPEN})})",
        " same = n,Return()",
      ],
    ],
  ]);
});

for (const [name, change] of [
  ["a number that is a pattern", { numbers: ["_X."] }],
  ["a number with more behind it", { numbers: ["115,1,System(rm)"] }],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how Asterisk writes a function
  ["a path that calls a function", { closedSound: "/srv/${SHELL(rm)}" }],
  ["a path that ends the line", { closedSound: "/srv/a\nexten = 1,1,Hangup" }],
] as const)
  test(`no plan is written with ${name}`, () => {
    assert.throws(() => renderFallback([{ ...plan, ...change }]), /^Error: .* is no /s);
  });

test("without the daemon those who are logged in are rung, the best tier first; without any there is no queue", () => {
  const phones = [
    { endpoint: "202-x", tier: 2 },
    { endpoint: "201-y", tier: 1 },
  ];
  const nobody = { ...plan, id: "empty", numbers: ["116"] };
  const text = renderFallbackQueues([nobody, { ...plan, ring: "all", phones }]);
  assert.deepEqual(sections(text), [
    ["[fallback-demo](fallback)", ["strategy = ringall", "member = PJSIP/201-y,0", "member = PJSIP/202-x,1"]],
  ]);
  assert.match(
    renderFallback([nobody, { ...plan, phones }]),
    /Set\(PEOPLE=fallback-demo\)[\s\S]*Set\(PEOPLE=\)/,
  );
});
