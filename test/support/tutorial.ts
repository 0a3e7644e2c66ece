/** A tutorial in a Markdown file: commands to be typed in ```sh blocks, what they print in the ```text block that follows. */
import { spawn } from "node:child_process";

export type Step = {
  /** Of the ```sh line. */
  readonly line: number;
  readonly commands: string;
  /** What the terminal shows; … stands for anything, on a line of its own for any lines. Null: not told. */
  readonly shown: string | null;
};

/** The steps of the section with this heading. */
export function stepsOf(markdown: string, heading: string): Step[] {
  const lines = markdown.split("\n");
  const start = lines.indexOf(`## ${heading}`);
  if (start === -1) throw new Error(`there is no section "${heading}"`);
  const end = lines.findIndex((line, i) => i > start && line.startsWith("## "));
  const steps: Step[] = [];
  const blockAt = (at: number) => lines.slice(at + 1, lines.indexOf("```", at + 1));
  for (let i = start; i < (end === -1 ? lines.length : end); i++) {
    if (lines[i] !== "```sh") continue;
    const commands = blockAt(i);
    const next = i + commands.length + 2;
    const shown = lines[next] === "```text" ? blockAt(next).join("\n") : null;
    steps.push({ line: i + 1, commands: commands.join("\n"), shown });
  }
  return steps;
}

/** Whether a terminal's text is as a tutorial shows it. */
export function isAsShown(text: string, shown: string): boolean {
  const escaped = `${shown}\n`.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const pattern = escaped.replaceAll(/^…\n/gm, "(?:.*\\n)*?").replaceAll("…", ".*");
  return new RegExp(`^${pattern}$`).test(`${text}\n`);
}

/**
 * Types commands into a shell on a terminal of 120 columns and answers its questions with yes. Gives what the terminal shows
 * without what is typed, and the exit code.
 */
export function typeInto(
  cwd: string,
  env: NodeJS.ProcessEnv,
  commands: string,
): Promise<{ readonly text: string; readonly exitCode: number | null }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ text: string; exitCode: number | null }>();
  const program = 'stty -echo columns 120 rows 40; bash -euo pipefail -c "$COMMANDS"';
  const child = spawn("script", ["--quiet", "--return", "--command", program, "/dev/null"], {
    cwd,
    env: { ...process.env, ...env, COMMANDS: commands, NO_COLOR: "1", TERM: "xterm" },
    timeout: 60_000,
  });
  let text = "";
  let answered = 0;
  child.stdout.setEncoding("utf8").on("data", (data: string) => {
    text += data;
    const questions = text.split("[y/N] ").length - 1;
    for (; answered < questions; answered++) child.stdin.write("y\n");
  });
  child.stdin.on("error", () => {});
  child.once("error", reject);
  child.once("close", (exitCode) => resolve({ text: plainText(text), exitCode }));
  return promise;
}

/** Without what moves the cursor. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is taken out.
const plainText = (text: string) => text.replaceAll(/\x1b\[[0-9;]*[A-Za-z]|\r/g, "").trimEnd();
