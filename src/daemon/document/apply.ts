import { join } from "node:path";
import { AnnouncementError } from "../../announcements/errors.ts";
import type { AnnouncementReplacement } from "../../announcements/replace.ts";
import type { Apply, DocumentApplied, DocumentPreview, Exported } from "../../api/document.ts";
import { programFolder } from "../../config/paths.ts";
import { agentSettings } from "../../core/agents.ts";
import { same } from "../../core/same.ts";
import type { StepResult } from "../../core/step.ts";
import { Refusal, Rehearsed } from "../../http/service.ts";
import { type AuditEntry, documentObject, type RowChange } from "../../store/audit.ts";
import type { Credential, Extra } from "../../store/types.ts";
import { handOut, refuseWithoutAsterisk, sipOf } from "../agents.ts";
import { type AdministrationParts, askForChange, type Beside, type ChangingParts } from "../asking.ts";
import { newCredential } from "../phones.ts";
import { changesView, type Plan, planOf, presentRowsOf } from "./plan.ts";
import { fingerprint } from "./rows.ts";
import { fileOf, writeYaml } from "./write.ts";

/** All operations data as one document: written, compared, applied as a whole or not at all. */

const schemaFile = join(programFolder, "docs", "hotline-document.schema.json");

export function exportDocument(parts: AdministrationParts): Exported {
  const rows = presentRowsOf(parts);
  return { yaml: writeYaml(rows, schemaFile), document: fileOf(rows) };
}

/** What applying it would change, or all that is wrong with it. */
export async function previewDocument(
  parts: AdministrationParts,
  { yaml, basis }: Apply,
): Promise<DocumentPreview> {
  const present = presentRowsOf(parts);
  refuseIfChanged(basis, fingerprint(present));
  const { problems, changes } = await planOf(parts, yaml, present);
  return { problems: [...problems], changes: changesView(changes), basis: fingerprint(present) };
}

/** One turn, one transaction, one entry in the audit. */
export async function applyDocument(parts: ChangingParts, { yaml, basis }: Apply): Promise<DocumentApplied> {
  const present = presentRowsOf(parts);
  refuseIfChanged(basis, fingerprint(present));
  const plan = await planOf(parts, yaml, present);
  refuseProblems(plan);
  if (plan.changes.length === 0 && parts.rehearses) throw new Rehearsed(false);
  if (plan.changes.length === 0) return { changes: [], change: null, agents: [] };
  const isNew = ({ kind, before }: RowChange) => kind === "agent" && before === null;
  if (plan.changes.some(isNew)) refuseWithoutAsterisk(parts, "nothing was applied");
  const { entry, fresh } = await applyPlan(parts, plan);
  if (fresh.length > 0)
    await handOut(parts, fresh, "It is applied, but Asterisk does not know all phones yet");
  else if (plan.changes.some(({ kind }) => kind === "agent")) await renewPhones(parts);
  const agents = fresh.map((credential) => ({
    id: credential.agent,
    name: parts.state.agents.get(credential.agent)?.name ?? credential.agent,
    sip: sipOf(parts, credential),
  }));
  return { changes: changesView(plan.changes), change: entry.id, agents };
}

async function applyPlan(
  parts: ChangingParts,
  plan: Plan,
): Promise<{ readonly entry: AuditEntry; readonly fresh: readonly Credential[] }> {
  // Used only for those who have no phone yet when the change is made.
  const prepared = plan.rows.agents
    .filter(({ expected, row }) => row && !expected)
    .map(({ id }) => newCredential(id));
  let fresh: readonly Credential[] = [];
  let entry: AuditEntry | null = null;
  const beside = (result: StepResult): Beside => {
    fresh = prepared.filter(({ agent }) => isThereNow(result, agent));
    const heard = plan.changes.filter(({ kind }) => kind === "announcement");
    return {
      extra: { ...announcementRows(plan.announcements), credentials: fresh },
      announcements: heard,
      told: { object: documentObject, action: `applied: ${summary(plan.changes)}`, undoes: null },
    };
  };
  const save = async () => {
    entry = await askForChange(parts, { type: "document_applied", ...plan.rows }, beside);
  };
  try {
    await parts.announcements.replace(plan.announcements, save);
  } catch (error) {
    if (!(error instanceof AnnouncementError)) throw error;
    if (error.code === "changed_since") throw changedSince(error);
    throw new Refusal(409, error.code, `${error.message} Nothing was applied.`, { cause: error });
  }
  if (!entry) throw new Error("Applying a document has changed nothing");
  return { entry, fresh };
}

const isThereNow = ({ changes, replaced }: StepResult, agent: Credential["agent"]): boolean =>
  replaced.agents.get(agent) === null && agentSettings(changes.agents.get(agent) ?? null) !== null;

function announcementRows(announcements: readonly AnnouncementReplacement[]): Extra {
  const changed = announcements.filter(({ expected, row }) => !same(expected, row));
  return {
    announcements: changed.map(({ row }) => row).filter((row) => row !== null),
    announcementsRemoved: changed
      .filter(({ row }) => row === null)
      .map(({ hotline, name }) => ({ hotline, name })),
  };
}

/** `1 added, 2 removed, 3 changed` */
function summary(changes: readonly RowChange[]): string {
  const counted = changesView(changes).map(({ what }) => what);
  return (["added", "removed", "changed"] as const)
    .map((what) => [counted.filter((each) => each === what).length, what] as const)
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${count} ${what}`)
    .join(", ");
}

function refuseIfChanged(basis: string | null, present: string): void {
  if (basis !== null && basis !== present) throw changedSince(null);
}

function changedSince(cause: Error | null): Refusal {
  return new Refusal(
    409,
    "changed_since",
    "Something was changed by somebody else meanwhile (see: hotline history), so nothing was applied. See what the document would change now: hotline apply FILE --dry-run",
    cause ? { cause } : {},
  );
}

function refuseProblems({ problems }: Plan): void {
  if (problems.length === 0) return;
  const isText = problems.some(({ line }) => line !== null);
  const lines = problems.map(({ line, column, path, message }) =>
    [line === null ? "" : `${line}:${column}:`, path === "" ? "" : `${path}:`, message]
      .filter(Boolean)
      .join(" "),
  );
  throw new Refusal(
    isText ? 400 : 409,
    isText ? "bad_document" : "in_use",
    `Nothing was applied. ${lines.join("; ")}`,
  );
}

/** Names are in Asterisk's files too, and phones of those who are gone are not. */
async function renewPhones({ phones, log }: AdministrationParts): Promise<void> {
  await phones
    .renew()
    .catch((error: Error) =>
      log.warn({ err: error }, "Asterisk does not know the phones of the document yet"),
    );
}
