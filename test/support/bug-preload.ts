/**
 * Loaded into the daemon before anything else (see bug.ts): it has a bug then, which strikes while the home's file names it. The
 * program itself knows nothing of this.
 */
import { existsSync, readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { type Bug, bugFile } from "./bug.ts";

const home = process.env.HOTLINE_HOME;
if (home !== undefined && process.argv.includes("serve")) plant(bugFile(home));

function plant(file: string): void {
  (globalThis as { bug?: unknown }).bug = (what: { type: string; call?: string }) => {
    if (!existsSync(file)) return;
    const { on, how } = JSON.parse(readFileSync(file, "utf8")) as Bug;
    const isHelp = ["call_set_aside", "to_fallback"].includes(what.type);
    if (what.type !== on && (what.call !== on || isHelp)) return;
    if (how === "throw") throw new TypeError("planted");
    process.kill(process.pid, "SIGSEGV");
  };
  // Everything that is about to be done comes by there.
  const place = /this\.#parts\.beginning\?\.\((.+?)\);/g;
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      if (!/\/src\/daemon\/loop\.ts$/.test(url)) return loaded;
      const source = String(loaded.source);
      if (source.match(place)?.length !== 2) throw new Error(`${url} is not as it was thought to be`);
      return { ...loaded, source: source.replaceAll(place, "$& globalThis.bug($1);") };
    },
  });
}
