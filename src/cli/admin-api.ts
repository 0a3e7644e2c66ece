import { z } from "zod";
import * as audit from "../api/audit.ts";
import { doctorSchema } from "../api/doctor.ts";
import { appliedSchema, exportSchema, previewSchema } from "../api/document.ts";
import { explainSchema } from "../api/explain.ts";
import { type HoursOrderInput, holidaysSchema, hoursPreviewSchema, hoursSchema } from "../api/hours.ts";
import { type AgentRow, credentialsSchema, mistakesSchema } from "../api/many-agents.ts";
import * as schemas from "../api/schemas.ts";
import { type StaffingQuestion, staffingSchema } from "../api/staffing.ts";
import { type CliError, failure, type NotDone, wrongUse } from "./errors.ts";
import { ask, type Question } from "./transport.ts";

const ordinaryLimitMs = 10_000;
/** Converting a long recording takes its time, and so do thousands of phones. */
const importLimitMs = 60_000;
/** Ringing a phone, listening or speaking for two minutes, and converting. */
const studioLimitMs = 360_000;

/** The database is looked at for some seconds, and Asterisk is asked. */
const doctorLimitMs = 30_000;

export type AdminApi = ReturnType<typeof createAdminApi>;

/**
 * The admin API (api/routes.ts) of one home as functions. Answers are checked against their schemas; whatever goes wrong is
 * a CliError. Loaded only by commands that talk to the daemon, since the schemas take a while. With `notDone` changes are only
 * checked: it makes what is thrown in place of their result.
 */
export function createAdminApi(home: string, reason?: string, notDone?: (changes: boolean) => NotDone) {
  const call = async <S extends z.ZodType>(
    schema: S,
    method: Question["method"],
    path: string,
    body?: unknown,
    timeLimitMs = ordinaryLimitMs,
  ): Promise<z.output<S>> => {
    const answer = await ask(home, {
      method,
      path,
      timeLimitMs,
      reason,
      dryRun: notDone !== undefined,
      ...(body !== undefined && { body }),
    });
    if (answer.status < 200 || answer.status > 299) throw refusal(answer.status, answer.body);
    const rehearsed = schemas.rehearsedSchema.safeParse(answer.body);
    if (notDone && rehearsed.success) throw notDone(rehearsed.data.changes);
    const parsed = schema.safeParse(answer.body);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    throw failure(
      `the daemon's answer does not fit this program (${issue?.path.join(".")}: ${issue?.message}); was the program updated without a restart of the daemon?`,
    );
  };
  const agent = (id: string, order = "") => `/agents/${encodeURIComponent(id)}${order}`;
  const hotline = (id: string, order = "") => `/hotlines/${encodeURIComponent(id)}${order}`;
  const announcement = (id: string, name: string, order = "") =>
    hotline(id, `/announcements/${encodeURIComponent(name)}${order}`);
  const number = (id: string) => `/numbers/${encodeURIComponent(id)}`;
  const { agentSchema, hotlineSchema } = schemas;

  return {
    status: () => call(schemas.statusSchema, "GET", "/status"),
    doctor: () => call(doctorSchema, "GET", "/doctor", undefined, doctorLimitMs),
    calls: (limit: number, since: string | null) =>
      call(
        schemas.callsSchema,
        "GET",
        `/calls?${new URLSearchParams({ limit: String(limit), ...(since !== null && { since }) })}`,
      ),
    call: (id: string) => call(schemas.callSchema, "GET", `/calls/${encodeURIComponent(id)}`),
    staffing: (question: StaffingQuestion) => {
      const query = Object.entries(question).map(([name, value]): [string, string] => [name, String(value)]);
      return call(staffingSchema, "GET", `/staffing?${new URLSearchParams(query)}`);
    },
    agents: () => call(schemas.agentsSchema, "GET", "/agents"),
    agent: (id: string) => call(agentSchema, "GET", agent(id)),
    addAgent: (body: z.input<typeof schemas.addAgentSchema>) =>
      call(schemas.newAgentSchema, "POST", "/agents", body),
    checkAgents: (agents: readonly AgentRow[]) =>
      call(mistakesSchema, "POST", "/agents/check", { agents }, importLimitMs),
    importAgents: (agents: readonly AgentRow[]) =>
      call(credentialsSchema, "POST", "/agents/import", { agents }, importLimitMs),
    showCredentials: (agents: readonly string[] | null) =>
      call(credentialsSchema, "POST", "/credentials/show", { agents }),
    removeAgent: (id: string) => call(z.unknown(), "DELETE", agent(id)),
    login: (id: string) => call(agentSchema, "POST", agent(id, "/login")),
    logout: (id: string) => call(agentSchema, "POST", agent(id, "/logout")),
    resumeAgent: (id: string) => call(agentSchema, "POST", agent(id, "/resume")),
    pause: (id: string, reason: string | null) => call(agentSchema, "POST", agent(id, "/pause"), { reason }),
    endWrapUp: (id: string) => call(agentSchema, "POST", agent(id, "/wrap-up/end")),
    extendWrapUp: (id: string, byMs: number) =>
      call(agentSchema, "POST", agent(id, "/wrap-up/extend"), { byMs }),
    assign: (id: string, to: string, body: schemas.Assign) =>
      call(agentSchema, "PUT", agent(id, hotline(to)), body),
    unassign: (id: string, from: string) => call(agentSchema, "DELETE", agent(id, hotline(from))),
    hotlines: () => call(schemas.hotlinesSchema, "GET", "/hotlines"),
    hotline: (id: string) => call(hotlineSchema, "GET", hotline(id)),
    addHotline: (body: schemas.AddHotline) => call(hotlineSchema, "POST", "/hotlines", body),
    removeHotline: (id: string) => call(z.unknown(), "DELETE", hotline(id)),
    changeHotline: (id: string, change: schemas.HotlineChange) =>
      call(hotlineSchema, "PATCH", hotline(id), change),
    numbers: () => call(schemas.numbersSchema, "GET", "/numbers"),
    setNumber: (id: string, body: schemas.SetNumber) =>
      call(schemas.numberRowSchema, "PUT", number(id), body),
    removeNumber: (id: string) => call(z.unknown(), "DELETE", number(id)),
    hours: (id: string, days?: number) =>
      call(hoursSchema, "GET", hotline(id, days === undefined ? "/hours" : `/hours?days=${days}`)),
    /** `basis`: of the preview that was confirmed. */
    changeHours: (id: string, order: HoursOrderInput, basis: string | null = null) =>
      call(hoursSchema, "POST", hotline(id, basis === null ? "/hours" : `/hours?basis=${basis}`), order),
    /** Changes nothing. */
    previewHours: (id: string, order: HoursOrderInput) =>
      call(hoursPreviewSchema, "POST", hotline(id, "/hours?dryRun=true"), order),
    holidays: (id: string) => call(holidaysSchema, "GET", hotline(id, "/holidays")),
    explain: (question: Record<string, string>) =>
      call(explainSchema, "GET", `/explain?${new URLSearchParams(question)}`),
    exportDocument: () => call(exportSchema, "GET", "/document"),
    previewDocument: (yaml: string) =>
      call(previewSchema, "POST", "/document?dryRun=true", { yaml, basis: null }, importLimitMs),
    applyDocument: (yaml: string, basis: string) =>
      call(appliedSchema, "POST", "/document", { yaml, basis }, importLimitMs),
    announcements: (id: string) => call(schemas.announcementsSchema, "GET", hotline(id, "/announcements")),
    importAnnouncement: (id: string, name: string, body: z.infer<typeof schemas.importSchema>) =>
      call(schemas.announcementSchema, "PUT", announcement(id, name), body, importLimitMs),
    sayAnnouncement: (id: string, name: string, text: string) =>
      call(schemas.announcementSchema, "PUT", announcement(id, name, "/text"), { text }, importLimitMs),
    playAnnouncement: (id: string, name: string, to: string) =>
      call(schemas.playedSchema, "POST", announcement(id, name, "/play"), { agent: to }, studioLimitMs),
    recordAnnouncement: (id: string, name: string, from: string) =>
      call(
        schemas.announcementSchema,
        "POST",
        announcement(id, name, "/record"),
        { agent: from },
        studioLimitMs,
      ),
    resetAnnouncement: (id: string, name: string) =>
      call(schemas.announcementSchema, "DELETE", announcement(id, name)),
    changes: (object: string, limit: number) =>
      call(
        audit.changesSchema,
        "GET",
        `/changes?${new URLSearchParams({ limit: String(limit), ...(object !== "" && { object }) })}`,
      ),
    change: (id: number) => call(audit.changeWithRowsSchema, "GET", `/changes/${id}`),
    previewUndo: (id: number | null) =>
      call(audit.undoPreviewSchema, "GET", id === null ? "/undo" : `/undo?change=${id}`),
    undo: (id: number) => call(audit.undoneSchema, "POST", "/undo", { change: id }),
  };
}

/** The daemon's own words; 400 is wrong use, everything else a failure (errors.ts). */
function refusal(status: number, body: unknown): CliError {
  const parsed = schemas.errorSchema.safeParse(body);
  const message = parsed.success ? parsed.data.error.message : `the daemon answered with status ${status}`;
  return status === 400 ? wrongUse(message) : failure(message);
}
