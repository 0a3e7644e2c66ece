import type { Call } from "../../src/core/calls.ts";
import type { Event } from "../../src/core/events.ts";
import type { CallId, PlaybackId } from "../../src/core/ids.ts";
import type { State } from "../../src/core/state.ts";
import type { StepResult } from "../../src/core/step.ts";
import type { Now } from "../../src/core/time.ts";

/** No announcement is longer; who has waited so long for its end has heard it. */
const longestMs = 120_000;

/** Whose end is awaited, and until when; null: it has not begun. */
type Greeting = { readonly playback: PlaybackId | null; readonly untilMs: number };

/** Where the greeting must be heard to its end (a data protection notice, say), nobody is rung before that. */
export class GreetingRules {
  readonly #violated: (rule: string, detail: string) => void;
  readonly #mustHear = new Map<CallId, Greeting>();

  constructor(violated: (rule: string, detail: string) => void) {
    this.#violated = violated;
  }

  lifeBegins(calls: Iterable<Call>): void {
    this.#mustHear.clear();
    for (const { id, phase, hears } of calls) {
      if (phase.kind !== "listening") continue;
      const isGreeting = hears.kind === "announcement" && hears.name === "greeting";
      this.#mustHear.set(id, isGreeting ? { playback: hears.playback, untilMs: phase.deadlineMs } : notBegun);
    }
  }

  check(event: Event, now: Now, state: State, { story, effects, changes }: StepResult): void {
    if (event.type === "playback_finished" && this.#mustHear.get(event.call)?.playback === event.playback)
      this.#mustHear.delete(event.call);
    // It was cut off, and must be heard anew, if that is still set.
    if (event.type === "pbx_snapshot")
      for (const [call, { untilMs }] of this.#mustHear) {
        const hotline = state.calls.get(call)?.hotline;
        if (!hotline || !state.hotlines.get(hotline)?.greetingMustFinish) this.#mustHear.delete(call);
        else if (now.monotonicMs < untilMs) this.#mustHear.set(call, notBegun);
      }
    for (const line of story) {
      if (!("call" in line) || (line.told.what !== "admitted" && line.told.what !== "moved")) continue;
      const hotline = line.told.what === "moved" ? line.told.hotline : state.calls.get(line.call)?.hotline;
      if (hotline && state.hotlines.get(hotline)?.greetingMustFinish) this.#mustHear.set(line.call, notBegun);
      else this.#mustHear.delete(line.call);
    }
    for (const [call, row] of changes.calls) if (!row) this.#mustHear.delete(call);
    for (const effect of effects) {
      if (effect.type === "play" && effect.announcement === "greeting" && this.#mustHear.has(effect.call)) {
        // What is set when it begins is what counts: it may come behind another announcement.
        const { playback, hotline } = effect;
        if (state.hotlines.get(hotline)?.greetingMustFinish)
          this.#mustHear.set(effect.call, { playback, untilMs: now.monotonicMs + longestMs });
        else this.#mustHear.delete(effect.call);
      }
      if (effect.type !== "ring_agent") continue;
      const greeting = this.#mustHear.get(effect.call);
      if (greeting && now.monotonicMs < greeting.untilMs)
        this.#violated(
          "the greeting is heard first",
          `${effect.leg} is rung ${greeting.playback ? `during ${greeting.playback}` : "without a greeting"}`,
        );
    }
  }
}

const notBegun: Greeting = { playback: null, untilMs: Number.POSITIVE_INFINITY };
