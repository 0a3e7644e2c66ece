import type { Logger } from "pino";
import { namesOf, readCertificate } from "../config/certificate.ts";
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
  const sip = { host: config.bind, port: config.sip.port, tls: encrypted(config) };
  const parts = { ...house, home: paths.home, sip, recordings: paths.recordings, log, ...config.agents };
  const admin = await serveAdmin(paths, createAdministration(parts), log);
  started("admin API", () => admin.close());
  const metrics = await house.metrics.load();
  started("signs of life", await startSigns(config.http, { ...house, metrics, log }));
}

/** Where phones connect encrypted. They compare the name with the certificate's, so it is that, if it has one. */
function encrypted({ home, bind, sip }: Config): { host: string; port: number } | null {
  if (sip.tls === null) return null;
  const { certificate } = readCertificate(sip.tls, home);
  const names = certificate === null ? [] : namesOf(certificate);
  // Of any name below a domain nobody knows which one leads here.
  return { host: names.find((name) => !name.startsWith("*")) ?? bind, port: sip.tls.port };
}
