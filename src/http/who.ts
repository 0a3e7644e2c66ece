import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { lstat, rm } from "node:fs/promises";
import type { IncomingHttpHeaders } from "node:http";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Logger } from "pino";
import { type Author, proofMode, whoHeaders } from "../api/who.ts";
import { giveToGroup } from "./group.ts";
import { Refusal } from "./service.ts";

/** A file must be there this soon after its name was given out. */
const proofAgeMaxMs = 30_000;
/** Names given out and not used yet; the oldest make room. */
const questionsMax = 1000;
/** The kernel stamps files by a clock that is up to a few milliseconds behind. */
const stampSlackMs = 50;
const nameTimeoutMs = 2_000;

/**
 * Finds out who is behind a request, by what nobody can do in another's name: creating a file that belongs to them. The
 * names are random and the folder cannot be listed by others, so nobody can show a file that somebody else has made.
 */
export class WhoDesk {
  readonly #folder: string;
  readonly #log: Logger;
  readonly #askedAtMs = new Map<string, number>();

  /** The folder is made anew. It is for all who may use the socket: they can create files in it, and see none. */
  constructor(folder: string, log: Logger) {
    this.#folder = folder;
    this.#log = log;
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    giveToGroup(folder, log);
    chmodSync(folder, 0o1730);
  }

  /** The name of the file to create. */
  ask(): { file: string } {
    const now = Date.now();
    for (const [file, askedAtMs] of this.#askedAtMs) {
      if (askedAtMs >= now - proofAgeMaxMs && this.#askedAtMs.size < questionsMax) break;
      this.#askedAtMs.delete(file);
      void this.#remove(file);
    }
    const file = randomBytes(24).toString("base64url");
    this.#askedAtMs.set(file, now);
    return { file };
  }

  /** Throws Refusal when the request proves nothing. A proof is good for one request. */
  async authorOf(headers: IncomingHttpHeaders): Promise<Author> {
    const uid = await this.#ownerOf(headers[whoHeaders.proof]);
    const account = await nameOf(uid);
    // These two could write anything into the database themselves; nobody else is believed.
    const mayClaim = uid === 0 || uid === process.getuid?.();
    const claimed = mayClaim ? await personBehind(headers) : null;
    return claimed === null || claimed === account
      ? { who: account, found: "verified", account }
      : { who: claimed, found: "claimed", account };
  }

  async #ownerOf(file: string | string[] | undefined): Promise<number> {
    const askedAtMs = typeof file === "string" ? this.#askedAtMs.get(file) : undefined;
    if (typeof file !== "string" || askedAtMs === undefined || askedAtMs < Date.now() - proofAgeMaxMs)
      throw unknown(file === undefined ? "the request brings no proof" : "its proof is none, or is too old");
    this.#askedAtMs.delete(file);
    try {
      const found = await lstat(join(this.#folder, file));
      // A file of somebody else's could be moved or linked here: it would be older, or not like this.
      const bornAtMs = found.birthtimeMs || found.ctimeMs;
      const isMade = found.isFile() && found.nlink === 1 && found.size === 0;
      if (!isMade || (found.mode & 0o7777) !== proofMode || bornAtMs < askedAtMs - stampSlackMs)
        throw unknown(`${join(this.#folder, file)} was not made for this`);
      return found.uid;
    } catch (error) {
      if (error instanceof Refusal) throw error;
      throw unknown(`${join(this.#folder, file)} is not there`);
    } finally {
      await this.#remove(file);
    }
  }

  async #remove(file: string): Promise<void> {
    await rm(join(this.#folder, file), { force: true, recursive: true }).catch((error: Error) =>
      this.#log.warn({ err: error }, "a proof of who has asked could not be removed"),
    );
  }
}

function unknown(why: string): Refusal {
  const message = `Who asks for this could not be found out, so nothing was changed: ${why}. Use this home's own ./hotline.`;
  return new Refusal(403, "who_unknown", message);
}

/** What a program of root's says of the person behind it; null: nothing that can be used. */
async function personBehind(headers: IncomingHttpHeaders): Promise<string | null> {
  const loginUid = headers[whoHeaders.loginUid];
  // Set by the kernel when a person logs in; root's own says nothing of a person.
  if (typeof loginUid === "string" && /^[1-9]\d{0,9}$/.test(loginUid)) return nameOf(Number(loginUid));
  const sudoUser = headers[whoHeaders.sudoUser];
  return typeof sudoUser === "string" && /^[A-Za-z0-9_][A-Za-z0-9_.@$\\-]{0,63}$/.test(sudoUser)
    ? sudoUser
    : null;
}

/** Also of users that are not in /etc/passwd; `uid 1234` for those without a name. */
async function nameOf(uid: number): Promise<string> {
  try {
    const options = { timeout: nameTimeoutMs };
    const { stdout } = await promisify(execFile)("getent", ["passwd", String(uid)], options);
    return stdout.split(":")[0] || `uid ${uid}`;
  } catch {
    return `uid ${uid}`;
  }
}
