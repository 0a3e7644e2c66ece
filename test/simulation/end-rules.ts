import type { CallId } from "../../src/core/ids.ts";
import type { StepResult } from "../../src/core/step.ts";
import type { Asterisk } from "./asterisk.ts";
import type { Timeline } from "./timeline.ts";

/** What holds for the ends of calls, seen beside what is true in Asterisk. */
export class EndRules {
  readonly #violated: (rule: string, detail: string) => void;
  readonly #asterisk: Asterisk;
  readonly #timeline: Timeline;
  /** When the end of a call was decided last, in scenario time. */
  readonly toldAtMs = new Map<CallId, number>();

  constructor(violated: (rule: string, detail: string) => void, asterisk: Asterisk, timeline: Timeline) {
    this.#violated = violated;
    this.#asterisk = asterisk;
    this.#timeline = timeline;
  }

  afterStep({ story }: StepResult): void {
    for (const line of story) {
      if (!("call" in line) || line.told.what !== "ended") continue;
      this.toldAtMs.set(line.call, this.#timeline.nowMs);
      const sameRun = this.#asterisk.bornIn.get(line.call) === this.#asterisk.run;
      if (line.told.result.endedBy === "pbx_lost" && sameRun)
        this.#violated("only Asterisk's death loses calls", `${line.call} came to the Asterisk that runs`);
    }
  }
}
