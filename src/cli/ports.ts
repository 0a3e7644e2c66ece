import { execFileSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import type { Config } from "../config/load.ts";
import { homePaths } from "../config/paths.ts";

interface Wanted {
  /** The key in hotline.yaml and the variable, if any, that sets it in a new home. */
  readonly key: string;
  readonly variable: string | null;
  readonly protocol: "tcp" | "udp";
  readonly address: string;
  readonly port: number;
}

/**
 * Tries to take each port that this home needs and says of each that it cannot have who has it, one line each. Ports that
 * this home's own Asterisk and daemon hold are fine.
 */
export async function findPortTrouble(config: Config): Promise<string[]> {
  const trouble: string[] = [];
  for (const port of wantedBy(config)) {
    const code = await tryPort(port);
    if (code === null) continue;
    const line = describe(port, code, config.home);
    if (line !== null) trouble.push(line);
  }
  return trouble;
}

function wantedBy({ bind, sip, ari, ami, http }: Config): Wanted[] {
  const sipPort = { key: "sip.port", variable: "HOTLINE_SIP_PORT", address: bind, port: sip.port } as const;
  const here = { protocol: "tcp", address: "127.0.0.1" } as const;
  const tls: Wanted[] = sip.tls
    ? [{ key: "sip.tls.port", variable: null, protocol: "tcp", address: bind, port: sip.tls.port }]
    : [];
  return [
    { ...sipPort, protocol: "udp" },
    { ...sipPort, protocol: "tcp" },
    ...tls,
    { key: "ari.port", variable: "HOTLINE_ARI_PORT", ...here, port: ari.port },
    { key: "ami.port", variable: "HOTLINE_AMI_PORT", ...here, port: ami.port },
    { key: "http.port", variable: "HOTLINE_HTTP_PORT", protocol: "tcp", address: http.bind, port: http.port },
  ];
}

function describe(wanted: Wanted, code: string, home: string): string | null {
  const { key, variable, address, port, protocol } = wanted;
  const file = homePaths(home).configFile;
  if (code === "EADDRNOTAVAIL") {
    return `${key.startsWith("http") ? "http.bind" : "bind"}: ${address} is no address of this machine; change it in ${file}`;
  }
  if (code === "EACCES") {
    return `port ${port}/${protocol} (${key}) may not be used by this user; set ${key} in ${file} to 1024 or more`;
  }
  if (code !== "EADDRINUSE") return `port ${port}/${protocol} (${key}) cannot be used: ${code}`;
  const holder = holderOf(wanted);
  if (holder && isOurs(holder.pid, home)) return null;
  const who = holder ? `${holder.name} (pid ${holder.pid})` : "another program";
  const forNew = variable === null ? "" : ` (${variable} for a new home)`;
  return `port ${port}/${protocol} (${key}) on ${address} is in use by ${who}; stop that, or set ${key} in ${file}${forNew}`;
}

/** Takes the port for an instant. Returns the error's code, or null when it is free. */
function tryPort({ protocol, address, port }: Wanted): Promise<string | null> {
  const { promise, resolve } = Promise.withResolvers<string | null>();
  const failed = (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message);
  if (protocol === "udp") {
    const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
    socket.once("error", failed);
    socket.bind({ address, port, exclusive: true }, () => socket.close(() => resolve(null)));
  } else {
    const server = createServer();
    server.once("error", failed);
    server.listen({ host: address, port, exclusive: true }, () => server.close(() => resolve(null)));
  }
  return promise;
}

/** Which process listens there, as far as `ss` is there and this user may see it. */
function holderOf({ protocol, port }: Wanted): { name: string; pid: number } | null {
  try {
    const flags = protocol === "udp" ? "-Hlnup" : "-Hlntp";
    const text = execFileSync("ss", [flags, `sport = :${port}`], { encoding: "utf8", timeout: 5000 });
    const match = /users:\(\("([^"]*)",pid=(\d+)/.exec(text);
    return match ? { name: match[1]!, pid: Number(match[2]) } : null;
  } catch {
    return null;
  }
}

/** True for the Asterisk that was started with this home's configuration, and for this home's daemon. */
function isOurs(pid: number, home: string): boolean {
  const paths = homePaths(home);
  try {
    if (readFileSync(paths.daemonPid, "utf8").trim() === String(pid)) return true;
  } catch {
    // No daemon has run here yet.
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8")
      .split("\0")
      .includes(`${paths.asterisk}/asterisk.conf`);
  } catch {
    return false;
  }
}
