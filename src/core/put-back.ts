import { checkRemoval, removeHotline, rescheduleWaiting } from "./administration.ts";
import { type AgentSettings, agentSettings } from "./agents.ts";
import { agentRemoved, agentsAdded, putAmongColleagues } from "./duty.ts";
import type { PutBack, Replacement } from "./events.ts";
import { changedParts, withParts } from "./hotline-parts.ts";
import { hotlineSettings, withPresentHolidays } from "./hotline-settings.ts";
import type { Hotline } from "./hotlines.ts";
import { whyUnusable } from "./hours/restore.ts";
import type { HotlineId } from "./ids.ts";
import { checkForwards } from "./overflow/own-numbers.ts";
import { checkOverflow } from "./overflow/validate.ts";
import { same } from "./same.ts";
import { checkSharedHours } from "./shared-hours.ts";
import type { NumberRow, State } from "./state.ts";
import { done, refused, type Turn, type Verdict } from "./turn.ts";

/**
 * An administrator's change is undone: its rows are put back as they were, of hotlines what it has changed. What was set by
 * others since stays theirs.
 */
export function rowsPutBack(turn: Turn, change: PutBack): Verdict {
  const checked = checkPutBack(turn.state, change);
  if (checked.kind !== "done") return checked;
  const { state } = turn;
  const asked = withOthersParts(state, change);
  const before = new Map([...state.hotlines.values()].map((hotline) => [hotline.id, hotline]));
  for (const { id, row } of asked.hotlines)
    if (row) state.hotlines.put(id, withPresentHolidays(row, state.hotlines.get(id)));
  for (const { id, row } of asked.numbers) {
    if (row) state.numbers.put(id, row);
    else state.numbers.delete(id);
  }
  for (const { id, row } of asked.agents) {
    if (row) putAgentBack(turn, row);
    else agentRemoved(turn, id);
  }
  // Each was checked together with all the others: of two that go at once, one may lead to the other.
  for (const { id, row } of asked.hotlines) if (!row && state.hotlines.get(id)) removeHotline(turn, id);
  const touched = [
    ...asked.hotlines.map(({ id }) => id),
    ...asked.agents.flatMap(({ row }) => row?.memberships ?? []).map(({ hotline }) => hotline),
  ];
  for (const id of new Set(touched)) {
    const hotline = state.hotlines.get(id);
    if (hotline) rescheduleWaiting(turn, hotline, before.get(id) ?? hotline);
  }
  return done;
}

/** Whether rowsPutBack() would do it, by the rules that hold for every change; changes nothing. */
export function checkPutBack(state: State, change: PutBack): Verdict {
  const asked = withOthersParts(state, change);
  const verdicts = [
    checkUnchanged(state, change),
    checkHotlines(state, asked),
    checkReferences(state, asked),
  ];
  return verdicts.find(({ kind }) => kind !== "done") ?? done;
}

/** Hotlines are to be as they are at present but for what the change has changed. */
function withOthersParts(state: State, change: PutBack): PutBack {
  const hotlines = change.hotlines.map((each) => {
    const present = state.hotlines.get(each.id);
    const { expected, row } = each;
    if (!present || !expected || !row) return each;
    return { ...each, row: withParts(present, row, changedParts(expected, row)) };
  });
  return { ...change, hotlines };
}

/** Of a hotline that is there before and after, only what the change has changed must be as it left it. */
function isHotlineUnchanged(present: Hotline | null, { expected, row }: Replacement<HotlineId, Hotline>) {
  if (!present || !expected || !row) return same(hotlineSettings(present), hotlineSettings(expected));
  const since = changedParts(expected, present);
  return !changedParts(expected, row).some((part) => since.includes(part));
}

function checkUnchanged(state: State, { hotlines, numbers, agents }: PutBack): Verdict {
  const changed = (what: string) =>
    refused("changed_since", `${what} was changed since. Undo the later change first.`);
  for (const each of hotlines)
    if (!isHotlineUnchanged(state.hotlines.get(each.id), each)) return changed(`Hotline "${each.id}"`);
  for (const { id, expected } of numbers)
    if (!same(state.numbers.get(id), expected)) return changed(`Number ${id}`);
  for (const { id, expected } of agents)
    if (!same(agentSettings(state.agents.get(id)), expected)) return changed(`Agent ${id}`);
  return done;
}

function checkHotlines(state: State, { hotlines, numbers }: PutBack): Verdict {
  const after = overlaid<HotlineId, Hotline>(state.hotlines.values(), ({ id }) => id, hotlines);
  const numbersAfter = overlaid<string, NumberRow>(state.numbers.values(), ({ number }) => number, numbers);
  const lookup = { get: (id: HotlineId) => after.get(id) ?? null };
  for (const { id, row, expected } of hotlines) {
    if (!row && !expected) continue;
    const checked = row
      ? checkOverflow(lookup, row)
      : checkRemoval(state, id, numbersAfter.values(), after.values());
    if (checked.kind !== "done") return checked;
    const why = row && whyUnusable(row.schedule);
    if (why) return refused("bad_hours", `The opening hours of "${id}" would be broken: ${why}.`);
    const hours = row ? checkSharedHours(after.values(), row) : done;
    if (hours.kind !== "done") return hours;
    const forwards = row ? checkForwards(numbersAfter.values(), [row]) : done;
    if (forwards.kind !== "done") return forwards;
  }
  const numbersBack = numbers.map(({ row }) => row).filter((row) => row !== null);
  return checkForwards(numbersBack, after.values());
}

/** Nothing may lead to a hotline that is gone meanwhile. */
function checkReferences(state: State, { hotlines, numbers, agents }: PutBack): Verdict {
  const after = overlaid<HotlineId, Hotline>(state.hotlines.values(), ({ id }) => id, hotlines);
  const gone = (what: string, hotline: HotlineId) =>
    refused(
      "unknown_hotline",
      `${what} would be at hotline "${hotline}" again, which does not exist any more.`,
    );
  for (const { id, row } of numbers)
    if (row && !after.has(row.hotline)) return gone(`Number ${id}`, row.hotline);
  for (const { id, row } of agents) {
    const lost = row?.memberships.find(({ hotline }) => !after.has(hotline));
    if (lost) return gone(`Agent ${id}`, lost.hotline);
  }
  return done;
}

/** All rows as they are going to be. */
function overlaid<Id, Row>(
  rows: Iterable<Row>,
  idOf: (row: Row) => Id,
  replacements: readonly Replacement<Id, Row>[],
): Map<Id, Row> {
  const after = new Map([...rows].map((row) => [idOf(row), row]));
  for (const { id, row } of replacements) {
    if (row) after.set(id, row);
    else after.delete(id);
  }
  return after;
}

/** Logged out, if it was removed: also one whose removal still waits for the end of a call. */
function putAgentBack(turn: Turn, { id, name, memberships }: AgentSettings): void {
  const agent = turn.state.agents.get(id);
  if (!agent) {
    agentsAdded(turn, [{ agent: id, name, memberships }]);
    return;
  }
  const stays = agentSettings(agent) !== null;
  const duty = stays ? agent.duty : ({ kind: "leaving", next: "logged_out" } as const);
  putAmongColleagues(turn, { ...agent, name, memberships, duty });
}
