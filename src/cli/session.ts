import type { Command } from "commander";
import { resolveHome } from "../config/paths.ts";
import type { AdminApi } from "./admin-api.ts";
import { failure, NotDone, wrongUse } from "./errors.ts";
import { someText } from "./options.ts";
import { oneLine, printable } from "./text.ts";
import { machineZone } from "./times.ts";

/** What every command's action works with. */
export interface Session {
  readonly home: string;
  readonly json: boolean;
  /** With `--dry-run` the daemon only checks; the result of a change is then that it was not made (errors.ts, NotDone). */
  readonly dryRun: boolean;
  api(): Promise<AdminApi>;
  /** The result: as JSON, or as `toText` says it to a person. */
  print<T>(result: T, toText: (result: T) => string): void;
  /**
   * Says what is about to change and asks whether to go on; throws when the answer is not yes. With `--yes` and `--dry-run`
   * it is only said, to people and not to programs; `isSaid`: they can read it anyway. Resolves with whether somebody was asked.
   */
  confirm(change: () => string | Promise<string>, isSaid?: boolean): Promise<boolean>;
  /** What is thrown in place of a change's result with `--dry-run`; `changes`: whether it would change anything. */
  notDone(changes: boolean): NotDone;
  /** The hotline that was named, or the only one there is. */
  hotline(named: string | undefined): Promise<string>;
  /** The time zone to show times in: of that hotline, of the first one, or of the machine when they cannot be asked. */
  zone(hotline: string | null): Promise<string>;
}

export function openSession(command: Command): Session {
  const options: { json?: boolean; yes?: boolean; dryRun?: boolean; reason?: string } =
    command.optsWithGlobals();
  const home = resolveHome(process.env);
  const json = options.json === true;
  const dryRun = options.dryRun === true;
  const notDone = (changes: boolean) => {
    const text = changes ? "Not done: --dry-run." : "It is so already; there is nothing to be done.";
    return new NotDone(json ? JSON.stringify({ dryRun: true, changes }) : text);
  };
  let api: Promise<AdminApi> | null = null;
  /** What was not asked, because of --yes; what is refused remains one line. */
  let said: string | null = null;
  const openApi = () => {
    api ??= import("./admin-api.ts").then(({ createAdminApi }) =>
      createAdminApi(home, options.reason, dryRun ? notDone : undefined),
    );
    return api;
  };

  return {
    home,
    json,
    dryRun,
    notDone,
    api: openApi,
    print(result, toText) {
      // Stdout is for the result, which may go into a file.
      if (said !== null) process.stderr.write(`${said} [--yes]\n`);
      if (!json) process.stdout.write(`${toText(printable(result)).trimEnd()}\n`);
      // One line for programs; people who ask for JSON on a terminal want to read it.
      else process.stdout.write(`${JSON.stringify(result, null, process.stdout.isTTY ? 2 : 0)}\n`);
    },
    async confirm(change, isSaid = false) {
      const isAsked = !dryRun && options.yes !== true;
      if (isAsked) await askPerson(oneLine(await change()));
      else if (!json && !isSaid) said = oneLine(await change());
      if (dryRun && said !== null) process.stdout.write(`${said}\n`);
      return isAsked;
    },
    async hotline(named) {
      if (named !== undefined) return named;
      const all = await (await openApi()).hotlines();
      if (all.length === 1) return all[0]!.id;
      if (all.length === 0) throw failure("there is no hotline yet");
      throw wrongUse(`which hotline? Name one of: ${all.map((hotline) => hotline.id).join(", ")}`);
    },
    async zone(hotline) {
      try {
        const client = await openApi();
        const id = hotline ?? (await client.hotlines())[0]?.id;
        return id === undefined ? machineZone() : (await client.hours(id)).timeZone;
      } catch {
        return machineZone();
      }
    },
  };
}

/**
 * Marks a command as one that changes something: it takes `--dry-run` and `--yes`, and refuses to start where nobody can be
 * asked. Its `--reason` goes into the history. Commands that do more with these have declared their own.
 */
export function changing(command: Command): Command {
  if (!command.options.some(({ long }) => long === "--reason"))
    command.option("--reason <text>", "why; kept in the history", someText);
  if (!command.options.some(({ long }) => long === "--dry-run"))
    command.option("--dry-run", "only check it, and say what would be changed");
  return command.option("--yes", "do it without asking").hook("preAction", (_, started) => {
    refuseWithoutYes(started.opts());
  });
}

/** For a command that changes something only with some of its options. */
export function refuseWithoutYes({ yes, dryRun }: { yes?: boolean; dryRun?: boolean }): void {
  if (yes === true || dryRun === true || canAsk()) return;
  throw wrongUse("this changes something and there is no terminal to ask on; add --yes to do it");
}

/** The question goes to stderr, so that stdout stays for the result. */
function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

async function askPerson(change: string): Promise<void> {
  const { createInterface } = await import("node:readline");
  const { promise, resolve } = Promise.withResolvers<string>();
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // Ctrl-C and Ctrl-D close it without an answer.
  terminal.once("close", () => {
    process.stderr.write("\n");
    resolve("");
  });
  terminal.question(`${change} [y/N] `, (answer) => {
    terminal.removeAllListeners("close");
    terminal.close();
    resolve(answer);
  });
  const answer = await promise;
  if (!/^\s*y(es)?\s*$/i.test(answer)) throw failure("nothing was changed");
}
