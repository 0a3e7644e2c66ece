import { manPage } from "../src/cli/man.ts";
import { createProgram, readVersion } from "../src/cli/program.ts";

// Prints the man page: node scripts/man.ts | man -l -
process.stdout.write(
  manPage(
    createProgram(() => {}),
    readVersion(),
  ),
);
