import type { Call } from "../../src/core/calls.ts";
import type { CallId } from "../../src/core/ids.ts";
import type { State } from "../../src/core/state.ts";
import type { StepResult } from "../../src/core/step.ts";
import type { Now } from "../../src/core/time.ts";
import type { Rows } from "./offer-rules.ts";

/**
 * Since when a caller waits: since the call came, whatever happens to it; or since an earlier call was given up, where the
 * hotline gives back the place to who dials again soon, when the caller comes into the queue.
 */
export class PlaceRules {
  readonly #violated: (rule: string, detail: string) => void;
  readonly #waitingSince = new Map<CallId, number>();
  /** By hotline and number. Not kept over restarts. */
  readonly #kept = new Map<string, { readonly sinceMs: number; readonly untilMs: number }>();

  constructor(violated: (rule: string, detail: string) => void) {
    this.#violated = violated;
  }

  lifeBegins(state: State): void {
    this.#kept.clear();
    this.#waitingSince.clear();
    for (const { id, waitingSince } of state.calls.values()) this.#waitingSince.set(id, waitingSince);
  }

  check(now: Now, state: State, before: Rows, { story, changes }: StepResult): void {
    const arrived = new Map<CallId, Pick<Call, "origin" | "from">>();
    for (const line of story) {
      if (!("call" in line)) continue;
      const { call: id, told } = line;
      if (told.what === "arrived") {
        // Perhaps while nobody listened.
        this.#waitingSince.set(id, line.at.monotonicMs);
        // Who has arrived and left unseen is in no state.
        arrived.set(id, { origin: told.hotline, from: told.from });
      }
      const call = state.calls.get(id) ?? before.calls.get(id) ?? arrived.get(id);
      if (!call?.origin || call.from === null) continue;
      const place = `${call.origin} ${call.from}`;
      const sinceMs = this.#waitingSince.get(id) ?? Number.NaN;
      const kept = this.#kept.get(place);
      if (told.what === "admitted" && kept) {
        this.#kept.delete(place);
        if (now.monotonicMs < kept.untilMs) this.#waitingSince.set(id, Math.min(kept.sinceMs, sinceMs));
      }
      if (told.what !== "ended") continue;
      const { outcome, endedBy, talk } = told.result;
      const gaveUp = outcome === "abandoned" || outcome === "abandoned_short" || endedBy === "pbx_lost";
      const keptForMs = state.hotlines.get(call.origin)?.resumeWithinMs ?? 0;
      if (gaveUp && talk === null && keptForMs > 0)
        this.#kept.set(place, {
          sinceMs: Math.min(sinceMs, kept?.sinceMs ?? sinceMs),
          // Nobody can dial again before Asterisk is back; for who was lost unseen that is the end.
          untilMs: (endedBy === "pbx_lost" && !arrived.has(id) ? now : line.at).monotonicMs + keptForMs,
        });
    }
    for (const [id, call] of changes.calls) {
      const sinceMs = this.#waitingSince.get(id);
      const cameMs = before.calls.get(id)?.arrivedAt.monotonicMs;
      if (call && cameMs !== undefined && call.arrivedAt.monotonicMs !== cameMs)
        this.#violated(
          "waiting time is kept",
          `${id} came at ${cameMs}, now at ${call.arrivedAt.monotonicMs}`,
        );
      if (!call) this.#waitingSince.delete(id);
      else if (call.waitingSince !== sinceMs)
        this.#violated(
          "waiting time is kept",
          `${id} waits since ${sinceMs}, now since ${call.waitingSince}`,
        );
    }
  }
}
