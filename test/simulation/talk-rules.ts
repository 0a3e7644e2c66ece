import type { Call } from "../../src/core/calls.ts";
import type { Event } from "../../src/core/events.ts";
import { type AgentId, type BridgeId, type CallId, parseLegId } from "../../src/core/ids.ts";
import type { State } from "../../src/core/state.ts";
import type { StepResult } from "../../src/core/step.ts";
import type { Now } from "../../src/core/time.ts";
import type { Rows } from "./offer-rules.ts";

/** What holds for conversations: how they begin, that they go on, and what comes after them. */
export class TalkRules {
  readonly #violated: (rule: string, detail: string) => void;
  /** Calls that are being put together, in which bridge. */
  readonly #joining = new Map<CallId, BridgeId>();
  readonly #wrapUpUntil = new Map<AgentId, number>();

  constructor(violated: (rule: string, detail: string) => void) {
    this.#violated = violated;
  }

  lifeBegins(calls: Iterable<Call>): void {
    this.#joining.clear();
    this.#wrapUpUntil.clear();
    for (const { id, phase } of calls)
      if (phase.kind === "offering" && phase.claim.kind === "connecting")
        this.#joining.set(id, phase.claim.bridge);
      else if (phase.kind === "forwarding" && phase.bridge) this.#joining.set(id, phase.bridge);
  }

  check(event: Event, now: Now, state: State, before: Rows, result: StepResult): void {
    this.#checkJoins(event, result);
    this.#checkTalks(event, state, before, result);
    this.#checkWrapUp(event, now, state, before, result);
  }

  /** A caller is put together with one person at a time, and only what is said about that counts. */
  #checkJoins(event: Event, { verdict, effects, changes }: StepResult): void {
    if (event.type === "connected" || event.type === "connect_failed") {
      const isExpected = this.#joining.get(event.call) === event.bridge;
      if (!isExpected && verdict.kind !== "ignored")
        this.#violated("old facts are ignored", `${event.type} about ${event.bridge} has changed something`);
      if (isExpected) this.#joining.delete(event.call);
    }
    if (event.type === "pbx_snapshot") this.#joining.clear();
    for (const effect of effects) {
      if ((effect.type === "play" || effect.type === "start_music") && this.#joining.has(effect.call))
        this.#violated(
          "nothing is played into a conversation",
          `${effect.type} for ${effect.call}, who is being connected`,
        );
      if (effect.type === "close_bridge" && this.#joining.get(effect.call) === effect.bridge)
        this.#joining.delete(effect.call);
      if (effect.type !== "connect") continue;
      const other = this.#joining.get(effect.call);
      if (other)
        this.#violated("one conversation at a time", `${effect.bridge} begins, but ${other} is not over`);
      this.#joining.set(effect.call, effect.bridge);
    }
    for (const [call, row] of changes.calls) if (!row) this.#joining.delete(call);
  }

  /** Whoever talks goes on talking, whatever the daemon has been through. */
  #checkTalks(event: Event, state: State, before: Rows, { effects }: StepResult): void {
    if (event.type !== "pbx_snapshot") return;
    const alive = new Set(event.legs.map((one) => one.leg));
    for (const { call, leg, bridge } of event.talks) {
      if (leg === null) continue;
      const agent = before.agents.get(parseLegId(leg)?.agent ?? ("" as AgentId));
      const phase = before.calls.get(call)?.phase;
      // A number outside that is not on record, an agent who was removed, a call that has its outcome: nobody knows better.
      if (!agent || phase?.kind === "ended") continue;
      const known = "leg" in agent.work ? agent.work.leg : null;
      // Whom the record has with somebody else who is there: one phone cannot be in two calls.
      if (known !== null && known !== leg && alive.has(known)) continue;
      if (phase?.kind === "forwarding" && alive.has(phase.leg)) continue;
      // The release had been ordered; the connection broke before it was carried out.
      if (known === leg && (agent.work.kind === "releasing" || agent.work.kind === "wrap_up")) continue;
      const torn = effects.find(
        (effect) =>
          (effect.type === "release_leg" && effect.leg === leg) ||
          (effect.type === "close_bridge" && effect.bridge === bridge) ||
          (effect.type === "hang_up" && effect.call === call),
      );
      const now = state.calls.get(call)?.phase;
      if (torn || now?.kind !== "connected")
        this.#violated("conversations go on", `${call} talks to ${agent.id}: ${torn?.type ?? now?.kind}`);
    }
  }

  /** Nobody is rung before the time after a conversation is over, unless they said so themselves. */
  #checkWrapUp(
    event: Event,
    now: Now,
    state: State,
    rows: Rows,
    { verdict, effects, changes, story }: StepResult,
  ): void {
    if ("agent" in event && event.type !== "phone_changed" && verdict.kind === "done") {
      const until = this.#wrapUpUntil.get(event.agent);
      if (event.type === "wrap_up_extend_asked" && until)
        this.#wrapUpUntil.set(event.agent, until + event.byMs);
      else this.#wrapUpUntil.delete(event.agent);
    }
    for (const [id, agent] of changes.agents) {
      const before = rows.agents.get(id);
      if (!agent) this.#wrapUpUntil.delete(id);
      else if (
        before?.work.kind === "talking" &&
        agent.work.kind !== "talking" &&
        agent.duty.kind !== "leaving"
      ) {
        const wrapUpMs = state.hotlines.get(before.work.hotline)?.wrapUpMs ?? 0;
        this.#wrapUpUntil.set(id, endOf(before.work.call, story, now) + wrapUpMs);
      }
    }
    for (const effect of effects) {
      const until = effect.type === "ring_agent" ? this.#wrapUpUntil.get(effect.agent) : undefined;
      if (effect.type === "ring_agent" && until && now.monotonicMs < until)
        this.#violated(
          "wrap-up",
          `agent ${effect.agent} is rung ${until - now.monotonicMs} ms before its end`,
        );
    }
  }
}

/** Now, unless the call was lost with Asterisk some time ago. */
function endOf(call: CallId, story: StepResult["story"], now: Now): number {
  for (const line of story)
    if ("call" in line && line.call === call && line.told.what === "ended")
      return line.told.result.at.monotonicMs;
  return now.monotonicMs;
}
