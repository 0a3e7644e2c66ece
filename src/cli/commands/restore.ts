import { resolve } from "node:path";
import type { Command } from "commander";
import { expected } from "../errors.ts";
import { examples } from "../options.ts";
import { changing, openSession } from "../session.ts";
import { countText } from "../text.ts";

export function addRestore(program: Command): void {
  const command = program
    .command("restore")
    .description(
      "Brings a backup back while the hotline is stopped. What there is now is kept aside. Nothing is touched before the backup was checked.",
    )
    .argument(
      "<file>",
      "from `hotline backup`, or one of the copies in copies/ of the home (the database only)",
    )
    .option("--keep-settings", "leave hotline.yaml as it is: on a machine with another address")
    .action(async (name: string, { keepSettings }: { keepSettings?: true }, self: Command) => {
      const session = openSession(self);
      // Loaded only here: it opens databases.
      const { openBackup } = await import("../../daemon/restore-backup.ts");
      try {
        const backup = await openBackup(session.home, resolve(name), keepSettings === true);
        try {
          await session.confirm(
            () => `${describe(backup.contents)} Put it in the place of what is in ${session.home}?`,
          );
          if (session.dryRun) throw session.notDone(true);
          const restored = backup.restore();
          session.print(
            { ...backup.contents, ...restored },
            () =>
              `${describe(backup.contents)} It is restored. What was there before is in ${restored.before ?? "no place: there was nothing"}. Start the hotline: scripts/up`,
          );
        } finally {
          backup.close();
        }
      } catch (error) {
        throw expected(error);
      }
    });
  changing(command);
  examples(command, [
    ["hotline restore /backup/hotline-monday.tar", "between scripts/down --drain and scripts/up"],
    ["hotline restore /backup/hotline-monday.tar --keep-settings", "hotline.yaml stays as it is here"],
  ]);
}

interface Contents {
  readonly madeAt: string;
  readonly hotlines: number;
  readonly agents: number;
  readonly calls: number;
}

function describe({ madeAt, hotlines, agents, calls }: Contents): string {
  return `This backup of ${madeAt} has ${countText(hotlines, "hotline", "hotlines")}, ${countText(agents, "agent", "agents")} and ${countText(calls, "call", "calls")} in the record.`;
}
