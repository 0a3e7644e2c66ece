import type { Announcements } from "../announcements/announcements.ts";
import { AnnouncementError } from "../announcements/errors.ts";
import type {
  AddAgent,
  AnnouncementView,
  Close,
  HotlineChange,
  HoursView,
  NewAgent,
} from "../api/schemas.ts";
import type { AdminEvent, CloseUntil } from "../core/events.ts";
import { type Hotline, recordedAnnouncements } from "../core/hotlines.ts";
import { HoursSyntaxError, parseTimeOfDay, parseWeeklyLine, withDays } from "../core/hours/parse.ts";
import type { AgentId, HotlineId } from "../core/ids.ts";
import type { State } from "../core/state.ts";
import { ms, type WallMs } from "../core/time.ts";
import type { Verdict } from "../core/turn.ts";
import { type AdminService, type DutyChange, Refusal } from "../http/service.ts";
import type { PbxStatus } from "../pbx/port.ts";
import type { Store } from "../store/store.ts";
import type { Extra } from "../store/types.ts";
import type { Alarms } from "./alarms.ts";
import type { Clock } from "./clock.ts";
import type { Loop } from "./loop.ts";
import { newCredential, type Phones } from "./phones.ts";
import { staffing } from "./staffing.ts";
import { agentView, callStoryView, callView, hotlineView, hoursView, statusView } from "./views.ts";

export type AdministrationParts = {
  readonly state: State;
  readonly clock: Clock;
  readonly loop: Loop;
  readonly store: Store;
  readonly phones: Phones;
  readonly announcements: Announcements;
  readonly alarms: Alarms;
  readonly pbx: { status(): PbxStatus };
  /** Where phones register, as printed for a new agent. */
  readonly sip: { readonly host: string; readonly port: number };
};

/** A change that is not on disk by then is not acknowledged. */
const saveTimeoutMs = 5_000;

/** What administrators can do. Reads look at the state; changes go through the loop and are on disk when they return. */
export function createAdministration(parts: AdministrationParts): AdminService {
  const { state, clock, store, phones, announcements } = parts;
  const change = (event: AdminEvent, extra?: Extra) => askForChange(parts, event, extra);
  const agentNow = (id: string) => agentView(findAgent(state, id), clock.now());
  const hotlineNow = (id: string) => hotlineView(state, findHotline(state, id));
  const hoursNow = (id: string) => hoursView(findHotline(state, id), clock.now());

  return {
    status: () => statusView(state, clock.now(), parts.pbx.status(), parts.alarms.list()),
    calls: async ({ limit, since }) => {
      const from = since === undefined ? {} : { since: Date.parse(since) as WallMs };
      return (await store.calls({ limit, ...from })).map(callView);
    },
    call: async (id) => {
      const call = await store.call(id);
      if (!call) throw new Refusal(404, "unknown_call", `There is no call "${id}". See: hotline calls`);
      return callStoryView(call);
    },
    staffing: (query) =>
      staffing({ store, nowMs: clock.now().wallMs, findHotline: (id) => findHotline(state, id) }, query),
    agents: () => [...state.agents.values()].map((agent) => agentView(agent, clock.now())),
    addAgent: (agent) => addAgent(parts, agent),
    removeAgent: async (id) => {
      await change({ type: "agent_removed", agent: id as AgentId });
      // The phone goes with the agent; an agent who talks finishes the call first.
      if (!state.agents.get(id as AgentId)) await phones.renew();
    },
    changeDuty: async (id, what) => {
      await change(dutyEvent(id as AgentId, what));
      return agentNow(id);
    },
    hotlines: () => [...state.hotlines.values()].map((hotline) => hotlineView(state, hotline)),
    hotline: hotlineNow,
    changeHotline: async (id, settings) => {
      await change({
        type: "hotline_changed",
        hotline: id as HotlineId,
        settings: settingsOf(settings),
      });
      return hotlineNow(id);
    },
    hours: hoursNow,
    setHours: async (id, lines) => {
      const changes = parseHours(findHotline(state, id), lines);
      await change({ type: "hours_set", hotline: id as HotlineId, changes });
      return hoursNow(id);
    },
    close: (id, close) => closeHotline(parts, id, close),
    resume: async (id) => {
      await change({ type: "reopen_asked", hotline: id as HotlineId });
      return hoursNow(id);
    },
    announcements: (id) => announcements.list(findHotline(state, id).id),
    importAnnouncement: (id, name, file) => importAnnouncement(parts, id, name, file),
  };
}

/** Resolves when the change is made and on disk. Throws Refusal when it cannot be made, or is not on disk in time. */
async function askForChange({ loop }: AdministrationParts, event: AdminEvent, extra?: Extra): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(notSaved()), saveTimeoutMs);
  try {
    refuseIfRefused(await Promise.race([loop.ask(event, extra), late]));
  } finally {
    clearTimeout(timer);
  }
}

const notSaved = () =>
  new Refusal(
    503,
    "not_saved",
    "The change could not be written to the database in time. It may still be; see: hotline status",
  );

function refuseIfRefused(verdict: Verdict): void {
  if (verdict.kind !== "refused") return;
  const { code, message } = verdict;
  const status = code === "end_in_past" ? 400 : code.startsWith("unknown_") ? 404 : 409;
  throw new Refusal(status, code, message);
}

async function addAgent(parts: AdministrationParts, { id, name, hotlines }: AddAgent): Promise<NewAgent> {
  const { phones, sip } = parts;
  const agent = id as AgentId;
  // The password is shown once, with a phone that can register: without Asterisk there is neither.
  if (!parts.pbx.status().connected) {
    const message = `Asterisk is not connected, so agent ${id} was not added. See: hotline status`;
    throw new Refusal(503, "asterisk_not_ready", message);
  }
  const credential = newCredential(agent);
  const memberships = hotlines.map((hotline) => ({
    hotline: hotline as HotlineId,
    tier: 1,
    skills: [],
  }));
  await askForChange(parts, { type: "agent_added", agent, name, memberships }, { credentials: [credential] });
  phones.add(credential);
  await phones.renew().catch((error: Error) => {
    throw new Refusal(
      503,
      "asterisk_not_ready",
      `Agent ${id} is added, but Asterisk does not know the phone yet: ${error.message}. It will when Asterisk runs; see: hotline status`,
      { cause: error },
    );
  });
  const { username, password } = credential;
  return { id, sip: { username, password, host: sip.host, port: sip.port, transport: "udp" } };
}

async function importAnnouncement(
  { state, announcements }: AdministrationParts,
  id: string,
  name: string,
  { fileName, content }: { fileName: string; content: Buffer<ArrayBuffer> },
): Promise<AnnouncementView> {
  const hotline = findHotline(state, id);
  const known = recordedAnnouncements.find((other) => other === name);
  if (!known) {
    const message = `There is no announcement "${name}" to record. There are: ${recordedAnnouncements.join(", ")}`;
    throw new Refusal(404, "unknown_announcement", message);
  }
  try {
    return (await announcements.importFile(hotline.id, known, fileName, content)).view;
  } catch (error) {
    if (!(error instanceof AnnouncementError)) throw error;
    const notTheFilesFault = ["busy", "speech_failed", "conversion_failed"].includes(error.code);
    const message = `${error.message} The announcement is as it was.`;
    throw new Refusal(notTheFilesFault ? 503 : 400, error.code, message, { cause: error });
  }
}

function dutyEvent(agent: AgentId, change: DutyChange): AdminEvent {
  switch (change.kind) {
    case "login":
      return { type: "login_asked", agent };
    case "logout":
      return { type: "logout_asked", agent };
    case "pause":
      return { type: "pause_asked", agent, reason: change.reason };
    case "resume":
      return { type: "resume_asked", agent };
  }
}

function settingsOf(change: HotlineChange): Partial<Omit<Hotline, "id" | "schedule">> {
  const { ringTimeoutMs, wrapUpMs, autoPause, maxWaitMs, name, strategy, maxWaiting } = change;
  return {
    ...(name !== undefined && { name }),
    ...(strategy !== undefined && { strategy }),
    ...(ringTimeoutMs !== undefined && { ringTimeoutMs: ms(ringTimeoutMs) }),
    ...(wrapUpMs !== undefined && { wrapUpMs: ms(wrapUpMs) }),
    ...(autoPause !== undefined && { autoPauseAfter: autoPause }),
    ...(maxWaiting !== undefined && { maxWaiting }),
    ...(maxWaitMs !== undefined && { maxWaitMs: ms(maxWaitMs) }),
  };
}

/** Reads all lines before anything is changed; the first mistake is shown with its place. */
function parseHours(hotline: Hotline, lines: readonly string[]) {
  let weekly = hotline.schedule.weekly;
  return lines.map((line) => {
    try {
      const parsed = parseWeeklyLine(line);
      weekly = withDays(weekly, parsed.days, parsed.intervals);
      return parsed;
    } catch (error) {
      if (!(error instanceof HoursSyntaxError)) throw error;
      const place = `in "${line}" at character ${error.position + 1}`;
      throw new Refusal(400, "bad_hours", `${error.message} (${place}). Nothing was changed.`);
    }
  });
}

async function closeHotline(parts: AdministrationParts, id: string, close: Close): Promise<HoursView> {
  if (close.until !== null && close.forMs !== null)
    throw new Refusal(400, "invalid", "Give --until or --for, not both. Nothing was changed.");
  const hotline = findHotline(parts.state, id);
  const { reason } = close;
  const until = closeUntil(close);
  await askForChange(parts, {
    type: "close_asked",
    hotline: hotline.id,
    reason,
    until,
    releaseWaiting: false,
  });
  return hoursView(findHotline(parts.state, id), parts.clock.now());
}

function closeUntil({ until, forMs }: Close): CloseUntil {
  if (forMs !== null) return { kind: "duration", lengthMs: ms(forMs) };
  if (until === null) return { kind: "next_opening" };
  try {
    return { kind: "minute_of_day", minute: parseTimeOfDay(until) };
  } catch (error) {
    if (!(error instanceof HoursSyntaxError)) throw error;
    throw new Refusal(400, "bad_time", `--until: ${error.message}. Nothing was changed.`);
  }
}

function findAgent(state: State, id: string) {
  const agent = state.agents.get(id as AgentId);
  if (!agent) throw new Refusal(404, "unknown_agent", `There is no agent "${id}". See: hotline agent list`);
  return agent;
}

function findHotline(state: State, id: string) {
  const hotline = state.hotlines.get(id as HotlineId);
  if (hotline) return hotline;
  const known = [...state.hotlines.values()].map((other) => other.id).join(", ");
  throw new Refusal(404, "unknown_hotline", `There is no hotline "${id}". There is: ${known || "none yet"}`);
}
