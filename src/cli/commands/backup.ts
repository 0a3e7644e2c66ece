import { resolve } from "node:path";
import type { Command } from "commander";
import { examples } from "../options.ts";
import { openSession } from "../session.ts";

export function addBackup(program: Command): void {
  const command = program
    .command("backup")
    .description(
      "Writes all there is into one file, while calls go on: settings, record, recordings, hotline.yaml. It holds passwords.",
    )
    .argument("<file>", "a tar archive; only you may read it")
    .option("--force", "replace the file if it is there")
    .action(async (name: string, { force }: { force?: true }, self: Command) => {
      const session = openSession(self);
      const { download } = await import("../download.ts");
      const file = resolve(name);
      const bytes = await download(session.home, "/backup", file, force === true);
      session.print(
        { file, bytes },
        () =>
          `The backup is in ${file} (${(bytes / 1024 / 1024).toFixed(1)} MB). Keep it on another machine; it holds the phones' passwords.`,
      );
    });
  examples(command, [
    ["hotline backup /backup/hotline-monday.tar --force", "every Monday, from cron"],
    ["hotline restore /backup/hotline-monday.tar", "brings it back; see: hotline help backup"],
  ]);
}
