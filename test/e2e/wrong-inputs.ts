/**
 * What people get wrong, command by command, with the words that tell them. The commands are run as they stand here; `@x` is
 * file x of wrongFiles(). In the answers, … stands for anything.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export type WrongInput = readonly [
  mistake: string,
  command: string,
  exitCode: 1 | 2,
  /** The one line on stderr, behind `hotline: `. */
  says: string,
  /** The lines on stdout: of a file all mistakes are told at once, each with its place. */
  ...told: string[],
];

/** Some days ago, without the year: in no zone it is today. */
const someDaysAgo = new Date(Date.now() - 20 * 86_400_000);
const justOver = `${someDaysAgo.getUTCDate()}.${someDaysAgo.getUTCMonth() + 1}.`;
const missingYes = "this changes something and there is no terminal to ask on; add --yes to do it";
const noHotline = 'There is no hotline "nope". There is: demo';
const noAgent = 'There is no agent "999". See: hotline agent list';
const noDate =
  "is no day of the calendar. Examples: 2026-12-24, 24.12.2026, 24.12., 24 Dec 2026, today, tomorrow";
const noTime = "is not a time of day. Allowed: 00:00 to 24:00, for example 08:00 or 8";
const durations = "Allowed: a whole number with s, m or h, for example 0s, 20s, 10m, 2h";
const announcements = "There are: greeting, closed, closed_holiday, …";
const kept = "The announcement is as it was.";
const oneMistake = (file: string) => `1 mistake in ${file}; nothing was changed`;

// biome-ignore format: a table, to be read line by line.
export const wrongInputs: Readonly<Record<string, readonly WrongInput[]>> = {
  "the command itself": [
    ["a typo", "stauts", 2, "unknown command 'stauts'; did you mean status? see hotline --help"],
    ["a typo below", "hours shwo", 2, "unknown command 'shwo'; did you mean show? see hotline hours --help"],
    ["half of it", "agent", 2, 'a command is missing or unknown after "hotline agent": add, …; see hotline agent --help'],
    ["an option's typo", "status --josn", 2, "unknown option '--josn'; did you mean --json? see hotline status --help"],
    ["too much", "status now", 2, "too many arguments for 'status'. Expected 0 arguments but got 1: now…"],
    ["a subject without help", "help weather", 2, 'there is no help on "weather"; subjects: agents, …'],
  ],
  "hours set": [
    ["no hours", "hours set mon-fri --yes", 2, 'Hours are needed for mon, tue, wed, thu, fri. Examples: mon-fri 08:00-18:00, … (in "mon-fri" at character 8). Nothing was changed.'],
    ["25 o'clock", "hours set mon 25:00-26:00 --yes", 2, `"25:00" ${noTime} (in "mon 25:00-26:00" at character 5). Nothing was changed.`],
    ["61 minutes", "hours set mon 08:00-18:61 --yes", 2, `"18:61" ${noTime} (in "mon 08:00-18:61" at character 11). Nothing was changed.`],
    ["in the second part", "hours set mon-fri 08:00-18:00 sat 9-99 --yes", 2, `"99" ${noTime} (in "mon-fri 08:00-18:00 sat 9-99" at character 27). Nothing was changed.`],
    ["no day", "hours set mom-fri 08:00-18:00 --yes", 2, '"mom" is not a day. Days are mon, tue, … Examples: mon-fri 08:00-18:00, … (in "mom-fri 08:00-18:00" at character 1). Nothing was changed.'],
    ["end before start", "hours set mon 18:00-08:00 --yes", 2, "18:00-08:00 on mon runs into 00:00-24:00 on tue. A span that does not end after it begins lasts until the next day. Examples: 08:00-18:00, fri 22:00-02:00"],
    ["end at the start", "hours set mon 12:00-12:00 --yes", 2, '12:00-12:00 is empty. For a whole day write 00:00-24:00 (in "mon 12:00-12:00" at character 5). Nothing was changed.'],
    ["three ends", "hours set mon 8-12-18 --yes", 2, 'A time span has two ends. Allowed: 08:00-18:00 or 8-18 or 08:00-12:00,14:00-20:00 or closed (in "mon 8-12-18" at character 9). Nothing was changed.'],
    ["overlapping", "hours set mon 08:00-12:00,11:00-14:00 --yes", 2, '08:00-12:00 and 11:00-14:00 overlap (in "mon 08:00-12:00,11:00-14:00" at character 17). Nothing was changed.'],
    ["overlapping across midnight", "hours set mon 22-2 tue 1-3 --yes", 2, "22:00-02:00 on mon runs into 01:00-03:00 on tue. …"],
    ["a day twice", "hours set mon 8-12 mon 14-18 --yes", 2, 'mon stands there twice. Several spans of a day are joined by commas: mon 08:00-12:00,14:00-18:00 (in "mon 8-12 mon 14-18" at character 10). Nothing was changed.'],
    ["31 February", "hours set mon 8-18 --from 31.2. --yes", 2, `"31.2." ${noDate} (in "31.2." at character 1). Nothing was changed.`],
    ["from the past", "hours set mon 8-18 --from 2020-01-01 --yes", 2, "2020-01-01 is in the past. Allowed: today or later, for example 2…"],
    ["from a day just over", `hours set mon 8-18 --from ${justOver} --yes`, 2, `"${justOver}" is over: it is 2…, and the next such day is 2…. To mean that one, name the year too: 2… (in "${justOver}" at character 1). Nothing was changed.`],
    ["another hotline", "hours set mon 8-18 --hotline nope --yes", 1, noHotline],
    ["nobody to ask", "hours set mon 8-18", 2, missingYes],
  ],
  "hours except": [
    ["31 February", "hours except 2027-02-31 closed --reason Umzug --yes", 2, `"2027-02-31" ${noDate} (in "2027-02-31 closed" at character 1). Nothing was changed.`],
    ["the end first", "hours except 26.12.2026..24.12.2026 closed --reason Fest --yes", 2, '2026-12-26 to 2026-12-24 ends before it begins. Example: 24.12.2026..1.1.2027 (in "26.12.2026..24.12.2026 closed" at character 1). Nothing was changed.'],
    ["25 o'clock", "hours except 24.12. 8-25 --reason Fest --yes", 2, `"25" ${noTime} (in "24.12. 8-25" at character 10). Nothing was changed.`],
    ["no hours", "hours except 24.12. --reason Fest --yes", 2, 'Hours are needed behind the date: 24.12.2026 08:00-12:00, or 24.12.2026 closed (in "24.12." at character 7). Nothing was changed.'],
    ["a year too early", "hours except 24.12.2020 closed --reason Fest --yes", 2, "2020-12-24 is in the past. Allowed: today or later, for example 2…"],
    ["no reason", "hours except 24.12. closed --yes", 2, "required option '--reason <text>' not specified; for example --reason Heiligabend"],
    ["no such announcement", "hours except 24.12. closed --reason Fest --announcement xmas --yes", 2, "option '--announcement <name>' argument 'xmas' is invalid. Allowed choices are special_1, special_2, special_3; see hotline hours except --help"],
    ["none to remove", "hours except 24.12.2026 --remove --yes", 1, "There is no exception on 2026-12-24; there is none at all."],
  ],
  "hours holidays": [
    ["no federal state", "hours holidays TX --yes", 2, '"TX" is no federal state. There are: BB Brandenburg, … TH Thüringen; or none. Nothing was changed.'],
    ["no holiday", "hours holidays TH --except Fasching --yes", 2, 'There is no holiday "Fasching". There are: Neujahr, … Weltkindertag, … Nothing was changed.'],
    ["31 February", "hours holidays --add '31.2. Firmenfest' --yes", 2, `"31.2." ${noDate} (in "31.2. Firmenfest" at character 1). Nothing was changed.`],
    ["none of our own", "hours holidays --remove-own Firmenfest --yes", 2, 'There is no holiday "Firmenfest" among those of its own: none. Nothing was changed.'],
  ],
  "hours close, open, zone, share, show, next": [
    ["25 o'clock", "hours close --until 25:00 --reason Sturm --yes", 2, `"25:00" ${noTime} (in "25:00" at character 1). Nothing was changed.`],
    ["an end in the past", "hours close --until '1.1.2020 8 Uhr' --reason Sturm --yes", 2, "The end is in the past: 2020-01-01 08:00, and it is 2… now. For an end on another day name the day too, for example 2… 08:00. Nothing was changed."],
    ["an end in the past", "hours open --until 00:00 --reason Wahl --yes", 2, "The end is in the past: 2… 00:00, and it is 2… now. For an end on another day name the day too, for example 2… 08:00. Nothing was changed."],
    ["until a day just over", `hours close --until '${justOver} 8 Uhr' --reason Sturm --yes`, 2, `"${justOver}" is over: it is 2…, and the next such day is 2…. To mean that one, name the year too: 2… (in "${justOver} 8 Uhr" at character 1). Nothing was changed.`],
    ["until a day just over", `hours open --until '${justOver} 8 Uhr' --reason Wahl --yes`, 2, `"${justOver}" is over: it is 2…, and the next such day is 2…. To mean that one, name the year too: 2… (in "${justOver} 8 Uhr" at character 1). Nothing was changed.`],
    ["31 February", "hours open --until '31.2. 8:00' --reason Wahl --yes", 2, `"31.2." ${noDate} (in "31.2. 8:00" at character 1). Nothing was changed.`],
    ["no unit", "hours close --for 2 --reason Sturm --yes", 2, `option '--for <duration>' argument '2' is invalid. ${durations}; see hotline hours close --help`],
    ["too long", "hours close --for 999h --reason Sturm --yes", 2, "--for: 999h is not allowed; from 1s to 744h"],
    ["two ends", "hours close --for 2h --until 14:00 --reason Sturm --yes", 2, "option '--until <time>' cannot be used with option '--for <duration>'; see hotline hours close --help"],
    ["no reason", "hours close --yes", 2, "required option '--reason <text>' not specified; see hotline hours close --help"],
    ["another hotline", "hours close --reason Sturm --hotline nope --yes", 1, noHotline],
    ["nobody to ask", "hours close --reason Sturm", 2, missingYes],
    ["no time zone", "hours zone Berlin --yes", 2, '"Berlin" is no time zone. Zones are named after a place, for example Europe/Berlin. Nothing was changed.'],
    ["with itself", "hours share demo demo --yes", 1, 'Hotline "demo" cannot share hours with itself; name another hotline, or none. See: hotline hotline list'],
    ["with nobody", "hours share demo nope --yes", 1, noHotline],
    ["no days", "hours show --days 0", 2, "option '--days <number>' argument '0' is invalid. Allowed: a whole number from 1 to 366; see hotline hours show --help"],
    ["another hotline", "hours next --hotline nope", 1, noHotline],
  ],
  explain: [
    ["31 February", "explain --at '31.2. 10:00'", 2, `"31.2." ${noDate} (in "31.2. 10:00" at character 1). Nothing was changed.`],
    ["no count", "explain --waiting many", 2, "option '--waiting <count>' argument 'many' is invalid. Allowed: a whole number from 0 to 10000; see hotline explain --help"],
  ],
  agent: [
    ["no name", "agent add 401 --yes", 2, "required option '--name <name>' not specified; see hotline agent add --help"],
    ["there already", "agent add 201 --name Zweite --yes", 1, "Agent 201 exists already. Remove it first: hotline agent remove 201"],
    ["a word of the dialplan", "agent add bridge --name Brücke --yes", 2, 'id: An agent cannot be called "bridge"; choose another id, for example 201'],
    ["no hotline", "agent add 401 --name Neu --hotline nope --yes", 1, 'There is no hotline "nope". See: hotline hotline list'],
    ["no agent", "agent login 999 --yes", 1, noAgent],
    ["no agent", "agent logout 999 --yes", 1, noAgent],
    ["no agent", "agent pause 999 --yes", 1, noAgent],
    ["no agent", "agent remove 999 --yes", 1, noAgent],
    ["no agent", "agent show 999", 1, noAgent],
    ["not logged in", "agent pause 201 --yes", 1, "Agent 201 is not logged in. Log in first: hotline agent login 201"],
    ["not in wrap-up", "agent wrapup 201 end --yes", 1, "Agent 201 is not in wrap-up. See: hotline agent list"],
    ["no tier", "agent assign 201 demo --tier 0 --yes", 2, "option '--tier <number>' argument '0' is invalid. Allowed: a whole number from 1 to 9; see hotline agent assign --help"],
    ["bad skills", "agent assign 201 demo --skills 'en;tax' --yes", 2, `option '--skills <list>' argument 'en;tax' is invalid. "en;tax" is no skill. Allowed: a list of names of letters, digits, - or _, for example en,tax; or none; see hotline agent assign --help`],
    ["not there", "agent unassign 201 nope --yes", 1, 'Agent 201 does not serve hotline "nope". See: hotline agent show 201'],
    ["nobody to ask", "agent remove 201", 2, missingYes],
  ],
  "agent import": [
    ["no file", "agent import @none.csv --yes", 1, "there is no file @none.csv"],
    ["a folder", "agent import @folder --yes", 1, "@folder is a folder, not a CSV file"],
    ["other columns", "agent import @columns.csv --yes", 1, "@columns.csv, line 1: there is no column id, hotlines; the first line must be: id;name;hotlines"],
    ["saved by an old program", "agent import @latin1.csv --yes", 1, '@latin1.csv is not UTF-8, so names would be wrong. Save it as "CSV UTF-8", or convert it: iconv -f WINDOWS-1252 -t UTF-8 FILE'],
    ["a quote left open", "agent import @quote.csv --yes", 1, oneMistake("@quote.csv"), "@quote.csv:2: a quote is not closed, or something stands behind it; a quote within a cell is doubled"],
    [
      "everything at once", "agent import @agents.csv --yes", 1, "4 mistakes in @agents.csv; nothing was changed",
      "@agents.csv:3: agent 301 stands in line 2 already",
      "@agents.csv:4: An agent's id is 1 to 32 letters, digits, - or _, for example 201",
      '@agents.csv:5: there is no hotline "nope"; there is: demo',
      "@agents.csv:6: agent 201 exists already; take the line out, or remove the agent: hotline agent remove 201",
    ],
  ],
  "hotline and number": [
    ["there already", "hotline add demo --name Noch --yes", 1, 'Hotline "demo" exists already. See: hotline hotline show demo'],
    ["no id", "hotline add 'sü d' --name Süd --yes", 2, "id: A hotline's id is 1 to 32 letters, digits, - or _, for example demo"],
    ["another hotline", "hotline show nope", 1, noHotline],
    ["a number leads to it", "hotline remove demo --yes", 1, 'Number 115 leads to hotline "demo". Remove it first, or set it to another hotline: hotline number remove 115'],
    ["no unit", "hotline set demo --ring-timeout 20 --yes", 2, `option '--ring-timeout <duration>' argument '20' is invalid. ${durations}; see hotline hotline set --help`],
    ["too short", "hotline set demo --ring-timeout 1s --yes", 2, "--ring-timeout: 1s is not allowed (at least 3s)"],
    ["no strategy", "hotline set demo --strategy loudest --yes", 2, "option '--strategy <strategy>' argument 'loudest' is invalid. Allowed choices are longest-idle, ring-all, …"],
    ["an overflow loop", "hotline set demo --overflow 'full: move demo' --yes", 1, 'Overflow would go round in a circle: "demo" to "demo". Nothing was changed.'],
    ["overflow to nowhere", "hotline set demo --overflow 'full: move nope' --yes", 1, 'An overflow step of "demo" leads to hotline "nope", which does not exist. See: hotline hotline list'],
    ["no overflow step", "hotline set demo --overflow 'full: fly' --yes", 2, `option '--overflow <step>' argument 'full: fly' is invalid. At character 7: "fly" is no action. There are: hang-up…`],
    ["no number outside", "hotline set demo --overflow 'full: forward 1&2' --yes", 2, '…"1&2" is no number: 3 to 20 digits…'],
    ["no number", "number add 115&116 demo --yes", 2, "A number is 1 to 20 digits, perhaps behind a +, as the trunk delivers it: 115 or +4936112345"],
    ["leads nowhere", "number add 116 nope --yes", 1, noHotline],
    ["no such number", "number remove 999 --yes", 1, "Number 999 leads to no hotline. See: hotline number list"],
  ],
  announce: [
    ["no announcement", "announce say demo closd 'Wir sind zu.' --yes", 1, `There is no announcement "closd" to be set. ${announcements}`],
    ["nothing to say", "announce say demo closed '' --yes", 2, `The text is empty: there is nothing to speak. ${kept}`],
    ["no placeholder", "announce say demo closed 'Bis {{when}}.' --yes", 2, `{{when}} at character 5 is no placeholder. Allowed in closed: {{hotline}}, {{next_opening}}. ${kept}`],
    ["half a placeholder", "announce say demo closed 'Bis {{next_opening.' --yes", 2, `The {{ at character 5 has no partner. Allowed: {{hotline}}, {{next_opening}}. ${kept}`],
    ["another hotline", "announce list nope", 1, noHotline],
    ["no file", "announce import demo greeting @none.wav --yes", 1, "there is no file @none.wav"],
    ["a folder", "announce import demo greeting @folder --yes", 1, "@folder is a folder, not a file"],
    ["nothing in it", "announce import demo greeting @empty --yes", 1, "@empty is empty"],
    ["no sound", "announce import demo greeting @agents.csv --yes", 2, `The file holds no sound that can be read; WAV, FLAC, MP3, M4A, Ogg and the like can. ${kept}`],
    ["silence", "announce import demo greeting @silent.wav --yes", 2, `There is nothing but silence in the file. ${kept}`],
    ["too long", "announce import demo greeting @long.wav --yes", 2, `The sound is longer than 110 seconds, which is the longest that is taken: callers are kept no longer with one announcement. ${kept}`],
    ["overdriven", "announce import demo greeting @loud.wav --yes", 2, `The sound is overdriven: … % of it is cut off flat at the highest level, which rattles. Record it again, not as loud. ${kept}`],
    ["no agent", "announce play demo closed --agent 999", 1, noAgent],
    ["no agent", "announce record demo closed --agent 999 --yes", 1, noAgent],
  ],
  apply: [
    ["no file", "apply @none.yaml --yes", 1, "there is no file @none.yaml"],
    ["a folder", "apply @folder --yes", 1, "@folder is a folder, not a YAML file"],
    ["too big", "apply @big.yaml --yes", 1, "@big.yaml is too big for a document (at most 4 MB)"],
    [
      "nothing in it", "apply @empty --yes", 1, "4 mistakes in @empty; nothing was changed",
      "@empty:1:1: version: is missing", "@empty:1:1: hotlines: is missing", "@empty:1:1: numbers: is missing", "@empty:1:1: agents: is missing",
    ],
    ["tabs", "apply @tabs.yaml --yes", 1, oneMistake("@tabs.yaml"), "@tabs.yaml:…: a tab is no indentation in YAML; use blanks"],
    ["an unknown key", "apply @key.yaml --yes", 1, oneMistake("@key.yaml"), '@key.yaml:…: hotlines.demo.ringTimout: is not a known key. Did you mean "ringTimeout"? Allowed here: name, …'],
    ["25 o'clock", "apply @clock.yaml --yes", 1, oneMistake("@clock.yaml"), `@clock.yaml:…: hotlines.demo.hours.weekly.mon-sun: "25:00" ${noTime}`],
    ["overlapping", "apply @overlap.yaml --yes", 1, oneMistake("@overlap.yaml"), "@overlap.yaml:…: hotlines.demo.hours.weekly.mon-sun: 08:00-12:00 and 11:00-14:00 overlap"],
    ["no duration", "apply @duration.yaml --yes", 1, oneMistake("@duration.yaml"), '@duration.yaml:…: hotlines.demo.wrapUp: "20" is no duration: a whole number with s, m or h, for example 0s, 20s, 10m, 2h'],
    ["no hotline", "apply @hotline.yaml --yes", 1, oneMistake("@hotline.yaml"), '@hotline.yaml:…: numbers.115.hotline: there is no hotline "dmeo" in this document. Did you mean "demo"? There is: demo'],
    [
      "an overflow loop", "apply @loop.yaml --yes", 1, "2 mistakes in @loop.yaml; nothing was changed",
      '@loop.yaml:…: hotlines.sued.overflow: Overflow would go round in a circle: "sued" to "demo" to "sued".',
      '@loop.yaml:…: hotlines.demo.overflow: Overflow would go round in a circle: "demo" to "sued" to "demo".',
    ],
    ["a sound that is not there", "apply @sound.yaml --yes", 1, oneMistake("@sound.yaml"), "@sound.yaml:…: hotlines.demo.announcements.closed.sound: missing sound file: file-1-… (zu.wav) is not in this home. Recordings come with a backup (hotline help backup), or leave this announcement out, apply, and then: hotline announce import demo closed FILE"],
    ["nested without end", "apply @nested.yaml --yes", 1, oneMistake("@nested.yaml"), "@nested.yaml:2:…: is nested too deeply: more than 30 levels"],
    ["aliases of aliases", "apply @aliases.yaml --yes", 1, "…mistakes in @aliases.yaml; nothing was changed", "…aliases are not taken here; write it out…"],
    ["no text", "apply @silent.wav --yes", 1, oneMistake("@silent.wav"), "@silent.wav:1:7: this is no text in UTF-8, so it is no YAML document"],
    ["nobody to ask", "apply @other.yaml", 2, missingYes, "…"],
  ],
  "history, undo, calls, staffing": [
    ["no change", "undo 999 --yes", 1, "There is no change 999. See: hotline history"],
    ["no number", "undo zwei --yes", 2, "argument 'number': 'zwei' is invalid. Allowed: a whole number from 1 on; see hotline undo --help"],
    ["nothing to undo", "undo --yes", 1, "There is no change that could be undone. See: hotline history"],
    ["no change", "history show 999", 1, "There is no change 999. See: hotline history"],
    ["no call", "calls show 17", 1, 'There is no call "17". See: hotline calls'],
    ["31 February", "calls --since 2026-02-31", 2, '--since: "2026-02-31" is not a time; allowed: a time today such as 10:00, a date such as 2026-03-02, …'],
    ["no target", "staffing --target 75", 2, "option '--target <percent/seconds>' argument '75' is invalid. Allowed: percent/seconds, for example 75/30; see hotline staffing --help"],
    ["another hotline", "staffing --hotline nope", 1, noHotline],
  ],
};

/** The words of a command line as a shell would have them, as far as it is needed here. */
export const wordsOf = (line: string): string[] =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");

/** Whether a line is as the table says. */
export function isAsTold(line: string, told: string): boolean {
  const parts = told.split("…").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^]*")}$`).test(line);
}

/** Puts the files of the table into a folder. `exported` is the document of the home as it is. */
export function wrongFiles(folder: string, exported: string): void {
  const inDemo = (lines: string) => exported.replace(/^ {4}hours:$/m, (hours) => `${lines}\n${hours}`);
  const weekly = (hours: string) => exported.replace("mon-sun: 00:00-24:00", `mon-sun: ${hours}`);
  const files: Record<string, string | Buffer> = {
    empty: "",
    "columns.csv": "nummer;name\n301;Erika\n",
    "latin1.csv": Buffer.from("id;name;hotlines\n301;Jürgen;demo\n", "latin1"),
    "quote.csv": 'id;name;hotlines\n301;"Erika;demo\n',
    "agents.csv":
      "id;name;hotlines\n301;Eins;demo\n301;Zwei;demo\n3 02;Drei;demo\n303;Vier;nope\n201;Fünf;demo\n",
    "big.yaml": "#".repeat(4 * 1024 * 1024 + 1),
    "tabs.yaml": exported.replace(/^ {4}name: .*/m, (line) => line.replace("    ", "\t")),
    "key.yaml": inDemo("    ringTimout: 20s"),
    "clock.yaml": weekly("08:00-25:00"),
    "overlap.yaml": weekly("08:00-12:00, 11:00-14:00"),
    "duration.yaml": inDemo("    wrapUp: 20"),
    "hotline.yaml": exported.replace("hotline: demo", "hotline: dmeo"),
    "loop.yaml": inDemo("    overflow: ['full: move sued']").replace(
      /^hotlines:$/m,
      "hotlines:\n  sued:\n    name: Süd\n    overflow: ['closed: move demo']",
    ),
    "sound.yaml": inDemo(
      `    announcements:\n      closed: { recording: zu.wav, sound: file-1-${"a".repeat(32)} }`,
    ),
    "nested.yaml": `version: 1\nhotlines: ${"[".repeat(200_000)}\n`,
    "aliases.yaml": Array.from({ length: 40 }, (_, i) =>
      i === 0 ? "a0: &a0 [x, x]\n" : `a${i}: &a${i} [*a${i - 1}, *a${i - 1}]\n`,
    ).join(""),
    "other.yaml": inDemo("    wrapUp: 25s"),
  };
  mkdirSync(join(folder, "folder"), { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  sound(join(folder, "silent.wav"), "anullsrc=r=8000:cl=mono", 2);
  sound(join(folder, "long.wav"), "sine=440:r=8000", 130);
  sound(join(folder, "loud.wav"), "sine=440:r=8000,volume=40dB", 2);
}

function sound(file: string, source: string, seconds: number): void {
  const input = ["-v", "error", "-f", "lavfi", "-i", source, "-t", String(seconds)];
  const { status, stderr } = spawnSync("ffmpeg", [...input, file], { encoding: "utf8" });
  if (status !== 0) throw new Error(`ffmpeg made no ${file}: ${stderr}`);
}
