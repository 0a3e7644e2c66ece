import type { Hotline } from "../hotlines.ts";
import type { NumberRow } from "../state.ts";
import { done, refused, type Verdict } from "../turn.ts";

/** One number however it is dialled: `+49 361 1`, `0049 361 1` and `0361 1` are the same. */
const plain = (number: string): string => number.replace(/^\+/, "00").replace(/^0049/, "0");

/** Forwarding to a number that leads to a hotline here would bring the caller back as a new call, again and again. */
export function checkForwards(numbers: Iterable<NumberRow>, hotlines: Iterable<Hotline>): Verdict {
  const own = new Map([...numbers].map((row) => [plain(row.number), row]));
  if (own.size === 0) return done;
  for (const { id, overflow } of hotlines)
    for (const { action } of overflow) {
      const row = action.kind === "forward" ? own.get(plain(action.number)) : undefined;
      if (!row || action.kind !== "forward") continue;
      const advice = row.hotline === id ? "" : ` Let the step say instead: move ${row.hotline}.`;
      return refused(
        "overflow_loop",
        `An overflow step of "${id}" would forward callers to ${action.number}, which leads to hotline "${row.hotline}" here: they would go round in a circle.${advice} Nothing was changed.`,
      );
    }
  return done;
}
