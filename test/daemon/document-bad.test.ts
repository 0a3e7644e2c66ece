import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { problemsOf } from "./document-support.ts";

/** Documents with mistakes, and all that is told about them. `LINE:COLUMN PATH: MESSAGE`. */
const head = `version: 1
hotlines:
  demo:
    name: Demo
  sued:
    name: Süd
`;
const tail = `numbers:
  115:
    hotline: demo
agents:
  201:
    name: Erika
    hotlines:
      demo:
`;

/** With these lines in hotline `demo`, the first one is line 5. */
const inDemo = (lines: string) => `version: 1
hotlines:
  sued: { name: Süd }
  demo:
${lines.replace(/^/gm, "    ")}
    name: Demo
${tail}`;

const bad: readonly (readonly [name: string, yaml: string, ...problems: (string | RegExp)[]])[] = [
  ["a tab", `version: 1\nhotlines:\n\tdemo:\n${tail}`, "3:1 : a tab is no indentation in YAML; use blanks"],
  [
    "a broken structure",
    `${head}numbers: [115\nagents: {}\n`,
    /^8:1 : this is not valid YAML: Flow sequence in block collection must be sufficiently indented/,
  ],
  [
    "two documents",
    `${head}${tail}---\n${tail}`,
    "15:1 : a second document begins here; there may be only one",
  ],
  [
    "nothing at all",
    "",
    "1:1 version: is missing",
    "1:1 hotlines: is missing",
    "1:1 numbers: is missing",
    "1:1 agents: is missing",
  ],
  [
    "a sound file",
    "RIFF\u0004\u0000\u0000WAVE\n",
    "1:5 : this is no text in UTF-8, so it is no YAML document",
  ],
  ["a list", "- demo\n", "1:1 : must be keys with values, indented under it, not a list"],
  ["a text", "demo\n", '1:1 : must be keys with values, indented under it, not "demo"'],
  ["a section that is missing", head + tail.replace(/agents.*/s, ""), "1:1 agents: is missing"],
  ["another version", head.replace("version: 1", "version: 2") + tail, "1:10 version: must be 1, not 2"],
  [
    "an unknown key, nearly right",
    inDemo("wrapup: 20s"),
    /^5:5 hotlines\.demo\.wrapup: is not a known key\. Did you mean "wrapUp"\? Allowed here: name, strategy, priority, ringTimeout, /,
  ],
  [
    "an unknown section",
    `${head}${tail}users: {}\n`,
    "15:1 users: is not a known key. Allowed here: version, hotlines, numbers, agents",
  ],
  ["a key that is none of ours", inDemo("__proto__: 1"), "5:5 hotlines.demo.__proto__: is not a known key"],
  [
    "a key twice",
    inDemo("wrapUp: 5s\nwrapUp: 6s"),
    "6:5 hotlines.demo.wrapUp: stands here a second time, first in line 5; each key may stand once",
  ],
  [
    "a number twice, written in two ways",
    `${head}${tail.replace("agents:", '  "115":\n    hotline: sued\nagents:')}`,
    "10:3 numbers.115: stands here a second time, first in line 8; each key may stand once",
  ],
  [
    "an alias",
    `${head}${tail.replace("hotline: demo", "hotline: *demo")}`,
    "9:14 numbers.115.hotline: *demo: aliases are not taken here; write it out",
  ],
  [
    "an alias of an anchor",
    `${head.replace("name: Demo", "name: &n Demo").replace("name: Süd", "name: *n")}${tail}`,
    "6:11 hotlines.sued.name: *n: aliases are not taken here; write it out",
  ],
  [
    "a tag",
    inDemo("wrapUp: !!binary aGFsbG8="),
    "5:22 hotlines.demo.wrapUp: tag:yaml.org,2002:binary: tags are not taken here",
  ],
  [
    "a duration without a unit",
    inDemo("wrapUp: 20"),
    '5:13 hotlines.demo.wrapUp: "20" is no duration: a whole number with s, m or h, for example 0s, 20s, 10m, 2h',
  ],
  [
    "a duration out of range",
    inDemo("ringTimeout: 500ms"),
    "5:18 hotlines.demo.ringTimeout: 500ms is not allowed: at least 3s",
  ],
  ["a number out of range", inDemo("priority: 101"), "5:15 hotlines.demo.priority: at most 100"],
  [
    "a word for a number",
    inDemo("autoPause: never"),
    '5:16 hotlines.demo.autoPause: must be a number, not "never"',
  ],
  [
    "a word for true or false",
    inDemo("greetingMustFinish: yes"),
    '5:25 hotlines.demo.greetingMustFinish: must be true or false, not "yes"',
  ],
  [
    "an unknown strategy",
    inDemo("strategy: ring-al"),
    '5:15 hotlines.demo.strategy: "ring-al" is not allowed. Did you mean "ring-all"? There are: longest-idle, ring-all, progressive, round-robin, fewest-calls, least-talk, fixed-order, random',
  ],
  [
    "a text for a list",
    inDemo("overflow: full"),
    '5:15 hotlines.demo.overflow: must be a list: lines that begin with -, or [a, b], not "full"',
  ],
  ["a value that is missing", inDemo("ringTimeout:"), "5:17 hotlines.demo.ringTimeout: has no value"],
  [
    "a name that is too long",
    `${head.replace("Süd", "S".repeat(41))}${tail}`,
    "6:11 hotlines.sued.name: A name has at most 40 characters",
  ],
  [
    "25 o'clock",
    inDemo("hours:\n  weekly:\n    mon-fri: 08:00-25:00"),
    /^7:\d+ hotlines\.demo\.hours\.weekly\.mon-fri: "25:00" is no/,
  ],
  [
    "spans that overlap",
    inDemo("hours:\n  weekly:\n    mon: 08:00-12:00, 11:00-14:00"),
    /^7:\d+ hotlines\.demo\.hours\.weekly\.mon: .*08:00-12:00.*11:00-14:00.*overlap/,
  ],
  [
    "spans that overlap across midnight",
    inDemo("hours:\n  weekly:\n    mon: 22:00-02:00\n    tue: 01:00-05:00"),
    /^8:\d+ hotlines\.demo\.hours\.weekly\.tue: .*22:00-02:00.*runs into.*01:00-05:00/,
  ],
  [
    "a day in two lines",
    inDemo("hours:\n  weekly:\n    mon-fri: 08:00-12:00\n    wed: closed"),
    "8:9 hotlines.demo.hours.weekly.wed: wed stands in two lines; each day may stand in one",
  ],
  [
    "no day",
    inDemo("hours:\n  weekly:\n    mon-fry: 08:00-12:00"),
    /^7:\d+ hotlines\.demo\.hours\.weekly\.mon-fry: .*"?fry"?/,
  ],
  [
    "no day of the calendar",
    inDemo("hours:\n  laterWeeks:\n    2027-02-30: { mon: closed }"),
    '7:9 hotlines.demo.hours.laterWeeks.2027-02-30: "2027-02-30" is no day of the calendar, such as 2026-12-24',
  ],
  [
    "exceptions that overlap",
    inDemo(
      "hours:\n  exceptions:\n    - { days: 2026-12-24 to 2026-12-26, hours: closed }\n    - { days: 2026-12-26, hours: 10:00-12:00 }",
    ),
    "8:19 hotlines.demo.hours.exceptions.days: these days overlap with those in line 7; on a day only one exception can hold",
  ],
  [
    "an exception the wrong way round",
    inDemo("hours:\n  exceptions:\n    - { days: 2026-12-26 to 2026-12-24, hours: closed }"),
    '7:19 hotlines.demo.hours.exceptions.days: "2026-12-26 to 2026-12-24" are no days; allowed: 2026-12-24, or 2026-12-24 to 2026-12-26 (the earlier one first)',
  ],
  [
    "an unknown federal state and time zone",
    inDemo("hours:\n  timeZone: Europe/Erfurt\n  holidays:\n    region: TX"),
    '6:17 hotlines.demo.hours.timeZone: there is no time zone "Europe/Erfurt"; one is Europe/Berlin',
    /^8:17 hotlines\.demo\.hours\.holidays\.region: "TX" is not allowed\..* There are: BB, BE, /,
  ],
  [
    "a holiday that is none there",
    inDemo("hours:\n  holidays:\n    region: TH\n    openOn: [Reformationtag, Rosenmontag]"),
    /^8:18 hotlines\.demo\.hours\.holidays\.openOn: "Reformationtag" is no public holiday in TH\. Did you mean "Reformationstag"\? There are: Neujahr, /,
    /^8:34 hotlines\.demo\.hours\.holidays\.openOn: "Rosenmontag" is no public holiday in TH\./,
  ],
  [
    "an ad-hoc closing without a good end",
    inDemo("hours:\n  adHoc: { state: closed, until: tomorrow }"),
    "6:38 hotlines.demo.hours.adHoc.until: must be a time such as 2026-12-24T12:00:00Z, or resumed (until somebody says otherwise)",
  ],
  [
    "an overflow step that is none",
    inDemo("overflow:\n  - waited 120: move sued\n  - 'full: fly'"),
    '6:16 hotlines.demo.overflow: "waited" needs a duration: a whole number with s, m or h, for example 0s, 20s, 10m, 2h; not "120"',
    /^7:16 hotlines\.demo\.overflow: "fly" is no action\. There are: /,
  ],
  [
    "a step to a hotline that is not there",
    inDemo("overflow:\n  - full: move sud"),
    '6:9 hotlines.demo.overflow: there is no hotline "sud" in this document. Did you mean "sued"? There is: sued, demo',
  ],
  [
    "a tier that cannot come in",
    inDemo("overflow:\n  - full: next-tier"),
    '6:9 hotlines.demo.overflow: An overflow step of "demo" brings in the next tier when it is full: nobody comes into the queue then. Only waited steps can do that, for example: waited 60s: next-tier',
  ],
  [
    "a step that cannot be",
    inDemo("overflow:\n  - full: announce full"),
    '6:9 hotlines.demo.overflow: An overflow step of "demo" lets callers stay when it is full: there they can only be moved, forwarded or let go.',
  ],
  [
    "the same step twice",
    inDemo("overflow:\n  - full: move sued\n  - full -> move to sued"),
    "5:5 hotlines.demo.overflow: a step stands there twice; each is taken once per caller",
  ],
  [
    "a step to a number of the document itself",
    inDemo("overflow:\n  - 'full: forward 0049 115'").replace("115:", '"+49115":'),
    /^6:9 hotlines\.demo\.overflow: An overflow step of "demo" would forward callers to 0049115, which leads to hotline "demo" here/,
  ],
  [
    "a loop",
    inDemo("overflow:\n  - full: move sued").replace(
      "{ name: Süd }",
      "{ name: Süd, overflow: ['closed: move demo'] }",
    ),
    '3:33 hotlines.sued.overflow: Overflow would go round in a circle: "sued" to "demo" to "sued".',
    '6:9 hotlines.demo.overflow: Overflow would go round in a circle: "demo" to "sued" to "demo".',
  ],
  [
    "hours of a hotline that has another's",
    inDemo("hoursOf: sued").replace("{ name: Süd }", "{ name: Süd, hoursOf: demo }"),
    /^3:31 hotlines\.sued\.hoursOf: Hotline "demo" has the hours of "sued" itself\./,
    /^5:14 hotlines\.demo\.hoursOf: Hotline "sued" has the hours of "demo" itself\./,
  ],
  [
    "hours of a hotline that is not there",
    inDemo("hoursOf: nord"),
    '5:14 hotlines.demo.hoursOf: there is no hotline "nord" in this document. There is: sued, demo',
  ],
  [
    "an unknown announcement",
    inDemo("announcements:\n  closd: Hallo"),
    /^6:7 hotlines\.demo\.announcements\.closd: is not a known key\. Did you mean "closed"\? Allowed here: greeting, closed, /,
  ],
  [
    "a text with an unknown placeholder",
    inDemo("announcements:\n  closed: Bis {{when}}."),
    /^6:15 hotlines\.demo\.announcements\.closed: \{\{when\}\} at character 5 is no placeholder\./,
  ],
  [
    "a recording that is not there",
    inDemo(`announcements:\n  closed:\n    recording: zu.wav\n    sound: file-1-${"a".repeat(32)}`),
    `8:16 hotlines.demo.announcements.closed.sound: missing sound file: file-1-${"a".repeat(32)} (zu.wav) is not in this home. Recordings come with a backup (hotline help backup), or leave this announcement out, apply, and then: hotline announce import demo closed FILE`,
  ],
  [
    "a recording that leads elsewhere",
    inDemo("announcements:\n  closed:\n    recording: zu.wav\n    sound: ../../etc/passwd"),
    "8:16 hotlines.demo.announcements.closed.sound: must be as `hotline export` has written it, file-…",
  ],
  [
    "a list for a text",
    inDemo("announcements:\n  closed: [Hallo]"),
    "6:15 hotlines.demo.announcements.closed: must be a text or keys with values, not a list",
  ],
  [
    "a bad number, and one that leads nowhere",
    `${head}${tail.replace("agents:", "  +49 361 1: { hotline: demo }\n  116: { hotline: nord }\nagents:")}`,
    /^10:3 numbers\.\+49 361 1: A number is 1 to 20 digits/,
    '11:19 numbers.116.hotline: there is no hotline "nord" in this document. There is: demo, sued',
  ],
  [
    "agents who cannot be",
    `${head}${tail.replace("201:", "bridge: { name: X }\n  2 02: { name: X }\n  203: {}\n  201:")}`,
    '11:3 agents.bridge: An agent cannot be called "bridge"; choose another id, for example 201',
    /^12:3 agents\.2 02: An agent's id is 1 to 32 letters, digits, - or _, for example 201/,
    "13:3 agents.203.name: is missing",
  ],
  [
    "a bad membership",
    `${head}${tail.replace("demo:\n", "demo: { tier: 0, skills: [en, Ä!] }\n      nord:\n")}`,
    "14:21 agents.201.hotlines.demo.tier: at least 1",
    "14:37 agents.201.hotlines.demo.skills: A skill is 1 to 32 letters, digits, - or _, for example en",
  ],
  [
    "many things at once, in the order of the lines",
    `${inDemo("wrapUp: 20\noverflow:\n  - full: move nord").replace("agents:", "  abc: { hotline: demo }\nagents:")}x: 1\n`,
    /^5:13 hotlines\.demo\.wrapUp: /,
    /^12:3 numbers\.abc: A number is/,
    /^18:1 x: is not a known key/,
  ],
];

suite("bad documents", () => {
  for (const [name, yaml, ...expected] of bad)
    test(name, () => {
      const problems = problemsOf(yaml);
      const shown = problems.join("\n");
      assert.equal(problems.length, expected.length, shown);
      for (const [i, problem] of problems.entries()) {
        const wanted = expected[i]!;
        if (typeof wanted === "string") assert.equal(problem, wanted);
        else assert.match(problem, wanted);
      }
    });

  const deep: readonly (readonly [how: string, yaml: string, at: string])[] = [
    ["brackets", "[".repeat(200_000), "1:31"],
    ["braces", `${head}numbers: ${"{a: ".repeat(100_000)}`, "7:126"],
    ["brackets over many lines", "[\n".repeat(100_000), "31:1"],
    ["lists in one line", "- ".repeat(100_000), "1:61"],
    ["keys in one line", "? ".repeat(100_000), "1:61"],
    [
      "lines, each indented more",
      Array.from({ length: 500 }, (_, i) => `${" ".repeat(i)}a:\n`).join(""),
      "31:31",
    ],
    ["lists in lists", Array.from({ length: 500 }, (_, i) => `${" ".repeat(i)}-\n`).join(""), "31:31"],
  ];
  for (const [how, yaml, at] of deep)
    test(`what is nested too deeply is refused and not tried: ${how}`, () => {
      assert.deepEqual(problemsOf(yaml), [`${at} : is nested too deeply: more than 30 levels`]);
    });

  test("brackets and dashes in texts are no levels", () => {
    const texts = ["- ".repeat(100), "[".repeat(100), "{a: ".repeat(100), '"'.repeat(100)];
    const lines = texts.flatMap((text, i) => [`waiting_${i}: ${JSON.stringify(text)}`, `# ${text}`]);
    const block = `full: |\n${texts.join("\n").replace(/^/gm, "  ")}\nclosed: Wir [[[ und - - - ? ? ?`;
    const yaml = inDemo(`announcements:\n${`${lines.join("\n")}\n${block}`.replace(/^/gm, "  ")}`);
    assert.ok(!problemsOf(yaml).some((problem) => problem.includes("nested")), problemsOf(yaml).join("\n"));
  });

  test("aliases of aliases are not followed", () => {
    const lines = Array.from({ length: 60 }, (_, i) =>
      i === 0 ? "a0: &a0 [x, x]" : `a${i}: &a${i} [*a${i - 1}, *a${i - 1}]`,
    );
    const problems = problemsOf(lines.join("\n"));
    assert.match(problems.join("\n"), /^2:10 a1: \*a0: aliases are not taken here; write it out$/m);
    assert.ok(problems.length < 200, "each is told once");
  });

  test("of endless mistakes only so many are told", () => {
    assert.equal(problemsOf("a: 1\n".repeat(20_000)).length, 1000);
  });
});
