import type { Agent } from "./agents.ts";
import type { Call } from "./calls.ts";
import type { Effect } from "./effects.ts";
import type { FaultIn } from "./events.ts";
import type { AgentId, CallId } from "./ids.ts";
import type { State } from "./state.ts";
import type { AgentStory, CallStory, StoryLine } from "./story.ts";
import type { Now } from "./time.ts";

/** What a step has done so far. Handlers write through it, so that nothing changes unseen. */
export class Turn {
  readonly state: State;
  /** Set back for a while for what happened unseen, see unwatched.ts. */
  now: Now;
  readonly effects: Effect[] = [];
  readonly story: StoryLine[] = [];
  /** Whom a bug would be blamed on. */
  subject: FaultIn | null;

  constructor(state: State, now: Now, subject: FaultIn | null) {
    this.state = state;
    this.now = now;
    this.subject = subject;
  }

  order(...effects: Effect[]): void {
    this.effects.push(...effects);
  }

  /** `at`: when it happened, if that was not just now. */
  tell(call: CallId, told: CallStory, at: Now = this.now): void {
    this.story.push({ call, at, told });
  }

  tellOfAgent(agent: AgentId, told: AgentStory): void {
    this.story.push({ agent, at: this.now, told });
  }

  /** Returns the call as it is now. */
  putCall(call: Call): Call {
    this.state.calls.put(call.id, call);
    return call;
  }

  /** Returns the agent as it is now. */
  putAgent(agent: Agent): Agent {
    this.state.agents.put(agent.id, agent);
    return agent;
  }

  /** The agent of a call in the state. Throws when it is not there: then an invariant is broken. */
  agent(id: AgentId): Agent {
    const agent = this.state.agents.get(id);
    if (!agent) throw new Error(`A call names agent ${id}, who does not exist`);
    return agent;
  }

  /** A whole number from 0 to below `below`, drawn by the seed that was given from outside (mulberry32). */
  chance(below: number): number {
    const chance = (this.state.loose.chance + 0x6d2b79f5) | 0;
    this.state.loose = { ...this.state.loose, chance };
    let mixed = Math.imul(chance ^ (chance >>> 15), 1 | chance);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  }

  call(id: CallId): Call {
    const call = this.state.calls.get(id);
    if (!call) throw new Error(`An agent names call ${id}, which does not exist`);
    return call;
  }
}

/** What became of an event. */
export type Verdict =
  | { readonly kind: "done" }
  /** Late, twice or unknown: normal, changes nothing, and has a name. */
  | { readonly kind: "ignored"; readonly why: Ignored }
  /** An administrator asked for something that cannot be. */
  | { readonly kind: "refused"; readonly code: RefusalCode; readonly message: string };

export type Ignored =
  | "call_already_known"
  | "call_already_gone"
  | "playback_already_over"
  | "offer_already_over"
  | "leg_already_gone"
  | "already_so"
  | "deadline_moved"
  | "unknown_agent";

export type RefusalCode =
  | "unknown_hotline"
  | "unknown_agent"
  | "unknown_number"
  | "exists_already"
  | "in_use"
  | "logged_out"
  | "not_in_wrap_up"
  | "not_assigned"
  | "overflow_loop"
  | "impossible_step"
  | "end_in_past"
  | "changed_since"
  | "overlap"
  | "bad_hours"
  | "no_such_exception";

export const done: Verdict = { kind: "done" };
export const ignored = (why: Ignored): Verdict => ({ kind: "ignored", why });
export const refused = (code: RefusalCode, message: string): Verdict => ({ kind: "refused", code, message });
