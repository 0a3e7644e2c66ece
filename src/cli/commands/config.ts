import type { Command } from "commander";
import { failure } from "../errors.ts";
import { examples } from "../options.ts";
import { openSession } from "../session.ts";
import { countText, paint } from "../text.ts";

export function addConfig(program: Command): void {
  const config = program.command("config").description("The configuration file hotline.yaml.");
  const check = config
    .command("check")
    .description("Checks the file and names everything that is wrong with it. Needs no running hotline.")
    .action(async (_options: object, self: Command) => {
      const session = openSession(self);
      // Loaded only here: the YAML parser takes its time.
      const { checkConfig, describeProblem } = await import("../../config/load.ts");
      const result = await checkConfig(session.home);
      const { file, problems } = result;
      const ok = problems.length === 0;
      session.print({ file, ok, problems }, ({ file, ok, problems }) =>
        ok
          ? `${file}: ${paint("green", "good")}`
          : problems.map((problem) => describeProblem(file, problem)).join("\n"),
      );
      if (!ok) throw failure(`${countText(problems.length, "mistake", "mistakes")} in ${file}`);
    });
  examples(check, [["hotline config check && scripts/up", "check, then put it into effect"]]);
  examples(config, [["hotline config check", "after each change of hotline.yaml"]]);
}
