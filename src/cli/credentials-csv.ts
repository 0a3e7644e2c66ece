import type { AgentCredential } from "../api/many-agents.ts";
import { csvLine, noFormula } from "./csv.ts";

/** What to set in phones, for a spreadsheet or `hotline agent sheet`. */
export function credentialsCsv(list: readonly AgentCredential[]): string {
  const rows = list.map(({ id, name, sip }) => [
    id,
    noFormula(name),
    sip.username,
    sip.password,
    sip.host,
    String(sip.port),
    sip.transport,
    sip.tls?.host ?? "",
    sip.tls === null ? "" : String(sip.tls.port),
  ]);
  const head = [
    "id",
    "name",
    "username",
    "password",
    "server",
    "port",
    "transport",
    "tls_server",
    "tls_port",
  ];
  return `${[head, ...rows].map(csvLine).join("\n")}\n`;
}
