import type { Agent, Duty } from "../core/agents.ts";
import type { AdminEvent } from "../core/events.ts";
import type { AgentId } from "../core/ids.ts";
import type { StepResult } from "../core/step.ts";
import type { AuditEntry } from "../store/audit.ts";
import type { Credential, Extra } from "../store/types.ts";
import type { ChangingParts } from "./asking.ts";
import { withEntry } from "./audit.ts";
import { announcementExtra, replacementsOf, turned } from "./replacements.ts";

/*
 * A change was made, and then it turned out that the database does not take it. It must not stay in effect: it would be
 * gone with the daemon, after who asked was told that nothing was changed. So it is undone like any other change, without
 * waiting for the disk. Both are written in their order when that works again: on disk there is either none or both.
 */

/** Who is lost with a change: the duty and the phone of agents that are removed by it. */
export type Lost = {
  readonly agents: readonly Agent[];
  readonly credentials: readonly Credential[];
};

export function lostBy({ changes, replaced }: StepResult, { phones }: Pick<ChangingParts, "phones">): Lost {
  const agents = [...replaced.agents].flatMap(([id, before]) =>
    before && changes.agents.get(id) === null ? [before] : [],
  );
  const credentials = agents.flatMap(({ id }) => phones.credentialOf(id) ?? []);
  return { agents, credentials };
}

export function takeBack(parts: ChangingParts, entry: AuditEntry, lost: Lost): void {
  const { audit, log, mandate, phones } = parts;
  const { putBack, announcements } = replacementsOf(entry.rows);
  const told = {
    object: entry.object,
    action: `took back change ${entry.id}, which could not be saved: ${entry.action}`,
    undoes: entry.id,
  };
  const extra: Extra = { ...announcementExtra(announcements), credentials: lost.credentials };
  submit(parts, { type: "rows_put_back", ...putBack }, (_result, now) =>
    withEntry(extra, audit.note(mandate, now, told, turned(entry.rows))),
  );
  for (const agent of lost.agents) backToDuty(parts, agent.id, agent.duty);
  for (const row of entry.rows) if (row.kind === "duty" && row.before) backToDuty(parts, row.id, row.before);
  for (const credential of lost.credentials) phones.add(credential);
  if (lost.credentials.length > 0)
    phones.renew().catch((error: Error) => log.warn({ err: error }, "Asterisk does not know the phones yet"));
  const removed = putBack.hotlines.filter(({ row, expected }) => row && !expected).map(({ id }) => id);
  const forgotten = announcements.filter(({ hotline }) => removed.includes(hotline));
  // On disk they are back already.
  if (forgotten.length > 0)
    parts.announcements
      .replace(forgotten, async () => undefined)
      .catch((error: Error) => log.warn({ err: error }, "announcements could not be put back"));
}

function backToDuty(parts: ChangingParts, agent: AgentId, duty: Duty): void {
  const asked: AdminEvent[] =
    duty.kind === "on"
      ? [
          { type: "login_asked", agent },
          { type: "resume_asked", agent },
        ]
      : duty.kind === "paused"
        ? [
            { type: "login_asked", agent },
            { type: "pause_asked", agent, reason: duty.reason },
          ]
        : [{ type: "logout_asked", agent }];
  for (const event of asked) submit(parts, event);
}

/** Nobody waits for the disk. That a turn could not be made or written is in the log. */
function submit({ loop }: ChangingParts, ...asked: Parameters<ChangingParts["loop"]["ask"]>): void {
  loop.ask(...asked).catch(() => undefined);
}
