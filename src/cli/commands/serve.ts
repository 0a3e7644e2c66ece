import type { Command } from "commander";
import { expected } from "../errors.ts";
import { examples } from "../options.ts";
import { openSession } from "../session.ts";

/** `exitWith` takes the daemon's exit code; `detach` ends this program's own care for its output. */
export function addServe(program: Command, exitWith: (code: number) => void, detach: () => void): void {
  const command = program
    .command("serve")
    .description(
      "Runs the daemon of this home in the foreground until SIGTERM; scripts/up starts it under a supervisor.",
    )
    .action(async (_options: object, self: Command) => {
      detach();
      // Loaded only here: the daemon is most of the program.
      const { begin } = await import("../../daemon/begin.ts");
      try {
        exitWith(await begin(openSession(self).home));
      } catch (error) {
        throw expected(error);
      }
    });
  examples(command, [["HOTLINE_HOME=/srv/hotline hotline serve", ""]]);
}
