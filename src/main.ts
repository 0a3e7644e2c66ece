import { run } from "./cli/run.ts";

const argv = process.argv.slice(2);

/** People may be waiting for the daemon: it loads no other command. */
async function load() {
  if (argv[0] === "serve") return (await import("./cli/base-program.ts")).createDaemonOnly;
  return (await import("./cli/program.ts")).createProgram;
}

process.exitCode = await run(argv, await load());
