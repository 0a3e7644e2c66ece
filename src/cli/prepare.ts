import { execFileSync } from "node:child_process";
import {
  accessSync,
  constants,
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { renderDefaultConfig } from "../config/defaults.ts";
import { ensureFolder, type Owner, ownerOf, readIfThere, writeFileAtomic } from "../config/files.ts";
import { type Config, loadConfigAndFiles } from "../config/load.ts";
import { type HomePaths, homePaths, programFolder } from "../config/paths.ts";
import { ensureSecrets } from "../config/secrets.ts";
import { logBytes, reserveRegistrations } from "../pbx/registrations.ts";
import { renderAgents } from "../pbx/render/agents.ts";
import { type AsteriskTools, renderAsterisk } from "../pbx/render/asterisk.ts";
import { renderFallback, renderFallbackQueues } from "../pbx/render/fallback.ts";
import { renderNumbers } from "../pbx/render/numbers.ts";
import { findPortTrouble } from "./ports.ts";

/** Longest path of a Unix socket on Linux, in bytes. */
const longestSocketPath = 107;

/**
 * svlogd: a new file every 5 MB, the last 20 are kept. Of the security events only those are logged that went wrong: phones
 * log in every few minutes.
 */
const logRules = `s5000000
n20
-[*] SECURITY[*]: res_security_log.c:*: SecurityEvent="ChallengeSent"*
-[*] SECURITY[*]: res_security_log.c:*: SecurityEvent="SuccessfulAuth"*
`;

/** What `prepare` did, for the caller to show. */
export interface Prepared {
  readonly home: string;
  readonly configFile: string;
  /** True when hotline.yaml was written just now. */
  readonly created: boolean;
  /** Files of Asterisk's configuration that differ from before; those need a reload or a restart of Asterisk. */
  readonly changed: readonly string[];
}

/**
 * Makes a home ready to be started: folders, hotline.yaml (only if there is none), passwords, Asterisk's configuration and
 * the services. Can be repeated, also while the hotline runs. Throws an Error with one clear line, or a ConfigError with one
 * line for each mistake in the file; nothing of Asterisk's configuration is touched then.
 */
export async function prepare(home: string, env: NodeJS.ProcessEnv): Promise<Prepared> {
  const paths = homePaths(home);
  checkHomePath(paths);
  const created = !existsSync(paths.configFile);
  const text = created ? renderDefaultConfig(env) : null;

  checkWritable(paths);
  const owner = ownerOf(paths.home);
  // First of all: by this file scripts/up knows a home.
  if (text !== null) writeFileAtomic(paths.configFile, text, 0o640, owner);
  makeFolders(paths, owner);
  linkTools(paths, env, owner);
  const config = await loadConfigAndFiles(home);
  const trouble = await findPortTrouble(config);
  if (trouble.length > 0) throw new Error(trouble.join("\n"));

  const secrets = ensureSecrets(home, owner);
  const changed = copyStatic(paths, owner);
  for (const [name, content] of renderAsterisk(config, secrets, readTools(paths))) {
    if (writeFileAtomic(join(paths.asterisk, name), content, 0o640, owner)) changed.push(name);
  }
  // The daemon fills these files from its database; Asterisk only needs them to be there.
  if (!existsSync(paths.agentsFile))
    writeFileAtomic(paths.agentsFile, renderAgents([], config), 0o640, owner);
  if (!existsSync(paths.numbersFile)) writeFileAtomic(paths.numbersFile, renderNumbers([]), 0o640, owner);
  if (!existsSync(paths.fallbackFile)) writeFileAtomic(paths.fallbackFile, renderFallback([]), 0o640, owner);
  if (!existsSync(paths.fallbackQueuesFile))
    writeFileAtomic(paths.fallbackQueuesFile, renderFallbackQueues([]), 0o640, owner);
  const hasRoom = reserveRegistrations(paths.registrations, owner);
  writeServices(paths, config, hasRoom, owner);
  return { home, configFile: paths.configFile, created, changed };
}

function checkHomePath(paths: HomePaths): void {
  if (/[\p{Cc};'"\\]/u.test(paths.home)) {
    throw new Error(`HOTLINE_HOME must not contain quotes, semicolons or control characters: ${paths.home}`);
  }
  const length = Buffer.byteLength(join(paths.run, "asterisk.ctl"));
  if (length > longestSocketPath) {
    throw new Error(
      `HOTLINE_HOME is ${length - longestSocketPath} bytes too long for the sockets in it: ${paths.home}`,
    );
  }
}

function checkWritable({ home }: HomePaths): void {
  try {
    ensureFolder(home, 0o750, null);
    accessSync(home, constants.W_OK | constants.X_OK);
  } catch (error) {
    const { username } = userInfo();
    throw new Error(
      `HOTLINE_HOME ${home} cannot be written by user ${username} (${(error as NodeJS.ErrnoException).code}); ` +
        `it must belong to the user that runs the hotline: chown -R ${username} ${home}`,
    );
  }
}

function makeFolders(paths: HomePaths, owner: Owner | null): void {
  for (const folder of [
    paths.run,
    paths.asterisk,
    paths.rendered,
    join(paths.asterisk, "custom"),
    paths.sounds,
    paths.logs,
    join(paths.logs, "asterisk"),
    join(paths.logs, "daemon"),
    paths.compiled,
    join(paths.logs, "guard"),
    paths.asteriskData,
    join(paths.asteriskData, "spool"),
    join(paths.asteriskData, "cache"),
    paths.service,
  ]) {
    ensureFolder(folder, 0o750, owner);
  }
  // Callers' numbers.
  ensureFolder(paths.endedCalls, 0o700, owner);
}

/** Points `tools` to the Asterisk to use: what scripts/up found or made, what was used before, or what is in the cache. */
function linkTools(paths: HomePaths, env: NodeJS.ProcessEnv, owner: Owner | null): void {
  const target = env.HOTLINE_ASTERISK || (existsSync(paths.tools) ? null : findTools());
  if (target === null) return;
  if (!existsSync(join(target, "tools.json"))) {
    throw new Error(`${target} holds no Asterisk made by scripts/asterisk-rootfs; run scripts/up`);
  }
  if (linkTarget(paths.tools) === target) return;
  const temporary = `${paths.tools}.${process.pid}`;
  rmSync(temporary, { force: true });
  symlinkSync(target, temporary);
  if (owner) execFileSync("chown", ["-h", `${owner.uid}:${owner.gid}`, temporary]);
  renameSync(temporary, paths.tools);
}

function linkTarget(link: string): string | null {
  try {
    return readlinkSync(link);
  } catch {
    return null;
  }
}

function findTools(): string {
  const script = join(programFolder, "scripts", "asterisk-rootfs");
  try {
    return execFileSync(script, ["--print"], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
  } catch {
    throw new Error(`there is no Asterisk for this home yet; run scripts/up or ${script}`);
  }
}

function readTools(paths: HomePaths): AsteriskTools {
  const file = join(paths.tools, "tools.json");
  const text = readIfThere(file);
  if (text === null) throw new Error(`${file} is gone; run scripts/up, which makes it again`);
  return JSON.parse(text) as AsteriskTools;
}

/** Copies asterisk-config/ and removes what it no longer has. `custom/` is the sysadmin's and stays as it is. */
function copyStatic(paths: HomePaths, owner: Owner | null): string[] {
  const source = join(programFolder, "asterisk-config");
  const names = readdirSync(source).filter((name) => name.endsWith(".conf"));
  const changed = names.filter((name) =>
    writeFileAtomic(join(paths.asterisk, name), readFileSync(join(source, name), "utf8"), 0o640, owner),
  );
  for (const name of readdirSync(paths.asterisk)) {
    if (!name.endsWith(".conf") || name === "asterisk.conf" || names.includes(name)) continue;
    rmSync(join(paths.asterisk, name));
    changed.push(name);
  }
  return changed;
}

/** The services under runsvdir. Each lives and dies alone. */
function writeServices(paths: HomePaths, { calls }: Config, hasRoom: boolean, owner: Owner | null): void {
  const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
  const head = "#!/bin/sh\n# Written by `hotline prepare`; changes here are lost.\n";
  const run = (lines: string) => `${head}exec 2>&1\n${lines}\n`;
  const scripts: Record<string, string> = {
    "asterisk/run": run(
      `cd ${quote(paths.asteriskData)} || exit 1\n` +
        // What it records and notes of calls is for nobody else.
        "umask 077\n" +
        // Several files for each call; the usual 1024 end at about 150 calls.
        `ulimit -n 65536 2>/dev/null || ulimit -n "$(ulimit -H -n)"\n` +
        // A clean end takes it away. Without it all goes on as long as there is room on the disk.
        (hasRoom ? `fallocate --length ${logBytes} ${quote(`${paths.registrations}-wal`)}\n` : "") +
        `exec ${quote(join(paths.tools, "bin", "asterisk"))} -f -n -C ${quote(join(paths.asterisk, "asterisk.conf"))}`,
    ),
    "daemon/run": run(
      `cd ${quote(paths.home)} || exit 1\n` +
        `HOTLINE_HOME=${quote(paths.home)}\nexport HOTLINE_HOME\n` +
        // The program's own folder may be closed to the service's user; without this each start compiles anew.
        `NODE_COMPILE_CACHE=${quote(paths.compiled)}\nexport NODE_COMPILE_CACHE\n` +
        `exec ${quote(join(programFolder, "hotline"))} serve`,
    ),
    // How it ended, for its next start. Written over what is there: that takes no room on a full disk.
    "daemon/finish": `${head}printf '%4d %4d\\n' "$1" "$2" 1<>${quote(paths.daemonEnd)}\n`,
    "guard/run": run(
      `exec ${quote(join(programFolder, "scripts", "guard"))} ${quote(paths.home)} ${calls.fallbackAfterSeconds}`,
    ),
    "guard/log/run": `${head}exec svlogd ${quote(join(paths.logs, "guard"))}\n`,
    "asterisk/log/run": `${head}exec svlogd ${quote(join(paths.logs, "asterisk"))}\n`,
    "daemon/log/run": `${head}exec svlogd ${quote(join(paths.logs, "daemon"))}\n`,
  };
  for (const [name, text] of Object.entries(scripts)) {
    const file = join(paths.service, name);
    ensureFolder(join(file, ".."), 0o750, owner);
    writeFileAtomic(file, text, 0o750, owner);
  }
  for (const name of ["asterisk", "daemon", "guard"]) {
    if (owner) ensureFolder(join(paths.service, name), 0o750, owner);
    writeFileAtomic(join(paths.logs, name, "config"), logRules, 0o640, owner);
  }
}
