import { manPage } from "../src/cli/man.ts";
import { createProgram } from "../src/cli/program.ts";
import { programVersion } from "../src/config/version.ts";

// Prints the man page: node scripts/man.ts | man -l -
process.stdout.write(
  manPage(
    createProgram(() => {}),
    programVersion(),
  ),
);
