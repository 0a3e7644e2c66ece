import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { undoSchema } from "../../src/api/audit.ts";
import { applySchema } from "../../src/api/document.ts";
import { hoursOrderSchema } from "../../src/api/hours.ts";
import {
  addAgentSchema,
  addHotlineSchema,
  assignSchema,
  extendWrapUpSchema,
  hotlineChangeSchema,
  importSchema,
  pauseSchema,
  setNumberSchema,
} from "../../src/api/schemas.ts";
import { cannedAnswers } from "./canned.ts";

const programFolder = join(import.meta.dirname, "..", "..");
export const hotlineProgram = join(programFolder, "hotline");

export interface Reply {
  readonly status: number;
  readonly body: unknown;
}

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

export interface Fake {
  readonly home: string;
  readonly requests: Received[];
  /** Only those that would have changed something. */
  changes(): Received[];
}

export const ok = (body: unknown): Reply => ({ status: 200, body });
export const refused = (status: number, code: string, message: string): Reply => ({
  status,
  body: { error: { code, message } },
});

const bodySchemas = [
  [/^POST \/agents$/, addAgentSchema],
  [/^POST \/document$/, applySchema],
  [/^POST \/agents\/[^/]+\/pause$/, pauseSchema],
  [/^POST \/agents\/[^/]+\/wrap-up\/extend$/, extendWrapUpSchema],
  [/^PUT \/agents\/[^/]+\/hotlines\/[^/]+$/, assignSchema],
  [/^POST \/undo$/, undoSchema],
  [/^POST \/hotlines$/, addHotlineSchema],
  [/^PUT \/numbers\/[^/]+$/, setNumberSchema],
  [/^PATCH \/hotlines\/[^/]+$/, hotlineChangeSchema],
  [/^POST \/hotlines\/[^/]+\/hours(\?dryRun=true)?$/, hoursOrderSchema],
  [/^PUT \/hotlines\/[^/]+\/announcements\/[^/]+$/, importSchema],
] as const;

/** An empty home, short enough for a socket in it; gone after the test. */
export function makeHome(t: TestContext): string {
  const home = mkdtempSync(join(tmpdir(), "hl-cli-"));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  return home;
}

/**
 * A home whose admin socket gives canned answers, `METHOD /path` (without the query) to reply. A body that does not fit the
 * API's schema is a 500, which fails the test.
 */
export async function startFake(t: TestContext, replies: Record<string, Reply> = {}): Promise<Fake> {
  const home = makeHome(t);
  const requests: Received[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString("utf8");
    const body: unknown = text === "" ? null : JSON.parse(text);
    const method = request.method ?? "";
    const path = request.url ?? "";
    const isProof = path === "/who";
    if (!isProof) requests.push({ method, path, body });
    const reply = chooseReply(method, path, body, replies);
    response.writeHead(reply.status, { "content-type": "application/json" });
    response.end(reply.status === 204 ? "" : JSON.stringify(reply.body));
  };
  const server = createServer((request, response) => void answer(request, response));
  mkdirSync(join(home, "run", "who"), { recursive: true });
  await new Promise<void>((listening) => server.listen(join(home, "run", "admin.sock"), listening));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { home, requests, changes: () => requests.filter(isChange) };
}

const isChange = ({ method, path }: Received) => method !== "GET" && !path.endsWith("?dryRun=true");

function chooseReply(method: string, path: string, body: unknown, replies: Record<string, Reply>): Reply {
  const whole = `${method} ${path}`;
  const route = `${method} ${path.split("?")[0]}`;
  const schema = bodySchemas.find(([pattern]) => pattern.test(whole) || pattern.test(route))?.[1];
  const parsed = schema?.safeParse(body);
  if (parsed && !parsed.success)
    return refused(500, "bad_body", `the body does not fit: ${parsed.error.message}`);
  // A preview has an answer of its own.
  const canned = replies[whole] ?? cannedAnswers[whole] ?? replies[route] ?? cannedAnswers[route];
  return canned ?? refused(404, "no_route", `no canned answer for ${route}`);
}

export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `./hotline` as a person or a script would, without a terminal, in a folder that is not the program's. */
export function hotline(home: string, args: readonly string[], stdin = ""): Promise<Result> {
  return runProgram(hotlineProgram, args, { HOTLINE_HOME: home }, undefined, stdin);
}

/** Each start of the program would compile it anew: with this the tests take half the time. */
const compileCache = mkdtempSync(join(tmpdir(), "hl-cli-compiled-"));
process.on("exit", () => rmSync(compileCache, { recursive: true, force: true }));

/** `typed` goes to stdin once the output has `prompt` in it, and `meanwhile` is over; without it `stdin` is all there is. */
export function runProgram(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  typing?: { readonly prompt: string; readonly typed: string; readonly meanwhile?: () => Promise<unknown> },
  stdin = "",
): Promise<Result> {
  const { promise, resolve, reject } = Promise.withResolvers<Result>();
  // A build server's CI means no colours, and what is tested here is a person's terminal.
  const { FORCE_COLOR: _, NO_COLOR: __, CI: ___, ...own } = process.env;
  const child = spawn(program, args, {
    cwd: tmpdir(),
    env: { ...own, TZ: "UTC", NODE_COMPILE_CACHE: compileCache, ...env },
    timeout: 30_000,
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const asked = typing !== undefined && !stdout.includes(typing.prompt);
    stdout += text;
    if (!asked || !stdout.includes(typing.prompt)) return;
    (typing.meanwhile?.() ?? Promise.resolve()).then(() => child.stdin.write(typing.typed), reject);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  child.once("error", reject);
  child.once("close", (code) => resolve({ code, stdout, stderr }));
  child.stdin.on("error", () => {});
  if (typing === undefined) child.stdin.end(stdin);
  return promise;
}
