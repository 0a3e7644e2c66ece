import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { isMap, LineCounter, type Node, parseDocument } from "yaml";
import type { z } from "zod";
import { readCertificate } from "./certificate.ts";
import { homePaths, resolveTool } from "./paths.ts";
import { type ConfigFile, configSchema } from "./schema.ts";

/** One mistake in the file. `line` counts from 1 and is null when the mistake has no place (an unreadable file). */
export interface ConfigProblem {
  readonly path: string;
  readonly line: number | null;
  readonly message: string;
}

export interface Trunk {
  /** Addresses and networks calls are accepted from, whatever the port. */
  readonly acceptFrom: readonly string[];
  readonly sendTo: { readonly host: string; readonly port: number };
}

/** Where phones connect encrypted, and as whom the hotline shows itself. The paths are absolute; PEM. */
export interface Tls {
  readonly port: number;
  /** With those above it in the same file. */
  readonly certificate: string;
  readonly key: string;
}

/** The settings of one home. Checked, defaults filled in, commands found. */
export interface Config {
  readonly home: string;
  readonly bind: string;
  readonly sip: {
    readonly port: number;
    /** Null: no encrypted connections. */
    readonly tls: Tls | null;
  };
  readonly rtp: { readonly from: number; readonly to: number };
  readonly ari: { readonly port: number };
  readonly ami: { readonly port: number };
  readonly http: { readonly bind: string; readonly port: number };
  /** Null: no calls from or to outside. */
  readonly trunk: Trunk | null;
  readonly calls: {
    readonly rtpTimeoutSeconds: number;
    readonly sessionExpiresSeconds: number;
    /** What the machine can take, over all hotlines. */
    readonly maxAtOnce: number;
    readonly maxNewPerSecond: number;
    /** The daemon is away for this long: the dialplan goes on without it. */
    readonly fallbackAfterSeconds: number;
  };
  readonly announcements: {
    /** A command that takes espeak-ng's arguments, or a command and its arguments (see announcements/speak.ts). */
    readonly speech: string | readonly string[];
    /** A command that takes ffmpeg's arguments. */
    readonly convert: string;
    readonly voice: string;
    readonly wordsPerMinute: number;
  };
  readonly agents: {
    /** What a pause may be for; empty: anything. */
    readonly pauseReasons: readonly string[];
  };
  /** How long callers' numbers are kept. */
  readonly retention: { readonly callerNumbersDays: number };
  readonly log: { readonly level: ConfigFile["log"]["level"] };
}

/** All mistakes of a file at once; the message has one line for each. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly file: string;
  readonly problems: readonly ConfigProblem[];

  constructor(file: string, problems: readonly ConfigProblem[]) {
    super(problems.map((problem) => describeProblem(file, problem)).join("\n"));
    this.file = file;
    this.problems = problems;
  }
}

/** `FILE:LINE: PATH MESSAGE`, as editors and people read it. */
export function describeProblem(file: string, problem: ConfigProblem): string {
  const place = problem.line === null ? file : `${file}:${problem.line}`;
  return `${place}: ${problem.path === "" ? "" : `${problem.path} `}${problem.message}`;
}

/**
 * Reads and checks `hotline.yaml` of this home. Throws ConfigError with all that is wrong. The files that it names are not
 * looked at: the daemon must start again at any hour, and it is Asterisk that needs them.
 */
export async function loadConfig(home: string): Promise<Config> {
  const file = homePaths(home).configFile;
  const parsed = parseConfig(await readConfigFile(file), home);
  if (parsed.config === null) throw new ConfigError(file, parsed.problems);
  return parsed.config;
}

/** As loadConfig, but the files that it names must be usable, too. For whoever is about to put it into effect. */
export async function loadConfigAndFiles(home: string): Promise<Config> {
  const { file, config, problems } = await checkConfig(home);
  if (config === null) throw new ConfigError(file, problems);
  return config;
}

/** What `hotline config check` reports: the file and everything that is wrong with it and with the files that it names. */
export async function checkConfig(
  home: string,
): Promise<
  | { file: string; config: Config; problems: [] }
  | { file: string; config: null; problems: readonly ConfigProblem[] }
> {
  const file = homePaths(home).configFile;
  try {
    const parsed = parseConfig(await readConfigFile(file), home);
    if (parsed.config === null) return { file, ...parsed };
    const { config, lineOf } = parsed;
    const { tls } = config.sip;
    if (tls === null) return { file, config, problems: [] };
    const { faults } = readCertificate(tls, home);
    const problems = faults.map(({ role, message }) => ({
      path: `sip.tls.${role}`,
      line: lineOf(["sip", "tls", role]),
      message,
    }));
    return problems.length === 0 ? { file, config, problems: [] } : { file, config: null, problems };
  } catch (error) {
    if (error instanceof ConfigError) return { file, config: null, problems: error.problems };
    throw error;
  }
}

async function readConfigFile(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const message =
      code === "ENOENT"
        ? "does not exist. scripts/up (or `hotline prepare`) writes one with comments"
        : code === "EACCES"
          ? "may not be read by this user"
          : `cannot be read: ${(error as Error).message}`;
    throw new ConfigError(file, [{ path: "", line: null, message }]);
  }
}

/** Checks the text of a file. Pure but for looking whether the home has its own copy of a tool. */
export function parseConfig(
  text: string,
  home: string,
): { config: Config; problems: []; lineOf: LineOf } | { config: null; problems: ConfigProblem[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const problems: ConfigProblem[] = document.errors.map((error) => {
    const { line } = lines.linePos(error.pos[0]);
    if (error.code !== "DUPLICATE_KEY")
      return { path: "", line, message: `is not valid YAML: ${error.message}` };
    const key = /^\s*([^:\s]*)/.exec(text.slice(error.pos[0]))?.[1] ?? "";
    return { path: key, line, message: "stands here a second time; each key may stand once" };
  });
  // A key given twice does not keep the rest from being checked, a broken structure does.
  if (document.errors.some((error) => error.code !== "DUPLICATE_KEY")) return { config: null, problems };
  const lineOf: LineOf = (path) => findLine(document.contents, path, lines);
  const result = configSchema.safeParse(document.toJS() ?? {});
  if (result.success) {
    for (const { path, message } of crossCheck(result.data)) {
      problems.push({ path: path.join("."), line: lineOf(path), message });
    }
  } else {
    problems.push(...result.error.issues.flatMap((issue) => toProblems(issue, lineOf)));
  }
  problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  if (problems.length > 0 || !result.success) return { config: null, problems };
  return { config: toConfig(result.data, home), problems: [], lineOf };
}

type Path = readonly PropertyKey[];
type LineOf = (path: Path) => number | null;

function toProblems(issue: z.core.$ZodIssue, lineOf: LineOf): ConfigProblem[] {
  if (issue.code !== "unrecognized_keys") {
    return [{ path: pathText(issue.path), line: lineOf(issue.path), message: issue.message }];
  }
  const allowed = keysAt(issue.path);
  return issue.keys.map((key) => ({
    path: pathText([...issue.path, key]),
    line: lineOf([...issue.path, key]),
    message: `is not a known key; allowed here: ${allowed.join(", ")}`,
  }));
}

function pathText(path: Path): string {
  return path.map(String).join(".");
}

/** The keys that the schema knows at a path. */
function keysAt(path: Path): string[] {
  let schema: unknown = configSchema;
  for (const part of path) schema = unwrap(schema)?.shape[String(part)];
  return Object.keys(unwrap(schema)?.shape ?? {});
}

function unwrap(schema: unknown): { shape: Record<string, unknown> } | undefined {
  let current = schema as { shape?: Record<string, unknown>; def?: { innerType?: unknown } } | undefined;
  while (current?.shape === undefined && current?.def?.innerType !== undefined) {
    current = current.def.innerType as typeof current;
  }
  return current?.shape === undefined ? undefined : { shape: current.shape };
}

/** The line of the key at the path or, where it is missing, of the nearest section above it that is there. */
function findLine(contents: unknown, path: Path, lines: LineCounter): number | null {
  let node = contents as Node | null;
  let offset = node?.range?.[0] ?? 0;
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => String((item.key as Node).toJSON()) === String(part));
      if (pair === undefined) break;
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value as Node | null;
    } else {
      const items = (node as { items?: unknown[] } | null)?.items;
      const item = items?.[Number(part)] as Node | undefined;
      if (item === undefined) break;
      offset = item.range?.[0] ?? offset;
      node = item;
    }
  }
  return lines.linePos(offset).line;
}

/** What no key can say alone. */
function crossCheck(file: ConfigFile): { path: string[]; message: string }[] {
  const found: { path: string[]; message: string }[] = [];
  // Each pair of ports takes an even and an odd one (RTP and RTCP), two pairs for each call.
  if (file.rtp.to - file.rtp.from < 3) {
    found.push({ path: ["rtp", "to"], message: `must be at least rtp.from + 3, so ${file.rtp.from + 3}` });
  }
  if (file.sip.port >= file.rtp.from && file.sip.port <= file.rtp.to) {
    found.push({
      path: ["sip", "port"],
      message: `must lie outside rtp.from to rtp.to (${file.rtp.from}-${file.rtp.to})`,
    });
  }
  const tcp: [string, number][] = [
    ["sip", file.sip.port],
    ["ari", file.ari.port],
    ["ami", file.ami.port],
    ["http", file.http.port],
    ...(file.sip.tls ? [["sip.tls", file.sip.tls.port] satisfies [string, number]] : []),
  ];
  for (const [index, [name, port]] of tcp.entries()) {
    const twin = tcp.slice(0, index).find(([, other]) => other === port);
    if (twin)
      found.push({
        path: [...name.split("."), "port"],
        message: `is the same as ${twin[0]}.port (${port}); each needs its own`,
      });
  }
  if (file.trunk && isLoopback(file.bind)) {
    for (const [index, from] of file.trunk.acceptFrom.entries()) {
      if (isLoopback(from)) continue;
      found.push({
        path: ["trunk", "acceptFrom", String(index)],
        message: `${from} cannot reach this hotline while bind is ${file.bind}; set bind to an address of the machine`,
      });
    }
  }
  return found;
}

/** True for addresses that only this machine reaches. */
export function isLoopback(address: string): boolean {
  return address.startsWith("127.") || address === "::1";
}

function toConfig(file: ConfigFile, home: string): Config {
  return {
    ...file,
    home,
    sip: { port: file.sip.port, tls: file.sip.tls ? resolveTls(home, file.sip.tls) : null },
    trunk: toTrunk(file),
    announcements: {
      ...file.announcements,
      speech: resolveSpeech(home, file.announcements.speech),
      convert: resolveTool(home, file.announcements.convert),
    },
  };
}

function resolveTls(home: string, { port, certificate, key }: Tls): Tls {
  return { port, certificate: resolve(home, certificate), key: resolve(home, key) };
}

function resolveSpeech(home: string, speech: string | readonly string[]): string | readonly string[] {
  if (typeof speech === "string") return resolveTool(home, speech);
  const [command = "", ...args] = speech;
  return [resolveTool(home, command), ...args];
}

/** A home that only this machine reaches has a laboratory trunk, so that there is something to try. */
function toTrunk(file: ConfigFile): Trunk | null {
  if (file.trunk === undefined) {
    return isLoopback(file.bind)
      ? { acceptFrom: ["127.0.0.2"], sendTo: { host: "127.0.0.2", port: 5060 } }
      : null;
  }
  const [host = "", port = ""] = file.trunk.sendTo.split(":");
  return { acceptFrom: file.trunk.acceptFrom, sendTo: { host, port: Number(port) } };
}
