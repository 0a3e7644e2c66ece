import { agentSettings } from "./agents.ts";
import type { PutBack, Replacement } from "./events.ts";
import { hotlineSettings } from "./hotline-settings.ts";
import { checkPutBack, rowsPutBack } from "./put-back.ts";
import { same } from "./same.ts";
import type { State } from "./state.ts";
import { refused, type Turn, type Verdict } from "./turn.ts";

/**
 * A document with all operations data is applied. `asked` names every row there was when it was compared with the document,
 * those that stay too: if any was changed since, nothing is done, so that what comes out is the document and no mix.
 */
export function documentApplied(turn: Turn, asked: PutBack): Verdict {
  const checked = checkDocument(turn.state, asked);
  return checked.kind === "done" ? rowsPutBack(turn, onlyChanges(asked)) : checked;
}

/** Whether documentApplied() would do it; changes nothing. */
export function checkDocument(state: State, asked: PutBack): Verdict {
  const isAsExpected =
    isAll(
      asked.hotlines.map((each) => ({ ...each, expected: hotlineSettings(each.expected) })),
      [...state.hotlines.values()].map(hotlineSettings).filter((hotline) => hotline !== null),
      ({ id }) => id,
    ) &&
    isAll(asked.numbers, [...state.numbers.values()], ({ number }) => number) &&
    isAll(
      asked.agents,
      [...state.agents.values()].map(agentSettings).filter((agent) => agent !== null),
      ({ id }) => id,
    );
  return isAsExpected ? checkPutBack(state, onlyChanges(asked)) : changedMeanwhile;
}

const changedMeanwhile = refused(
  "changed_since",
  "Something was changed by somebody else meanwhile (see: hotline history), so nothing was applied. See what the document would change now: hotline apply FILE --dry-run",
);

/** Whether these are exactly the rows that are expected. */
function isAll<Id, Row>(
  replacements: readonly Replacement<Id, Row>[],
  rows: readonly Row[],
  idOf: (row: Row) => Id,
): boolean {
  const expected = replacements.filter((each) => each.expected !== null);
  const byId = new Map(rows.map((row) => [idOf(row), row]));
  return expected.length === rows.length && expected.every((each) => same(byId.get(each.id), each.expected));
}

function onlyChanges({ hotlines, numbers, agents }: PutBack): PutBack {
  const changes = <Id, Row>(rows: readonly Replacement<Id, Row>[]) =>
    rows.filter(({ expected, row }) => !same(expected, row));
  return { hotlines: changes(hotlines), numbers: changes(numbers), agents: changes(agents) };
}
