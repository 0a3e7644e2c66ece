import { execFile } from "node:child_process";
import { setPriority } from "node:os";

export type CommandResult =
  | { readonly ok: true; readonly stdout: Buffer; readonly stderr: string }
  /** `started` is false when there is no such command or it may not be run. */
  | { readonly ok: false; readonly started: boolean; readonly reason: string; readonly stderr: string };

export type CommandOptions = {
  readonly input: string | Uint8Array;
  readonly timeoutMs: number;
  /** Of stdout and of stderr; a command that writes more is ended. */
  readonly maxOutputBytes: number;
};

/** Asterisk's audio goes before speech and conversion. */
const niceness = 10;

/** Runs a command without a shell, bounded in time and output. Never throws. */
export function runCommand(
  command: string,
  args: readonly string[],
  { input, timeoutMs, maxOutputBytes }: CommandOptions,
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const options = {
      encoding: "buffer",
      timeout: timeoutMs,
      killSignal: "SIGKILL",
      maxBuffer: maxOutputBytes,
    } as const;
    const child = execFile(command, args, options, (error, stdout, stderr) => {
      const text = stderr.toString("utf8").trim();
      if (!error) return resolve({ ok: true, stdout, stderr: text });
      const started = child.pid !== undefined;
      resolve({ ok: false, started, reason: why(command, error, started, text, timeoutMs), stderr: text });
    });
    if (child.pid !== undefined) lowerPriority(child.pid);
    // A command that ends without reading its input is judged by how it ended.
    child.stdin?.on("error", () => {});
    child.stdin?.end(input);
  });
}

function lowerPriority(pid: number): void {
  try {
    setPriority(pid, niceness);
  } catch {
    // It is over already.
  }
}

type Failure = {
  readonly code?: string | number | null;
  readonly killed?: boolean;
  readonly message: string;
};

function why(command: string, error: Failure, started: boolean, stderr: string, timeoutMs: number): string {
  if (!started) return `${command} cannot be started (${error.code})`;
  if (error.code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER") return `${command} wrote too much`;
  if (error.killed) return `${command} took longer than ${timeoutMs / 1000} s`;
  const said = stderr.split("\n").at(-1)?.slice(0, 200);
  return `${command} failed${said ? `: ${said}` : ` (${error.code ?? "killed"})`}`;
}
