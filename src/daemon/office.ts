import type { Logger } from "pino";
import type { Config } from "../config/load.ts";
import type { HomePaths } from "../config/paths.ts";
import { serveAdmin } from "../http/admin.ts";
import { createAdministration } from "./administration.ts";
import type { House, Started } from "./house.ts";
import { startSigns } from "./signs.ts";

/** What administrators and monitoring ask. Apart from the rest, since calls do not need it and it takes long to load. */
export async function openOffice(
  house: House,
  paths: HomePaths,
  config: Config,
  log: Logger,
  started: Started,
): Promise<void> {
  const sip = { host: config.bind, port: config.sip.port };
  const parts = { ...house, home: paths.home, sip, recordings: paths.recordings, log, ...config.agents };
  const admin = await serveAdmin(paths, createAdministration(parts), log);
  started("admin API", () => admin.close());
  started("signs of life", await startSigns(config.http, { ...house, log }));
}
