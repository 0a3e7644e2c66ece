import { closeSync, fchmodSync, openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { proofMode, proofNamePattern, whoHeaders } from "../api/who.ts";
import { homePaths } from "../config/paths.ts";
import { failure } from "./errors.ts";

/** Shows the daemon who this is, as api/who.ts says: by a file that only this user can make. */
export function prove(home: string, answer: unknown): { headers: Record<string, string>; remove(): void } {
  const file = (answer as { file?: unknown } | null)?.file;
  if (typeof file !== "string" || !proofNamePattern.test(file))
    throw failure(
      "the daemon does not ask who this is as this program expects; was the program updated without a restart of the daemon?",
    );
  const path = join(homePaths(home).who, file);
  try {
    const made = openSync(path, "wx", proofMode);
    // Whatever the umask has taken away.
    fchmodSync(made, proofMode);
    closeSync(made);
  } catch (error) {
    throw failure(
      `cannot show the daemon who this is: ${(error as Error).message}; it takes this user's right to create files in ${homePaths(home).who}`,
      error,
    );
  }
  return {
    headers: { [whoHeaders.proof]: file, ...personBehind() },
    // The daemon has done so, unless it has died.
    remove: () => rmSync(path, { force: true }),
  };
}

/** For root's programs: whose they are. The kernel remembers who has logged in, sudo says who has called it. */
function personBehind(): Record<string, string> {
  const loginUid = readLoginUid();
  const sudoUser = process.env.SUDO_USER;
  return {
    ...(loginUid !== null && { [whoHeaders.loginUid]: loginUid }),
    ...(sudoUser && /^[\x21-\x7e]+$/.test(sudoUser) && { [whoHeaders.sudoUser]: sudoUser }),
  };
}

/** What the kernel says when nobody has logged in: a service, or a container. */
const nobody = "4294967295";

function readLoginUid(): string | null {
  try {
    const uid = readFileSync("/proc/self/loginuid", "utf8").trim();
    return uid === nobody ? null : uid;
  } catch {
    // A kernel without auditing.
    return null;
  }
}

export const dryRunHeader = (dryRun: boolean | undefined): Record<string, string> =>
  dryRun ? { [whoHeaders.dryRun]: "true" } : {};

export const reasonHeader = (reason: string | undefined): Record<string, string> =>
  reason === undefined ? {} : { [whoHeaders.reason]: encodeURIComponent(reason) };
