import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { basename, dirname } from "node:path";
import { homePaths } from "../config/paths.ts";
import { failure } from "./errors.ts";
import { explain, proveTo } from "./transport.ts";

const { request } = process.getBuiltinModule("node:http");

/** A piece of it has to come by then. */
const silenceLimitMs = 60_000;

/**
 * Has the daemon send something long, and puts it into a new file that only this user may read (mode 0600). The file is there
 * only when all of it is on disk. Returns its length. Throws CliError.
 */
export async function download(home: string, path: string, file: string, replace: boolean): Promise<number> {
  if (existsSync(file) && !replace)
    throw failure(`${file} is there already and was left as it is; --force replaces it`);
  const temporary = `${file}.part`;
  const handle = openNew(temporary, file);
  try {
    const bytes = await receive(home, path, (chunk) => {
      for (let at = 0; at < chunk.length; ) at += writeSync(handle, chunk, at);
    });
    fsyncSync(handle);
    renameSync(temporary, file);
    syncFolder(dirname(file));
    return bytes;
  } catch (error) {
    rmSync(temporary, { force: true });
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOSPC" || code === "EDQUOT" || code === "EIO")
      throw failure(
        `${file} could not be written: ${(error as Error).message}; nothing is left of it`,
        error,
      );
    throw explain(error as NodeJS.ErrnoException, home, { timeLimitMs: silenceLimitMs });
  } finally {
    closeSync(handle);
  }
}

function openNew(temporary: string, file: string): number {
  try {
    // What a try that was broken off has left.
    rmSync(temporary, { force: true });
    return openSync(temporary, "wx", 0o600);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR")
      throw failure(`there is no folder ${dirname(file)} for ${basename(file)}`, error);
    throw failure(`${file} cannot be written: ${message}`, error);
  }
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, "r");
  fsyncSync(handle);
  closeSync(handle);
}

async function receive(home: string, path: string, take: (chunk: Buffer) => void): Promise<number> {
  const proof = await proveTo(home, silenceLimitMs);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const outgoing = request({
    socketPath: homePaths(home).adminSocket,
    method: "POST",
    path,
    headers: proof.headers,
    agent: false,
    timeout: silenceLimitMs,
  });
  outgoing.once("timeout", () => outgoing.destroy(new DOMException("", "AbortError")));
  outgoing.once("error", reject);
  outgoing.once("response", (incoming) => {
    const refused = incoming.statusCode !== 200;
    const words: Buffer[] = [];
    let bytes = 0;
    incoming.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      try {
        if (refused) words.push(chunk);
        else take(chunk);
      } catch (error) {
        outgoing.destroy(error as Error);
      }
    });
    incoming.once("error", reject);
    incoming.once("end", () => {
      if (refused) reject(failure(messageIn(Buffer.concat(words).toString("utf8"))));
      else resolve(bytes);
    });
  });
  outgoing.end();
  try {
    return await promise;
  } finally {
    proof.remove();
  }
}

function messageIn(text: string): string {
  const body = JSON.parse(text) as { error?: { message?: string } };
  return body.error?.message ?? "the daemon has refused it without saying why";
}
