/**
 * What both processes and the database hold on to, again and again while people call. At the start, in the middle and at the end the
 * load is the same, so whatever is not flat is held on to for ever, or explained.
 */
import { statSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import Database from "better-sqlite3";
import { homePaths } from "../../src/config/paths.ts";
import { ari } from "../support/clean.ts";
import { asteriskPid, daemonPid, InsideDaemon, outside } from "../support/inside.ts";
import type { System } from "../support/system.ts";
import type { People } from "./people.ts";

/** A figure, as a column of the table. */
interface Column {
  readonly title: string;
  readonly decimals: 0 | 1;
}

const megabytes = { decimals: 1 } as const;
const count = { decimals: 0 } as const;

const columns = {
  seconds: { title: "s", ...count },
  placed: { title: "calls", ...count },
  alive: { title: "alive", ...count },
  daemonRss: { title: "daemon MB", ...megabytes },
  /** After a collection. */
  daemonHeap: { title: "heap MB", ...megabytes },
  daemonExternal: { title: "external MB", ...megabytes },
  daemonFiles: { title: "files", ...count },
  asteriskRss: { title: "Asterisk MB", ...megabytes },
  asteriskFiles: { title: "files", ...count },
  channels: { title: "channels", ...count },
  bridges: { title: "bridges", ...count },
  liveRows: { title: "rows: live", ...count },
  callRows: { title: "calls", ...count },
  storyRows: { title: "story", ...count },
  numberRows: { title: "numbers", ...count },
  otherRows: { title: "other", ...count },
  database: { title: "database MB", ...megabytes },
  log: { title: "WAL MB", ...megabytes },
} satisfies Record<string, Column>;

type Figure = keyof typeof columns;
type Sample = Readonly<Record<Figure, number>>;

const figures = Object.keys(columns) as Figure[];
/** What must be as much at the end as in the middle. */
const flatFigures: readonly Figure[] = [
  "alive",
  "daemonRss",
  "daemonHeap",
  "daemonExternal",
  "daemonFiles",
  "asteriskRss",
  "asteriskFiles",
  "channels",
  "bridges",
  "liveRows",
  "otherRows",
  "log",
];
const linesMax = 30;
/** One line in so many samples goes to whoever watches. */
const saidEvery = 6;

export class Soak {
  readonly samples: Sample[] = [];
  readonly #system: System;
  readonly #inside: InsideDaemon;
  readonly #everyMs: number;
  readonly #people: () => People;
  readonly #say: (line: string) => void;
  #running: Promise<void> | null = null;
  #stopped = false;
  /** How many of the samples were taken while people called. */
  #underLoad = 0;
  #before: Sample | null = null;
  #after: Sample | null = null;
  #startedMs = 0;

  constructor(system: System, everyMs: number, people: () => People, say: (line: string) => void) {
    this.#system = system;
    this.#inside = new InsideDaemon(system);
    this.#everyMs = everyMs;
    this.#people = people;
    this.#say = say;
  }

  /** Nobody has called yet. */
  async start(): Promise<void> {
    this.#startedMs = performance.now();
    this.#before = await this.#look();
    this.#running = this.#run();
  }

  stop(): void {
    this.#stopped = true;
  }

  /** All calls are over. */
  async end(): Promise<void> {
    this.stop();
    await this.#running;
    this.#after = await this.#look();
    this.#inside.close();
  }

  async #run(): Promise<void> {
    this.#say(header);
    while (!this.#stopped) {
      await pause(this.#everyMs);
      // Of a process that is just now away there is nothing to be said.
      const sample = await this.#look().catch(() => null);
      if (this.#stopped || sample === null) continue;
      if (this.samples.push(sample) % saidEvery === 0) this.#say(lineOf(sample));
      if (this.#people().isCalling) this.#underLoad = this.samples.length;
    }
  }

  async #look(): Promise<Sample> {
    const system = this.#system;
    const [inside, channels, bridges] = await Promise.all([
      this.#inside.look(),
      ari(system, "channels"),
      ari(system, "bridges"),
    ]);
    const [daemon, asterisk] = [outside(daemonPid(system)), outside(asteriskPid(system))];
    const mb = (bytes: number) => bytes / 1_000_000;
    const { database } = homePaths(system.home);
    return {
      seconds: (performance.now() - this.#startedMs) / 1_000,
      placed: this.#people().placed,
      alive: this.#people().aliveCalls,
      daemonRss: mb(daemon.rssBytes),
      daemonHeap: mb(inside.heapBytes),
      daemonExternal: mb(inside.externalBytes),
      daemonFiles: daemon.openFiles,
      asteriskRss: mb(asterisk.rssBytes),
      asteriskFiles: asterisk.openFiles,
      channels: channels.length,
      bridges: bridges.length,
      ...rowsIn(database),
      database: mb(sizeOf(database)),
      log: mb(sizeOf(`${database}-wal`)),
    };
  }

  text(): string {
    const step = Math.max(1, this.samples.length / linesMax);
    const shown = this.samples.filter(
      (_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step),
    );
    return [
      header,
      ...(this.#before ? [`${lineOf(this.#before)}  before the first call`] : []),
      ...shown.map(lineOf),
      ...(this.#after ? [`${lineOf(this.#after)}  after the last one`] : []),
      ...this.#growth(),
    ].join("\n");
  }

  /** Between the second quarter of the time, when all is warm, and the last one; while people call. */
  #growth(): string[] {
    const samples = this.samples.slice(0, this.#underLoad);
    const quarter = Math.floor(samples.length / 4);
    if (quarter < 2) return ["too short to say what grows"];
    const [early, late] = [samples.slice(quarter, 2 * quarter), samples.slice(-quarter)];
    const thousands = (medianOf(late, "placed") - medianOf(early, "placed")) / 1_000;
    const grown = (figure: Figure) => {
      const [from, to] = [medianOf(early, figure), medianOf(late, figure)];
      const each = ((to - from) / thousands).toFixed(2);
      return `${figure}: ${from.toFixed(1)} -> ${to.toFixed(1)}, ${each} per 1000 calls`;
    };
    const each = (figure: Figure) =>
      ((medianOf(late, figure) - medianOf(early, figure)) / (thousands * 1_000)).toFixed(2);
    const kilobytes = (medianOf(late, "database") - medianOf(early, "database")) / thousands;
    return [
      "medians of the second quarter of the time and of the last one:",
      ...flatFigures.map((figure) => `  ${grown(figure)}`),
      "  (log: up to 64 MB, and then it is written over from its beginning, see src/store/open-database.ts)",
      "what is meant to grow with the calls (docs/decisions/0042-what-grows.md):",
      `  rows per call: calls ${each("callRows")}, story ${each("storyRows")}, numbers ${each("numberRows")} (erased after 30 days); the file: ${kilobytes.toFixed(2)} kB per call`,
    ];
  }
}

const widthOf = (figure: Figure): number => Math.max(6, columns[figure].title.length);

const header = figures.map((figure) => columns[figure].title.padStart(widthOf(figure))).join(" ");

const lineOf = (sample: Sample): string =>
  figures
    .map((figure) => sample[figure].toFixed(columns[figure].decimals).padStart(widthOf(figure)))
    .join(" ");

function medianOf(samples: readonly Sample[], figure: Figure): number {
  const sorted = samples.map((sample) => sample[figure]).sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

function rowsIn(
  database: string,
): Pick<Sample, "liveRows" | "callRows" | "storyRows" | "numberRows" | "otherRows"> {
  const db = new Database(database, { readonly: true });
  try {
    const rows = (table: string) => Number(db.prepare(`SELECT count(*) FROM "${table}"`).pluck().get());
    const tables = db
      .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
      .pluck()
      .all();
    const own = ["live_calls", "calls", "call_events", "call_numbers"];
    return {
      liveRows: rows("live_calls"),
      callRows: rows("calls"),
      storyRows: rows("call_events"),
      numberRows: rows("call_numbers"),
      otherRows: tables.filter((name) => !own.includes(name)).reduce((sum, name) => sum + rows(name), 0),
    };
  } finally {
    db.close();
  }
}
