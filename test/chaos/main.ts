/**
 * Real calls on a real system, while it is harmed: see scripts/chaos. Ends with 1 when a rule was broken; then the home is kept.
 */
import { mountDisk, slowDisk, unmountDisk } from "../support/disk.ts";
import { daemonPid, lookInside } from "../support/inside.ts";
import { System } from "../support/system.ts";
import { type FaultKind, type Options, readOptions, usage } from "./options.ts";
import { play } from "./play.ts";
import { printReport } from "./report.ts";

/** Of a disk that can be filled. A call takes some 10 kB, logs and the write-ahead log included. */
const diskMegabytes = 600;

async function main(): Promise<number> {
  if (process.argv.includes("--help")) {
    console.log(usage);
    return 0;
  }
  const asked = readOptions(process.argv.slice(2));
  if (asked.sampleMs !== null) lookInside();
  const system = new System();
  const noDisk = asked.faults.includes("disk-full") ? mountDisk(system.home, diskMegabytes) : null;
  const hasDisk = asked.faults.includes("disk-full") && noDisk === null;
  let clean = false;
  try {
    let options = without(asked, "disk-full", noDisk);
    await system.up();
    if (options.faults.includes("disk-slow"))
      options = without(options, "disk-slow", await whyNotSlowed(system));
    const report = await play(system, options, (line) => console.error(line));
    clean = printReport(report, options);
    if (report.soak) console.log(report.soak.text());
    return clean ? 0 : 1;
  } finally {
    if (hasDisk && clean) {
      await system.down("--force");
      unmountDisk(system.home);
    }
    await system.remove(!clean);
    if (hasDisk && !clean)
      console.error(`it is a disk of its own, which is given back by: umount ${system.home}`);
  }
}

/** Not silently: else one would think that it was tried. Without an obstacle all stays as it is. */
function without(options: Options, kind: FaultKind, obstacle: string | null): Options {
  if (obstacle === null) return options;
  const faults = options.faults.filter((one) => one !== kind);
  if (faults.length === 0) throw new Error(`${kind} cannot be tried: ${obstacle}`);
  console.error(`*** ${kind} IS LEFT OUT: ${obstacle}`);
  return { ...options, faults };
}

async function whyNotSlowed(system: System): Promise<string | null> {
  try {
    const harm = await slowDisk(daemonPid(system));
    await harm.end();
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

// Not by itself: phones wait on for what nobody will do any more.
process.exit(await main());
