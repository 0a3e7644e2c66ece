import type { Agent } from "../../src/core/agents.ts";
import type { Call } from "../../src/core/calls.ts";
import type { CallId, HotlineId } from "../../src/core/ids.ts";
import type { State } from "../../src/core/state.ts";
import type { StepResult } from "../../src/core/step.ts";
import type { Now } from "../../src/core/time.ts";
import { countingHours } from "./hours-rules.ts";
import type { Rows } from "./offer-rules.ts";
import { verdictAt } from "./open-by-hand.ts";

/** What holds for overflow steps, and for what those hear who wait. */
export class OverflowRules {
  readonly #violated: (rule: string, detail: string) => void;
  /** Who was let into a queue, and since when they wait at the present hotline. */
  readonly #admitted = new Map<CallId, number>();

  constructor(violated: (rule: string, detail: string) => void) {
    this.#violated = violated;
  }

  lifeBegins(calls: Iterable<Call>): void {
    this.#admitted.clear();
    for (const call of calls) if (wasAdmitted(call)) this.#admitted.set(call.id, call.hereSince);
  }

  check(now: Now, state: State, before: Rows, { story, changes }: StepResult): void {
    const arrivedMs = new Map<CallId, number>();
    const hasFailed = new Set<CallId>();
    for (const { call, told, at } of story.filter((line) => "call" in line)) {
      if (told.what === "arrived") arrivedMs.set(call, at.monotonicMs);
      if (told.what === "forward_failed") hasFailed.add(call);
      if (told.what === "overflow" && told.because === "waited") this.#checkWaited(call, now, state, before);
      if (told.what === "moved") this.#checkTarget(call, now, state, told.hotline);
      if (told.what === "admitted" || told.what === "moved")
        this.#admitted.set(call, arrivedMs.get(call) ?? now.monotonicMs);
    }
    for (const [id, call] of changes.calls) {
      if (!call) this.#admitted.delete(id);
      else {
        this.#checkSteps(call, before.calls.get(id) ?? null, state, hasFailed.has(id));
        this.#checkHears(call);
      }
    }
  }

  /** Nobody waits who was not let in, and nobody in silence. */
  #checkHears(call: Call): void {
    if (!waits(call)) return;
    if (!this.#admitted.has(call.id)) this.#violated("who waits was admitted", call.id);
    if (call.hears.kind !== "announcement" && call.hears.kind !== "music")
      this.#violated("who waits hears something", `${call.id} hears ${call.hears.kind}`);
  }

  /**
   * Each at most once per caller, and those taken together in the order of the list. When a forward has failed those behind it come
   * first, and then what is due by now.
   */
  #checkSteps(call: Call, before: Call | null, state: State, hasFailed: boolean): void {
    const done = call.stepsDone;
    const known = before?.stepsDone.length ?? 0;
    if (new Set(done).size < done.length)
      this.#violated("each step once", `${call.id} has been through one of ${done.join()} twice`);
    for (const hotline of state.hotlines.values()) {
      const list = hotline.overflow.map((step) => `${hotline.id} ${JSON.stringify(step)}`);
      const places = done.slice(known).map((step) => list.indexOf(step));
      const here = places.filter((place) => place >= 0);
      const timesBack = here.filter((place, n) => n > 0 && place < here[n - 1]!).length;
      if (timesBack > (hasFailed ? 1 : 0))
        this.#violated("steps in their order", `${call.id} takes the steps ${here.join()} of ${hotline.id}`);
    }
  }

  /** Some step of the hotline for those who have waited must be due by what the caller has waited there. */
  #checkWaited(id: CallId, now: Now, state: State, before: Rows): void {
    const call = state.calls.get(id);
    const from = before.calls.get(id)?.hotline;
    const hotline = from ? state.hotlines.get(from) : null;
    const since = this.#admitted.get(id);
    if (!call || !hotline || since === undefined) return;
    const known = before.calls.get(id)?.stepsDone.length ?? 0;
    for (const { when, action } of hotline.overflow) {
      if (when.kind !== "waited") continue;
      const isTaken = call.stepsDone
        .slice(known)
        .includes(`${hotline.id} ${JSON.stringify({ when, action })}`);
      if (isTaken && now.monotonicMs < since + when.afterMs)
        this.#violated(
          "steps in time",
          `${id} takes a step for who waits ${when.afterMs} ms after ${now.monotonicMs - since} ms`,
        );
    }
  }

  #checkTarget(id: CallId, { wallMs }: Now, state: State, target: HotlineId): void {
    const hotline = state.hotlines.get(target);
    if (
      !hotline ||
      verdictAt(
        countingHours(hotline, (other) => state.hotlines.get(other)),
        wallMs,
      ) !== "open"
    )
      this.#violated("moved only to an open hotline", `${id} is moved to ${target}`);
    const takesCalls = ({ duty, phone, memberships }: Agent) =>
      duty.kind === "on" && phone !== "unreachable" && memberships.some(({ hotline }) => hotline === target);
    if (![...state.agents.values()].some(takesCalls))
      this.#violated("moved only where somebody takes calls", `${id} is moved to ${target}`);
  }
}

/** Waits, or comes back to that. */
const wasAdmitted = (call: Call): boolean =>
  waits(call) ||
  call.phase.kind === "away" ||
  (call.phase.kind === "forwarding" && call.phase.otherwise === null);

const waits = ({ phase }: Call): boolean =>
  phase.kind === "waiting" || phase.kind === "listening" || phase.kind === "offering";
