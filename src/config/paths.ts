import { existsSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";

/** The folder of the program: two levels above both `src/config` and `dist/config`. */
export const programFolder = dirname(dirname(import.meta.dirname));

/** Where everything of one home lies. All paths are absolute. */
export interface HomePaths {
  readonly home: string;
  readonly configFile: string;
  readonly database: string;
  /** Which opening hours a start has found broken, see daemon/broken-hours-note.ts. */
  readonly brokenHours: string;
  /** Sockets and pid files. */
  readonly run: string;
  readonly adminSocket: string;
  readonly daemonPid: string;
  /** Touched each second by the daemon's event loop, see scripts/guard. */
  readonly daemonAlive: string;
  /** How the daemon ended last, as its supervisor says. */
  readonly daemonEnd: string;
  /** What it did at that moment, as far as it could say. */
  readonly daemonLast: string;
  /** That it died of bugs, and what was done about it, see daemon/crash-guard.ts. */
  readonly daemonCrashes: string;
  /** Where clients show the daemon who they are. */
  readonly who: string;
  /** Generated passwords, one file each. */
  readonly secrets: string;
  /** Asterisk's configuration folder. */
  readonly asterisk: string;
  /** The rendered parts of it. */
  readonly rendered: string;
  /** The agents' phones, see `renderAgents`. */
  readonly agentsFile: string;
  /** Under which numbers they can be called, see `renderNumbers`. */
  readonly numbersFile: string;
  /** What the dialplan does by itself while the daemon is away, see `renderFallback`. */
  readonly fallbackFile: string;
  /** And who is rung then, see `renderFallbackQueues`. */
  readonly fallbackQueuesFile: string;
  /** Announcements, ready to play. */
  readonly sounds: string;
  readonly logs: string;
  /** The services that runsvdir supervises. */
  readonly service: string;
  /** Link to what `scripts/asterisk-rootfs` made. */
  readonly tools: string;
  /** What Asterisk records. */
  readonly recordings: string;
  /** Asterisk's notes of ended calls, see pbx/spool.ts. */
  readonly endedCalls: string;
  /** The daemon's program as Node has compiled it; can be removed at any time. */
  readonly compiled: string;
  /** Asterisk's own data: its database, spool and keys. */
  readonly asteriskData: string;
  /** Asterisk's database: what phones have registered. */
  readonly registrations: string;
}

export function homePaths(home: string): HomePaths {
  const at = (...parts: string[]) => join(home, ...parts);
  return {
    home,
    configFile: at("hotline.yaml"),
    database: at("hotline.db"),
    brokenHours: at("broken-hours.json"),
    run: at("run"),
    adminSocket: at("run", "admin.sock"),
    daemonPid: at("run", "daemon.pid"),
    daemonAlive: at("run", "daemon.alive"),
    daemonEnd: at("run", "daemon.end"),
    daemonLast: at("run", "daemon.last"),
    daemonCrashes: at("run", "daemon.crashes"),
    who: at("run", "who"),
    secrets: at("secrets"),
    asterisk: at("asterisk"),
    rendered: at("asterisk", "rendered"),
    agentsFile: at("asterisk", "rendered", "pjsip_agents.conf"),
    numbersFile: at("asterisk", "rendered", "extensions_agents.conf"),
    fallbackFile: at("asterisk", "rendered", "extensions_fallback.conf"),
    fallbackQueuesFile: at("asterisk", "rendered", "queues_fallback.conf"),
    sounds: at("sounds"),
    logs: at("log"),
    service: at("service"),
    tools: at("tools"),
    recordings: at("asterisk-data", "spool", "recording"),
    endedCalls: at("asterisk-data", "ended-calls"),
    compiled: at("compiled"),
    asteriskData: at("asterisk-data"),
    registrations: at("asterisk-data", "astdb.sqlite3"),
  };
}

/** The home that `HOTLINE_HOME` names, else `var/` beside the program. */
export function resolveHome(env: NodeJS.ProcessEnv): string {
  const set = env.HOTLINE_HOME;
  return set ? resolve(set) : join(programFolder, "var");
}

/**
 * The command to start for a tool named in the configuration: a bare name is looked for among the home's own tools first
 * (speech and conversion come with the bundled Asterisk), then left to PATH.
 */
export function resolveTool(home: string, command: string): string {
  if (isAbsolute(command)) return command;
  if (command.includes("/")) return resolve(home, command);
  const own = join(home, "tools", "bin", command);
  return existsSync(own) ? own : command;
}
