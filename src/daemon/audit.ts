import type { Mandate } from "../api/who.ts";
import { agentSettings } from "../core/agents.ts";
import type { AnnouncementRow } from "../core/announcement-row.ts";
import type { AdminEvent } from "../core/events.ts";
import type { HotlineId } from "../core/ids.ts";
import { same } from "../core/same.ts";
import type { StepResult } from "../core/step.ts";
import type { Now } from "../core/time.ts";
import type { AuditEntry, RowChange } from "../store/audit.ts";
import type { Extra } from "../store/types.ts";
import { actionOf, objectOf } from "./audit-text.ts";

/** What an entry is called where the rows do not tell. */
export type Told = Pick<AuditEntry, "object" | "action" | "undoes">;

/** Writes down what administrators change: numbers the entries, in the order of the turns. */
export class Audit {
  #last: number;
  #written: Promise<unknown> = Promise.resolve();
  readonly #announcementsOf: (hotline: HotlineId) => readonly AnnouncementRow[];

  /** `announcementsOf`: a hotline's own recordings and texts, which go with it. */
  constructor(last: number, announcementsOf: (hotline: HotlineId) => readonly AnnouncementRow[]) {
    this.#last = last;
    this.#announcementsOf = announcementsOf;
  }

  /** The entry of a turn that was made for an administrator; null when it has changed nothing that they set. */
  entryOf(
    mandate: Mandate,
    event: AdminEvent,
    result: StepResult,
    now: Now,
    more: { readonly told?: Told; readonly announcements?: readonly RowChange[] } = {},
  ): AuditEntry | null {
    const rows = this.rowsOf(event, result, more.announcements);
    if (!this.hasChanges(event, rows)) return null;
    const told = more.told ?? { object: objectOf(event, rows), action: actionOf(event, rows), undoes: null };
    return this.note(mandate, now, told, rows);
  }

  /** What the turn has changed of what administrators set, and `announcements` that are others now. */
  rowsOf(event: AdminEvent, result: StepResult, announcements: readonly RowChange[] = []): RowChange[] {
    const all = [...this.#coreRows(event, result), ...announcements];
    return all.filter(
      ({ kind, id, before, after }, i) =>
        !same(before, after) && all.findIndex((other) => other.kind === kind && other.id === id) === i,
    );
  }

  /** A wrap-up is in no row that is kept. */
  hasChanges(event: AdminEvent, rows: readonly RowChange[]): boolean {
    return rows.length > 0 || event.type === "wrap_up_end_asked" || event.type === "wrap_up_extend_asked";
  }

  /** Has written() wait for this, too. */
  follow(write: Promise<unknown>): void {
    this.#written = Promise.allSettled([this.#written, write]);
  }

  /** Resolves when all changes asked for so far are on disk, or have failed. */
  async written(): Promise<void> {
    await this.#written;
  }

  /** An entry about something that changes no rows of the core. */
  note(mandate: Mandate, now: Now, told: Told, rows: readonly RowChange[]): AuditEntry {
    this.#last += 1;
    const undoable = rows.length > 0 && rows.every(({ kind }) => kind !== "duty");
    return { id: this.#last, atMs: now.wallMs, ...mandate, ...told, rows, undoable };
  }

  *#coreRows(event: AdminEvent, { changes, replaced }: StepResult): Generator<RowChange> {
    for (const [id, before] of replaced.hotlines) {
      const after = changes.hotlines.get(id) ?? null;
      yield { kind: "hotline", id, before, after };
      if (after) continue;
      for (const row of this.#announcementsOf(id))
        yield { kind: "announcement", id: `${id}/${row.name}`, before: row, after: null };
    }
    for (const [id, before] of replaced.numbers)
      yield { kind: "number", id, before, after: changes.numbers.get(id) ?? null };
    for (const [id, before] of replaced.agents) {
      const after = changes.agents.get(id) ?? null;
      yield { kind: "agent", id, before: agentSettings(before), after: agentSettings(after) };
      // Others may change their duty in the same turn, but not by an administrator's will.
      const isMeant = "agent" in event && event.agent === id && !isSettings.has(event.type);
      if (isMeant) yield { kind: "duty", id, before: before?.duty ?? null, after: after?.duty ?? null };
    }
  }
}

/** About an agent, but not about the duty. */
const isSettings: ReadonlySet<AdminEvent["type"]> = new Set<AdminEvent["type"]>([
  "agent_added",
  "agent_removed",
  "agent_assigned",
  "agent_unassigned",
]);

/** What is written with a turn, the entry among it; null: nothing. */
export function withEntry(extra: Extra | undefined, entry: AuditEntry | null): Extra | null {
  return entry ? { ...extra, audit: [entry] } : (extra ?? null);
}
