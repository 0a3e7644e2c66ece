import type { Logger } from "pino";
import type { CallId } from "../../src/core/ids.ts";
import { State } from "../../src/core/state.ts";
import { type StepResult, step } from "../../src/core/step.ts";
import type { MonotonicMs, WallMs } from "../../src/core/time.ts";

/** Says nothing. */
export const silent = (() => {
  const nothing = () => undefined;
  return { debug: nothing, info: nothing, warn: nothing, error: nothing } as unknown as Logger;
})();

/** What a step comes to that changes nothing. */
export const nothingDone: StepResult = step(
  new State(),
  { type: "caller_left", call: "nobody" as CallId },
  { monotonicMs: 0 as MonotonicMs, wallMs: 0 as WallMs },
);
