import type { ChangeView, ChangeWithRows, Undone, UndoPreview } from "../api/audit.ts";
import type { DoctorFacts } from "../api/doctor.ts";
import type { Apply, DocumentApplied, DocumentPreview, Exported } from "../api/document.ts";
import type { ExplainQuery, ExplainView } from "../api/explain.ts";
import type { HolidaysView, HoursOrder, HoursPreview, HoursView } from "../api/hours.ts";
import type { AgentCredential, AgentRow, Mistake } from "../api/many-agents.ts";
import type {
  AddAgent,
  AddHotline,
  AgentView,
  AnnouncementView,
  Assign,
  CallView,
  HotlineChange,
  HotlineView,
  NewAgent,
  NumberView,
  Played,
  SetNumber,
  Status,
} from "../api/schemas.ts";
import type { StaffingQuery, StaffingView } from "../api/staffing.ts";
import type { Mandate } from "../api/who.ts";

/** What happens, as JSON of src/api/live.ts. */
export type LiveFeed = {
  /** All there is; only for subscribers. */
  snapshot(): string;
  /** Tells `reader` every change from now on. Returns what ends that. */
  subscribe(reader: (json: string) => void): () => void;
};

/** What the admin API can do; the daemon does it. Every method may throw Refusal. */
export type AdminService = {
  status(): Status;
  readonly live: LiveFeed;
  doctor(): Promise<DoctorFacts>;
  calls(wanted: { limit: number; since: string | undefined }): Promise<CallView[]>;
  call(id: string): Promise<CallView>;
  staffing(query: StaffingQuery): Promise<StaffingView>;
  agents(): AgentView[];
  agent(id: string): AgentView;
  /** What keeps these from being added; empty: nothing. */
  checkAgents(rows: readonly AgentRow[]): Mistake[];
  hotlines(): HotlineView[];
  hotline(id: string): HotlineView;
  numbers(): NumberView[];
  hours(id: string, days?: number): HoursView;
  holidays(id: string): HolidaysView;
  /** What a change of hours would do. */
  previewHours(id: string, order: HoursOrder): HoursPreview;
  explain(query: ExplainQuery): ExplainView;
  announcements(id: string): AnnouncementView[];
  /** Newest first. */
  changes(wanted: { limit: number; object: string }): Promise<ChangeView[]>;
  change(id: number): Promise<ChangeWithRows>;
  /** What undoing would do; null: the last change that can be undone and is not. */
  previewUndo(change: number | null): Promise<UndoPreview>;
  /** All operations data. */
  exportDocument(): Exported;
  previewDocument(document: Apply): Promise<DocumentPreview>;
  /** What can be changed, on behalf of somebody. `rehearses`: all is checked, and then Rehearsed thrown instead of doing it. */
  by(mandate: Mandate, rehearses: boolean): AdminChanges;
};

/** Changes are on disk when these resolve, and in the audit. */
export type AdminChanges = {
  addAgent(agent: AddAgent): Promise<NewAgent>;
  /** All of them or none. */
  addAgents(rows: readonly AgentRow[]): Promise<AgentCredential[]>;
  /** Passwords once more, which leaves a trace. Null: everybody's. */
  showCredentials(agents: readonly string[] | null): Promise<AgentCredential[]>;
  removeAgent(id: string): Promise<void>;
  changeDuty(id: string, change: DutyChange): Promise<AgentView>;
  assign(agent: string, hotline: string, as: Assign): Promise<AgentView>;
  unassign(agent: string, hotline: string): Promise<AgentView>;
  addHotline(hotline: AddHotline): Promise<HotlineView>;
  removeHotline(id: string): Promise<void>;
  changeHotline(id: string, change: HotlineChange): Promise<HotlineView>;
  setNumber(number: string, row: SetNumber): Promise<NumberView>;
  removeNumber(number: string): Promise<void>;
  /** `basis`: of the preview that was confirmed; null: whatever the hours are now. */
  changeHours(id: string, order: HoursOrder, basis: string | null): Promise<HoursView>;
  importAnnouncement(
    id: string,
    name: string,
    file: { fileName: string; content: Buffer<ArrayBuffer> },
  ): Promise<AnnouncementView>;
  sayAnnouncement(id: string, name: string, text: string): Promise<AnnouncementView>;
  /** Calls the agent's phone; resolves when that is over. */
  playAnnouncement(id: string, name: string, agent: string): Promise<Played>;
  recordAnnouncement(id: string, name: string, agent: string): Promise<AnnouncementView>;
  resetAnnouncement(id: string, name: string): Promise<AnnouncementView>;
  undo(change: number | null): Promise<Undone>;
  /** All there is, as a tar archive; whole when it ends. */
  backUp(): AsyncIterable<Buffer>;
  /** As a whole or not at all. */
  applyDocument(document: Apply): Promise<DocumentApplied>;
};

export type DutyChange =
  | { readonly kind: "login" }
  | { readonly kind: "logout" }
  | { readonly kind: "pause"; readonly reason: string | null }
  | { readonly kind: "resume" }
  | { readonly kind: "wrap_up_end" }
  | { readonly kind: "wrap_up_extend"; readonly byMs: number };

/** Something an administrator asked for cannot be, for a reason they can do something about. */
export class Refusal extends Error {
  readonly status: 400 | 403 | 404 | 409 | 503;
  readonly code: string;
  constructor(status: Refusal["status"], code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "Refusal";
    this.status = status;
    this.code = code;
  }
}

/** Nothing stands in the way of a change that was only to be checked; nothing was done. */
export class Rehearsed extends Error {
  /** False: it is so already. */
  readonly changes: boolean;
  constructor(changes: boolean) {
    super("This was only checked.");
    this.name = "Rehearsed";
    this.changes = changes;
  }
}
