/**
 * Looks inside the running daemon through Node's own inspector, so that "flat memory" and "no timer left over" are measured
 * and not guessed from outside.
 *
 *   lookInside();                       // before the system is started
 *   const before = await insideDaemon(system);
 *   …
 *   const after = await insideDaemon(system);
 */
import { readdirSync, readFileSync } from "node:fs";
import { homePaths } from "../../src/config/paths.ts";
import { poll } from "./process.ts";
import type { System } from "./system.ts";

export interface Inside {
  /** After a garbage collection. */
  readonly heapBytes: number;
  /** Everything else of V8: code, buffers of the libraries. After a garbage collection, too. */
  readonly externalBytes: number;
  /** What keeps the event loop awake, by kind: `Timeout`, `TCPSocketWrap` … */
  readonly resources: Readonly<Record<string, number>>;
}

/** The inspector of each daemon that is started from now on takes a free port of its own, once it is asked for. */
export function lookInside(): void {
  process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ""} --inspect-port=0`.trim();
}

/** What the inspector prints when it is opened, for expectClean(). */
export const inspectorLines: readonly RegExp[] = [
  /^Debugger listening on ws:/,
  /^For help, see: https:\/\/nodejs\.org/,
  /^Debugger (ending|attached)/,
];

export async function insideDaemon(system: System): Promise<Inside> {
  const inside = new InsideDaemon(system);
  try {
    return await inside.look();
  } finally {
    inside.close();
  }
}

/** For looking again and again: the inspector stays open, also where the log in which it says its address is long gone. */
export class InsideDaemon {
  readonly #system: System;
  #open: { readonly pid: number; readonly inspector: Inspector } | null = null;

  constructor(system: System) {
    this.#system = system;
  }

  async look(): Promise<Inside> {
    const inspector = await this.#inspector();
    // The second one takes what finalizers of the first have let go.
    await inspector.ask("HeapProfiler.collectGarbage");
    await inspector.ask("HeapProfiler.collectGarbage");
    const expression =
      "JSON.stringify({ memory: process.memoryUsage(), resources: process.getActiveResourcesInfo() })";
    const { result } = await inspector.ask<{ result: { value: string } }>("Runtime.evaluate", { expression });
    const { memory, resources } = JSON.parse(result.value) as {
      memory: { heapUsed: number; external: number };
      resources: string[];
    };
    const counts: Record<string, number> = {};
    for (const kind of resources) counts[kind] = (counts[kind] ?? 0) + 1;
    return { heapBytes: memory.heapUsed, externalBytes: memory.external, resources: counts };
  }

  close(): void {
    this.#open?.inspector.close();
    this.#open = null;
  }

  async #inspector(): Promise<Inspector> {
    const pid = daemonPid(this.#system);
    if (this.#open?.pid === pid) return this.#open.inspector;
    this.close();
    this.#open = { pid, inspector: await openInspector(this.#system) };
    return this.#open.inspector;
  }
}

export interface Outside {
  readonly rssBytes: number;
  readonly openFiles: number;
}

/** What the kernel says of a process. */
export function outside(pid: number): Outside {
  const rssKib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return { rssBytes: Number(rssKib) * 1024, openFiles: readdirSync(`/proc/${pid}/fd`).length };
}

export function daemonPid(system: System): number {
  return Number(readFileSync(homePaths(system.home).daemonPid, "utf8"));
}

export function asteriskPid(system: System): number {
  return Number(readFileSync(`${homePaths(system.home).run}/asterisk.pid`, "utf8"));
}

interface Inspector {
  ask<T>(method: string, params?: object): Promise<T>;
  close(): void;
}

async function openInspector(system: System): Promise<Inspector> {
  process.kill(daemonPid(system), "SIGUSR1");
  const url = await poll("the daemon's inspector listens", 5_000, () =>
    system
      .log("daemon")
      .match(/ws:\/\/127\.0\.0\.1:\d+\/[0-9a-f-]+/g)
      ?.at(-1),
  );
  const socket = new WebSocket(url);
  const opened = Promise.withResolvers<void>();
  const answers = new Map<number, PromiseWithResolvers<unknown>>();
  socket.onopen = () => opened.resolve();
  socket.onclose = () => {
    for (const answer of answers.values()) answer.reject(new Error(`the inspector at ${url} is gone`));
  };
  socket.onerror = () => opened.reject(new Error(`cannot connect to the inspector at ${url}`));
  socket.onmessage = ({ data }) => {
    const { id, result, error } = JSON.parse(String(data));
    const answer = answers.get(id);
    answers.delete(id);
    if (error) answer?.reject(new Error(error.message));
    else answer?.resolve(result);
  };
  await opened.promise;
  let asked = 0;
  return {
    ask<T>(method: string, params: object = {}): Promise<T> {
      const answer = Promise.withResolvers<unknown>();
      answers.set(++asked, answer);
      socket.send(JSON.stringify({ id: asked, method, params }));
      return answer.promise as Promise<T>;
    },
    close: () => socket.close(),
  };
}
