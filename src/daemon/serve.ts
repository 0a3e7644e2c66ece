import { rmSync } from "node:fs";
import { createAnnouncements } from "../announcements/announcements.ts";
import { readIfThere, writeFileAtomic } from "../config/files.ts";
import { loadConfig } from "../config/load.ts";
import { homePaths } from "../config/paths.ts";
import { readSecrets } from "../config/secrets.ts";
import type { State } from "../core/state.ts";
import { serveAdmin } from "../http/admin.ts";
import { createPbx } from "../pbx/pbx.ts";
import { renderAgents } from "../pbx/render/agents.ts";
import { openStore, type Store } from "../store/store.ts";
import type { Credential, Extra } from "../store/types.ts";
import { createAdministration } from "./administration.ts";
import { Alarms } from "./alarms.ts";
import { type Clock, systemClock } from "./clock.ts";
import { reportFault } from "./faults.ts";
import { lockHome } from "./lock.ts";
import { openLog } from "./log.ts";
import { Loop } from "./loop.ts";
import { Phones } from "./phones.ts";
import { restoreState } from "./restore.ts";
import { demoAgents, demoHotline, demoMemberships } from "./seed.ts";

/**
 * Runs the daemon of a home until SIGTERM or SIGINT. Parts are stopped in the reverse order of their start; calls stay
 * up in Asterisk. Resolves with the exit code. Throws with one clear line when it cannot start.
 */
export async function serve(home: string): Promise<number> {
  throw new Error(home);
}
