import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Logger } from "pino";
import type { Event } from "../core/events.ts";
import type { State } from "../core/state.ts";
import { shorten } from "./log.ts";

/** A bug report needs one or two; a bug that strikes at every call must not fill the disk. */
const reportsKept = 20;

/**
 * Keeps what is needed to understand a bug: the event, the state before it, the error. Callers' numbers are shortened.
 * Never throws; what cannot be written is logged.
 */
export function reportFault(folder: string, state: State, log: Logger, event: Event, fault: unknown): void {
  const report = {
    event,
    error: fault instanceof Error ? (fault.stack ?? fault.message) : String(fault),
    cause: fault instanceof Error && fault.cause instanceof Error ? fault.cause.stack : null,
    pbx: state.loose.pbx,
    calls: [...state.calls.values()],
    agents: [...state.agents.values()],
  };
  writeReport(folder, log, report);
}

/** As above, of anything. Returns where it stands, or that it could not be written. */
export function writeReport(folder: string, log: Logger, report: object): string {
  const text = JSON.stringify(
    report,
    (key, value) => {
      if (key === "from" && typeof value === "string") return shorten(value);
      // What could not be read may hold numbers anywhere.
      return key === "text" && typeof value === "string"
        ? value.replaceAll(/\+?\d{6,}/g, (found) => shorten(found) ?? "")
        : value;
    },
    1,
  );
  try {
    mkdirSync(folder, { recursive: true, mode: 0o750 });
    const file = join(folder, `${new Date().toISOString().replaceAll(":", "-")}.json`);
    writeFileSync(file, text, { mode: 0o640 });
    log.error({ file }, "what is needed for a bug report was written down");
    const old = readdirSync(folder).sort().slice(0, -reportsKept);
    for (const name of old) rmSync(join(folder, name));
    return file;
  } catch (error) {
    log.error({ err: error, report: text.slice(0, 10_000) }, "the bug report could not be written");
    return "the report in log/daemon/current";
  }
}
