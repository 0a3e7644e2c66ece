import { existsSync } from "node:fs";
import { join } from "node:path";
import { homePaths, programFolder } from "../config/paths.ts";
import { CliError, failure } from "./errors.ts";
import { dryRunHeader, prove, reasonHeader } from "./who.ts";

/** `import` would evaluate every export of node:http, its WebSocket among them, and cost 50 ms instead of 5. */
const { request } = process.getBuiltinModule("node:http");

/** The most that is read of one answer; 10000 calls are about 3 MB. */
const answerBytesMax = 64 * 1024 * 1024;

export interface Question {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
  /** For the whole exchange. */
  readonly timeLimitMs: number;
  /** Why something is changed. */
  readonly reason?: string | undefined;
  /** Only to check what would be changed. */
  readonly dryRun?: boolean;
}

/** One request to the daemon of this home. `body` is the parsed JSON, or null when there was none. */
export async function ask(home: string, question: Question): Promise<{ status: number; body: unknown }> {
  try {
    if (question.method === "GET") return await exchange(home, question, {});
    const proof = await proveTo(home, question.timeLimitMs);
    try {
      const about = { ...reasonHeader(question.reason), ...dryRunHeader(question.dryRun) };
      return await exchange(home, question, { ...proof.headers, ...about });
    } finally {
      proof.remove();
    }
  } catch (error) {
    throw explain(error as NodeJS.ErrnoException, home, question);
  }
}

/** Shows the daemon who this is, for the next request: its headers. To be removed after it. */
export async function proveTo(home: string, timeLimitMs: number): Promise<ReturnType<typeof prove>> {
  const asked = await exchange(home, { method: "POST", path: "/who", timeLimitMs }, {});
  return prove(home, asked.body);
}

async function exchange(
  home: string,
  question: Question,
  headers: Record<string, string>,
): Promise<{ status: number; body: unknown }> {
  const { status, text } = await exchangeText(homePaths(home).adminSocket, question, headers);
  return { status, body: text === "" ? null : JSON.parse(text) };
}

function exchangeText(
  socketPath: string,
  question: Question,
  headers: Record<string, string>,
): Promise<{ status: number; text: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>();
  const body = question.body === undefined ? null : Buffer.from(JSON.stringify(question.body));
  const outgoing = request({
    socketPath,
    method: question.method,
    path: question.path,
    headers: {
      accept: "application/json",
      ...headers,
      ...(body && { "content-type": "application/json", "content-length": body.length }),
    },
    // No connection is kept, so that the process ends with its answer.
    agent: false,
    signal: AbortSignal.timeout(question.timeLimitMs),
  });
  outgoing.once("error", reject);
  outgoing.once("response", (incoming) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    incoming.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > answerBytesMax) incoming.destroy(new Error("the answer is too long"));
      else chunks.push(chunk);
    });
    incoming.once("error", reject);
    incoming.once("end", () =>
      resolve({ status: incoming.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") }),
    );
  });
  outgoing.end(body);
  return promise;
}

/** What a failed exchange means for the person at the keyboard, and what to do about it. */
export function explain(
  error: NodeJS.ErrnoException,
  home: string,
  question: Pick<Question, "timeLimitMs">,
): CliError {
  if (error instanceof CliError) return error;
  const socket = homePaths(home).adminSocket;
  const start = join(programFolder, "scripts", "up");
  if (error.name === "AbortError")
    return failure(
      `the hotline did not answer within ${question.timeLimitMs / 1000} s (${socket}); see the log in ${homePaths(home).logs}`,
      error,
    );
  if (error instanceof SyntaxError)
    return failure(`what answers at ${socket} does not speak JSON; is it the hotline's daemon?`, error);
  switch (error.code) {
    case "ENOENT":
    case "ENOTDIR":
    case "ECONNREFUSED": {
      const what = existsSync(home) ? "the hotline is not running" : `there is no hotline in ${home} yet`;
      return failure(`${what}: nobody answers at ${socket}; start it with ${start}`, error);
    }
    case "EACCES":
    case "EPERM":
      return failure(
        `this user may not use ${socket}: membership in the group "hotline" is needed (as root: usermod -aG hotline USER, then log in again)`,
        error,
      );
    case "ECONNRESET":
    case "EPIPE":
      return failure(
        `the hotline's daemon hung up before it answered; whether the command was carried out is unknown (see: hotline status, and the log in ${homePaths(home).logs})`,
        error,
      );
    default:
      return failure(`cannot talk to the hotline at ${socket}: ${error.message}`, error);
  }
}
