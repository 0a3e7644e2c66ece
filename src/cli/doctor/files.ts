import { type Finding, good, problem, someOf, unknown, warning } from "./finding.ts";

export type FileFacts = {
  /** Below the home: `secrets/ari-password`; the home itself is an empty text. */
  readonly path: string;
  readonly kind: "file" | "folder" | "socket" | "other";
  /** As in 0o640. */
  readonly mode: number;
  readonly uid: number;
};

/** scripts/up keeps these for itself, and may be run by root. */
const byRoot = ["run/runsvdir.pid", "run/applied", "log/runsvdir.log"];

/**
 * Who may read what. `files`: those of the home; what lies in a folder that others may not enter is out of their reach, but
 * a secret must not rely on that. `unseen`: folders that this user may not look into.
 */
export function checkFiles(files: readonly FileFacts[], unseen: readonly string[]): Finding[] {
  const home = files.find(({ path }) => path === "");
  const findings: Finding[] = [];
  const modes = (list: readonly FileFacts[]) =>
    someOf(list.map(({ path, mode }) => `${path} (${mode.toString(8)})`));

  const loose = files.filter(
    ({ path, kind, mode }) => kind === "file" && path.startsWith("secrets/") && (mode & 0o077) !== 0,
  );
  if (loose.length > 0)
    findings.push(
      problem("secrets", `passwords can be read by others: ${modes(loose)}`, "chmod 600 HOME/secrets/*"),
    );

  const modeOf = new Map(files.map(({ path, mode }) => [path, mode]));
  const open = files.filter((file) => isOpen(file, modeOf));
  if (open.length > 0)
    findings.push(
      problem("files", `everybody on this machine may read or write: ${modes(open)}`, "chmod -R o-rwx HOME"),
    );

  const socket = files.find(({ path, kind }) => path === "run/admin.sock" && kind === "socket");
  if (socket && (socket.mode & 0o007) !== 0)
    findings.push(
      problem(
        "socket",
        `everybody on this machine may administer the hotline: run/admin.sock (${socket.mode.toString(8)})`,
        "chmod 660 HOME/run/admin.sock",
      ),
    );

  const foreign = home ? files.filter(({ uid, path }) => uid !== home.uid && !byRoot.includes(path)) : [];
  if (foreign.length > 0)
    findings.push(
      warning(
        "owner",
        `not owned by the user that the hotline runs as: ${someOf(foreign.map(({ path }) => path))}`,
        "as root: scripts/up gives them back",
      ),
    );
  if (home?.uid === 0)
    findings.push(
      problem(
        "owner",
        "the home belongs to root, so the hotline runs as root",
        "as root: scripts/up makes the user hotline and hands the home over",
      ),
    );

  if (findings.length === 0 && home)
    findings.push(good("files", `permissions and owners of ${files.length} files are right`));
  if (unseen.length > 0)
    findings.push(
      unknown(
        "files",
        `not looked at, this user may not: ${someOf(unseen)}`,
        "for all of it run this as root or as the user of the hotline",
      ),
    );
  return findings;
}

/** A plain file that others may read or write, and every folder above it lets them in. */
function isOpen({ path, kind, mode }: FileFacts, modeOf: ReadonlyMap<string, number>): boolean {
  if (kind !== "file" || (mode & 0o006) === 0) return false;
  const parts = path.split("/").slice(0, -1);
  const above = ["", ...parts.map((_, i) => parts.slice(0, i + 1).join("/"))];
  return above.every((folder) => ((modeOf.get(folder) ?? 0o001) & 0o001) !== 0);
}

/** Of the processes that run. */
export function checkUsers(processes: readonly { name: string; pid: number; uid: number }[]): Finding[] {
  return processes
    .filter(({ uid }) => uid === 0)
    .map(({ name, pid }) =>
      problem(
        "root",
        `${name} runs as root (pid ${pid}): a hole in it is a hole in the machine`,
        "scripts/down, then scripts/up as root, which starts both as the user hotline",
      ),
    );
}
