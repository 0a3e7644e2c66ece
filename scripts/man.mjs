// Prints the man page of what was built: npm run build && node scripts/man.mjs | man -l -
// Not in TypeScript: Debian's Node, with which the image is built, does not strip types.
import { manPage } from "../dist/cli/man.js";
import { createProgram } from "../dist/cli/program.js";
import { programVersion } from "../dist/config/version.js";

process.stdout.write(
  manPage(
    createProgram(() => {}),
    programVersion(),
  ),
);
