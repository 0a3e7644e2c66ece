import type {
  AddAgent,
  AgentView,
  AnnouncementView,
  CallView,
  Close,
  HotlineChange,
  HotlineView,
  HoursView,
  NewAgent,
  Status,
} from "../api/schemas.ts";
import type { StaffingQuery, StaffingView } from "../api/staffing.ts";

/** What the admin API can do; the daemon does it. Every method may throw Refusal. Changes are on disk when it resolves. */
export type AdminService = {
  status(): Status;
  calls(wanted: { limit: number; since: string | undefined }): Promise<CallView[]>;
  call(id: string): Promise<CallView>;
  staffing(query: StaffingQuery): Promise<StaffingView>;
  agents(): AgentView[];
  addAgent(agent: AddAgent): Promise<NewAgent>;
  removeAgent(id: string): Promise<void>;
  changeDuty(id: string, change: DutyChange): Promise<AgentView>;
  hotlines(): HotlineView[];
  hotline(id: string): HotlineView;
  changeHotline(id: string, change: HotlineChange): Promise<HotlineView>;
  hours(id: string): HoursView;
  setHours(id: string, lines: readonly string[]): Promise<HoursView>;
  close(id: string, close: Close): Promise<HoursView>;
  resume(id: string): Promise<HoursView>;
  announcements(id: string): AnnouncementView[];
  importAnnouncement(
    id: string,
    name: string,
    file: { fileName: string; content: Buffer<ArrayBuffer> },
  ): Promise<AnnouncementView>;
};

export type DutyChange =
  | { readonly kind: "login" }
  | { readonly kind: "logout" }
  | { readonly kind: "pause"; readonly reason: string | null }
  | { readonly kind: "resume" };

/** Something an administrator asked for cannot be, for a reason they can do something about. */
export class Refusal extends Error {
  readonly status: 400 | 404 | 409 | 503;
  readonly code: string;
  constructor(status: Refusal["status"], code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "Refusal";
    this.status = status;
    this.code = code;
  }
}
