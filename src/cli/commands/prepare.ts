import type { Command } from "commander";
import { expected } from "../errors.ts";
import { examples } from "../options.ts";
import { openSession } from "../session.ts";

export function addPrepare(program: Command): void {
  const command = program
    .command("prepare")
    .description(
      "Makes the home ready: folders, hotline.yaml, passwords, Asterisk's configuration, services. Part of scripts/up; can be repeated.",
    )
    // There is nothing to ask: it only adds what is missing and renders what the file says.
    .option("--yes", "accepted for uniformity; nothing is asked")
    .action(async (_options: object, self: Command) => {
      const session = openSession(self);
      const { prepare } = await import("../prepare.ts");
      try {
        const prepared = await prepare(session.home, process.env);
        session.print(prepared, ({ home, configFile, created, changed }) => {
          const what = created ? `wrote ${configFile}` : `kept ${configFile}`;
          const asterisk =
            changed.length === 0
              ? "Asterisk's configuration is as it was"
              : `changed for Asterisk: ${changed.join(", ")}`;
          return `${home} is ready: ${what}; ${asterisk}`;
        });
      } catch (error) {
        throw expected(error);
      }
    });
  examples(command, [["HOTLINE_HOME=/srv/hotline HOTLINE_SIP_PORT=5070 hotline prepare", ""]]);
}
