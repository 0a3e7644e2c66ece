import type { AnnouncementError } from "../announcements/errors.ts";
import type { Undone, UndoPreview } from "../api/audit.ts";
import { checkPutBack } from "../core/put-back.ts";
import type { StepResult } from "../core/step.ts";
import { Refusal } from "../http/service.ts";
import type { AuditEntry, AuditRecord } from "../store/audit.ts";
import type { Credential } from "../store/types.ts";
import { handOut, refuseWithoutAsterisk, sipOf } from "./agents.ts";
import { type AdministrationParts, askForChange, type ChangingParts, refuseIfRefused } from "./asking.ts";
import { changeView, differencesOf } from "./audit-text.ts";
import { newCredential } from "./phones.ts";
import { announcementExtra, replacementsOf, turned } from "./replacements.ts";

/** Taking back an administrator's change: what it has changed is put back as a whole, unless it was changed since. */

export async function findChange({ store }: AdministrationParts, id: number): Promise<AuditRecord> {
  const record = await store.change(id);
  if (!record) throw new Refusal(404, "unknown_change", `There is no change ${id}. See: hotline history`);
  return record;
}

export async function previewUndo(parts: AdministrationParts, id: number | null): Promise<UndoPreview> {
  const record = await toUndo(parts, id);
  const { putBack, announcements } = replacementsOf(record.rows);
  await orLaterChange(parts, record, async () => {
    refuseIfRefused(checkPutBack(parts.state, putBack));
    const error = parts.announcements.whyNotReplaced(announcements);
    if (error) throw error;
  });
  return preview(record);
}

export async function undo(parts: ChangingParts, id: number | null): Promise<Undone> {
  const record = await toUndo(parts, id);
  const { putBack, announcements } = replacementsOf(record.rows);
  if (putBack.agents.some(({ row, expected }) => row && !expected))
    refuseWithoutAsterisk(parts, `change ${record.id} was not undone`);
  // The password is shown once; it is used only for those who have no phone any more when the change is made.
  const prepared = putBack.agents.filter(({ row }) => row !== null).map((each) => newCredential(each.id));
  let fresh: readonly Credential[] = [];
  let entry: AuditEntry | null = null;
  const save = async () => {
    entry = await askForChange(parts, { type: "rows_put_back", ...putBack }, (result) => {
      fresh = prepared.filter(({ agent }) => isNew(result, agent));
      return {
        extra: { ...announcementExtra(announcements), credentials: fresh },
        announcements: turned(record.rows.filter(({ kind }) => kind === "announcement")),
        told: {
          object: record.object,
          action: `undid change ${record.id}: ${record.action}`,
          undoes: record.id,
        },
      };
    });
  };
  await orLaterChange(parts, record, () => parts.announcements.replace(announcements, save));
  if (fresh.length > 0)
    await handOut(parts, fresh, `Change ${record.id} is undone, but Asterisk does not know all phones yet`);
  if (!entry) throw new Error(`Undoing change ${record.id} has changed nothing`);
  const by: AuditEntry = entry;
  const agents = fresh.map((credential) => ({ id: credential.agent, sip: sipOf(parts, credential) }));
  const undone = { ...preview(record), change: { ...changeView(record), undoneBy: by.id } };
  return { ...undone, by: changeView({ ...by, undoneBy: null }), agents };
}

const preview = (record: AuditRecord): UndoPreview => ({
  change: changeView(record),
  differences: differencesOf(turned(record.rows)),
});

const isNew = ({ changes, replaced }: StepResult, agent: Credential["agent"]): boolean =>
  replaced.agents.get(agent) === null && changes.agents.get(agent) != null;

async function toUndo(parts: AdministrationParts, id: number | null): Promise<AuditRecord> {
  const record = id === null ? await parts.store.lastUndoable() : await findChange(parts, id);
  if (!record)
    throw new Refusal(
      409,
      "nothing_to_undo",
      "There is no change that could be undone. See: hotline history",
    );
  if (!record.undoable)
    throw new Refusal(
      409,
      "not_undoable",
      `Change ${record.id} (${record.object}: ${record.action}) cannot be undone: it is no setting. Nothing was changed.`,
    );
  if (record.undoneBy !== null)
    throw new Refusal(
      409,
      "undone_already",
      `Change ${record.id} is undone already, by change ${record.undoneBy}. To have it again: hotline undo ${record.undoneBy}`,
    );
  return record;
}

/** When a row was changed since, the refusal says by which change. */
async function orLaterChange(
  { audit, store }: AdministrationParts,
  record: AuditRecord,
  act: () => Promise<void>,
): Promise<void> {
  try {
    await act();
  } catch (error) {
    const { code, message } = error as Refusal | AnnouncementError;
    if (code === "sound_missing") throw new Refusal(409, code, message, { cause: error });
    if (code !== "changed_since") throw error;
    // It may have been made this very moment.
    await audit.written();
    const since = await store.changeSince(record.id);
    const later = since === null ? null : await store.change(since);
    const what = message.replace(/ Undo the later.*$/, "");
    // It may be what has opened the hotline again: nobody undoes it without a look.
    const advice = later
      ? `Undo change ${later.id} first (${later.object}: ${later.action}); what that does: hotline undo ${later.id} --dry-run`
      : "See: hotline history";
    throw new Refusal(409, code, `Change ${record.id} cannot be undone: ${what} ${advice}`, { cause: error });
  }
}
