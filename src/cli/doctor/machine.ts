import { execFileSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  type Stats,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { roomOf } from "../../config/disk.ts";
import { type HomePaths, programFolder } from "../../config/paths.ts";
import type { Run } from "./clock.ts";
import type { Disk } from "./disk.ts";
import type { FileFacts } from "./files.ts";
import { type Listener, parseListeners } from "./ports.ts";

/** What this machine shows of itself, for the checks to judge. What cannot be seen is left out. */

const tryTo = <T>(look: () => T): T | null => {
  try {
    return look();
  } catch {
    return null;
  }
};

export type Process = { readonly name: "daemon" | "Asterisk"; readonly pid: number; readonly uid: number };

/** This home's daemon and its Asterisk, as far as they run. */
export function runningProcesses(paths: HomePaths): Process[] {
  const found: Process[] = [];
  const add = (name: Process["name"], pid: number) => {
    const uid = /^Uid:\s+\d+\s+(\d+)/m.exec(
      tryTo(() => readFileSync(`/proc/${pid}/status`, "utf8")) ?? "",
    )?.[1];
    if (uid !== undefined) found.push({ name, pid, uid: Number(uid) });
  };
  const daemon = Number(tryTo(() => readFileSync(paths.daemonPid, "utf8")));
  if (daemon > 0 && commandLine(daemon).includes("serve")) add("daemon", daemon);
  const settings = join(paths.asterisk, "asterisk.conf");
  for (const name of tryTo(() => readdirSync("/proc")) ?? []) {
    if (!/^\d+$/.test(name)) continue;
    const words = commandLine(Number(name));
    // Not those who only ask it something.
    if (words.includes(settings) && !words.some((word) => /^-r/.test(word))) add("Asterisk", Number(name));
  }
  return found;
}

const commandLine = (pid: number) =>
  (tryTo(() => readFileSync(`/proc/${pid}/cmdline`, "utf8")) ?? "").split("\0");

export function listeners(): Listener[] {
  const read = (name: string, protocol: "tcp" | "udp") =>
    parseListeners(tryTo(() => readFileSync(`/proc/net/${name}`, "utf8")) ?? "", protocol);
  return [...read("tcp", "tcp"), ...read("tcp6", "tcp"), ...read("udp", "udp"), ...read("udp6", "udp")];
}

/** By the process that has the socket; where this user may not see that, by the user who has it. */
export function socketsOf(processes: readonly Process[]): (listener: Listener) => boolean {
  const inodes = new Set<string>();
  const hidden = new Set<number>();
  for (const { pid, uid } of processes) {
    const names = tryTo(() => readdirSync(`/proc/${pid}/fd`));
    if (!names) hidden.add(uid);
    for (const name of names ?? []) {
      const inode = /^socket:\[(\d+)\]$/.exec(
        tryTo(() => readlinkSync(`/proc/${pid}/fd/${name}`)) ?? "",
      )?.[1];
      if (inode) inodes.add(inode);
    }
  }
  return ({ inode, uid }) => inodes.has(inode) || hidden.has(uid);
}

export function diskOf(paths: HomePaths): Disk | null {
  return tryTo(() => {
    const walBytes = tryTo(() => statSync(`${paths.database}-wal`).size) ?? 0;
    return { ...roomOf(paths.home), walBytes };
  });
}

/** Nobody's home has as many by rights; more are not looked at. */
const filesMax = 20_000;

/** All that lies in a home, without following links, and the folders that this user may not look into. */
export function filesOf(home: string): { files: FileFacts[]; unseen: string[] } {
  const files: FileFacts[] = [];
  const unseen: string[] = [];
  const paths = [""];
  for (let path = paths.pop(); path !== undefined && files.length < filesMax; path = paths.pop()) {
    const stat = tryTo(() => lstatSync(join(home, path!)));
    if (!stat || stat.isSymbolicLink()) continue;
    files.push({ path, kind: kindOf(stat), mode: stat.mode & 0o7777, uid: stat.uid });
    if (!stat.isDirectory()) continue;
    const names = tryTo(() => readdirSync(join(home, path!)));
    if (names) paths.push(...names.map((name) => join(path!, name)));
    else unseen.push(path);
  }
  return { files, unseen };
}

function kindOf(stat: Stats): FileFacts["kind"] {
  if (stat.isFile()) return "file";
  if (stat.isDirectory()) return "folder";
  return stat.isSocket() ? "socket" : "other";
}

export const isContainer = (): boolean =>
  ["/.dockerenv", "/run/.containerenv", "/run/systemd/container"].some((path) => existsSync(path));

export const runCommand: Run = (command, args) =>
  tryTo(() =>
    execFileSync(command, args, { encoding: "utf8", timeout: 3_000, stdio: ["ignore", "pipe", "ignore"] }),
  );

/** The modules that this version's modules.conf loads. */
export function neededModules(): string[] {
  const text = readFileSync(join(programFolder, "asterisk-config", "modules.conf"), "utf8");
  return [...text.matchAll(/^(?:pre)?load\s*=>?\s*(\S+)/gm)].map((match) => match[1]!);
}
