import type { Command } from "commander";
import { resolveHome } from "../config/paths.ts";
import type { AdminApi } from "./admin-api.ts";
import { failure, wrongUse } from "./errors.ts";
import { someText } from "./options.ts";
import { oneLine, printable } from "./text.ts";
import { machineZone } from "./times.ts";

/** What every command's action works with. */
export interface Session {
  readonly home: string;
  readonly json: boolean;
  api(): Promise<AdminApi>;
  /** The result: as JSON, or as `toText` says it to a person. */
  print<T>(result: T, toText: (result: T) => string): void;
  /**
   * Says what is about to change and asks whether to go on. Returns at once with `--yes`; throws when the answer is not yes.
   * What is to be said is only worked out when somebody is asked.
   */
  confirm(change: () => string | Promise<string>): Promise<void>;
  /** The hotline that was named, or the only one there is. */
  hotline(named: string | undefined): Promise<string>;
  /** The time zone to show times in: of that hotline, of the first one, or of the machine when they cannot be asked. */
  zone(hotline: string | null): Promise<string>;
}

export function openSession(command: Command): Session {
  const options: { json?: boolean; yes?: boolean; reason?: string } = command.optsWithGlobals();
  const home = resolveHome(process.env);
  const json = options.json === true;
  let api: Promise<AdminApi> | null = null;
  const openApi = () => {
    api ??= import("./admin-api.ts").then(({ createAdminApi }) => createAdminApi(home, options.reason));
    return api;
  };

  return {
    home,
    json,
    api: openApi,
    print(result, toText) {
      if (!json) process.stdout.write(`${toText(printable(result)).trimEnd()}\n`);
      // One line for programs; people who ask for JSON on a terminal want to read it.
      else process.stdout.write(`${JSON.stringify(result, null, process.stdout.isTTY ? 2 : 0)}\n`);
    },
    async confirm(change) {
      if (options.yes !== true) await askPerson(oneLine(await change()));
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
 * Marks a command as one that changes something: it takes `--yes`, and refuses to start where nobody can be asked. Its
 * `--reason` goes into the history; commands that do more with it have declared their own.
 */
export function changing(command: Command): Command {
  if (!command.options.some(({ long }) => long === "--reason"))
    command.option("--reason <text>", "why; kept in the history", someText);
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
