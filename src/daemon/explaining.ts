import type { Announcements } from "../announcements/announcements.ts";
import { isRecorded } from "../announcements/settings.ts";
import type { ExplainQuery, ExplainView } from "../api/explain.ts";
import { formatOverflowStep } from "../api/overflow-line.ts";
import { agentState } from "../core/agents.ts";
import { type Explanation, explain } from "../core/explain.ts";
import { instantAt, localDate } from "../core/hours/calendar.ts";
import { parseMoment } from "../core/hours/parse-date.ts";
import type { AgentId } from "../core/ids.ts";
import type { NumberRow, State } from "../core/state.ts";
import type { Now, WallMs } from "../core/time.ts";
import { Refusal } from "../http/service.ts";
import { announced } from "./announced.ts";
import { findHotline } from "./asking.ts";
import { understood } from "./hours.ts";
import { ruleText } from "./hours-views.ts";

/** What would be done with a call at some moment, and why. Throws Refusal when the question cannot be understood. */
export function explainCall(
  state: State,
  announcements: Pick<Announcements, "wordsAt">,
  query: ExplainQuery,
  now: Now,
): ExplainView {
  const number = numberAsked(state, query);
  const row = state.numbers.get(number);
  const hotline = row ? findHotline(state, row.hotline) : null;
  const timeZone = hotline ? state.schedule(hotline).timeZone : "Europe/Berlin";
  const wallMs = query.at === undefined ? now.wallMs : momentAsked(query.at, timeZone, now.wallMs);
  // Who waits now waits no more at another time.
  const waiting = query.waiting ?? (query.at === undefined ? null : 0);
  const told = explain(state, { number, waiting }, { ...now, wallMs });
  const schedule = hotline && state.schedule(hotline);
  const say = (rule: NonNullable<Explanation["decision"]>["rule"]) =>
    schedule ? ruleText(schedule, rule) : "";
  const { decision, announcement } = told;
  return {
    number,
    hotline: told.hotline,
    at: new Date(wallMs).toISOString(),
    timeZone,
    open: decision?.open ?? false,
    rule: decision?.rule.kind ?? null,
    reason: decision ? say(decision.rule) : `number ${number} leads to no hotline`,
    lost: (decision?.lost ?? []).map(({ rule, open }) => ({ rule: rule.kind, open, reason: say(rule) })),
    outcome: told.outcome,
    announcement: announcement && {
      ...announcement,
      text: wordsOf(announcement, told, state, announcements, wallMs),
    },
    servedBy: told.at,
    waitingAhead: told.waitingAhead,
    strategy: (told.at === null ? null : state.hotlines.get(told.at)?.strategy) ?? null,
    overflow: [
      ...told.stepsTried.map(({ step }) => ({ step: formatOverflowStep(step), when: "at_once" as const })),
      ...told.stepsLater.map((step) => ({ step: formatOverflowStep(step), when: "later" as const })),
    ],
    agents: told.agents.map(({ agent, tier, afterMs }) => ({
      id: agent,
      name: state.agents.get(agent)?.name ?? agent,
      tier,
      afterMs,
    })),
    others: othersAt(state, told),
  };
}

/** As it would be spoken then. */
function wordsOf(
  { hotline: id, name }: NonNullable<Explanation["announcement"]>,
  { outcome, waitingAhead }: Explanation,
  state: State,
  announcements: Pick<Announcements, "wordsAt">,
  at: WallMs,
): string | null {
  const hotline = state.hotlines.get(id);
  if (!hotline || !isRecorded(name)) return null;
  const position = outcome === "admitted" ? waitingAhead + 1 : null;
  return announcements.wordsAt(announced(state, hotline), name, at, position);
}

function othersAt(state: State, { at, agents }: Explanation): ExplainView["others"] {
  const rung = new Set<AgentId>(agents.map(({ agent }) => agent));
  return [...state.agents.values()]
    .filter(({ id, memberships }) => !rung.has(id) && memberships.some(({ hotline }) => hotline === at))
    .map((agent) => ({ id: agent.id, name: agent.name, state: agentState(agent) }));
}

function numberAsked(state: State, { number, hotline }: ExplainQuery): string {
  if (number !== undefined) return number;
  const rows: NumberRow[] = [...state.numbers.values()];
  const asked = hotline === undefined ? null : findHotline(state, hotline);
  const candidates = asked ? rows.filter((row) => row.hotline === asked.id) : rows;
  const [first, ...more] = candidates;
  // Several numbers of one hotline differ at most in the skills their callers need.
  if (first && more.every((row) => row.hotline === first.hotline)) return first.number;
  const known = rows.map((row) => `${row.number} (${row.hotline})`).join(", ") || "none yet";
  throw new Refusal(400, "which_number", `Which number? Name one with --number. There is: ${known}`);
}

function momentAsked(text: string, timeZone: string, now: WallMs): WallMs {
  if (/(z|[+-]\d{2}:\d{2})$/i.test(text) && !Number.isNaN(Date.parse(text)))
    return Date.parse(text) as WallMs;
  const today = localDate(timeZone, now);
  const { date, minute } = understood(text, () => parseMoment(text, today));
  return instantAt(timeZone, date ?? today, minute, "earlier");
}
