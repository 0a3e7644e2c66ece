import type { Command } from "commander";
import { wrongUse } from "../errors.ts";
import { examples, someText } from "../options.ts";
import { closeToOthers, makePrivateFile } from "../private-output.ts";
import { openSession } from "../session.ts";
import { sheetHtml } from "../sheet.ts";
import { countText } from "../text.ts";

interface Options {
  readonly showSecret?: boolean;
  readonly out?: string;
}

export function addSheet(agent: Command): void {
  const command = agent
    .command("sheet")
    .description(
      "Prints pages (HTML, in German) to hand to agents: what to set in the phone, and what to dial.",
    )
    .argument("[ids...]", "whose; all agents if none is named")
    .option("--show-secret", "needed, for the passwords are on the pages; that you asked is recorded")
    .option("--out <file>", "write them into a new file that only you may read", someText)
    .action(async (ids: string[], { showSecret, out }: Options, self: Command) => {
      if (!showSecret)
        throw wrongUse(
          "the passwords are on these pages, and that they are shown is recorded: add --show-secret",
        );
      const session = openSession(self);
      const api = await session.api();
      const wanted = ids.length === 0 ? null : [...new Set(ids)];
      if (out === undefined) {
        closeToOthers();
        session.print(await api.showCredentials(wanted), sheetHtml);
        return;
      }
      const file = makePrivateFile(out);
      const agents = await api.showCredentials(wanted).catch((error: unknown) => {
        file.remove();
        throw error;
      });
      file.write(sheetHtml(agents));
      session.print(
        { agents: agents.length, file: out },
        () => `${countText(agents.length, "page", "pages")} in ${out}; open it in a browser and print it`,
      );
    });
  examples(command, [
    ["hotline agent sheet 201 --show-secret --out 201.html", ""],
    ["hotline agent sheet --show-secret --out sheets.html", "a page for each agent"],
  ]);
}
