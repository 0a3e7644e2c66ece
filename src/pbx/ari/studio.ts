import { randomUUID } from "node:crypto";
import type { AgentId, ChannelId, PlaybackId } from "../../core/ids.ts";
import { type Log, reasonOf } from "../log.ts";
import type { PbxSurroundings, StudioCall } from "../port.ts";
import { callerIdText, dialString } from "./caller-id.ts";
import { isAriError } from "./errors.ts";
import type { AnyChannel, Operations } from "./operations.ts";
import { isStudio, type Sighting, studioPrefix } from "./translate.ts";

/**
 * Calls to an agent's phone that have nothing to do with callers: to hear an announcement, or to speak one. The core does
 * not know of them; it sees that the phone is in use.
 *
 * ringing   -> playing    the agent has picked up
 * playing   -> recording  the prompt is over, and something is to be recorded
 * any       -> (gone)     the channel is gone: by the agent's hand, by ours, or with the connection
 */
type Session = {
  readonly agent: AgentId;
  readonly media: string;
  /** Null: nothing is recorded. */
  readonly recording: { readonly name: string; readonly longestMs: number } | null;
  phase: "ringing" | "playing" | "recording" | "heard";
  readonly settle: (result: Result | Error) => void;
  readonly timer: NodeJS.Timeout;
};

type Result = "to_end" | "cut_off";

/** Why such a call came to nothing, in a whole sentence for the administrator. */
export class StudioError extends Error {
  override readonly name = "StudioError";
}

const ringSeconds = 30;
/** From picking up to the end of any announcement. */
const longestPlaybackMs = 130_000;
const normal = 16;

export class Studio {
  readonly #operations: () => Operations | null;
  readonly #surroundings: Pick<PbxSurroundings, "endpointOf">;
  readonly #log: Log;
  readonly #sessions = new Map<ChannelId, Session>();

  constructor(
    operations: () => Operations | null,
    surroundings: Pick<PbxSurroundings, "endpointOf">,
    log: Log,
  ) {
    this.#operations = operations;
    this.#surroundings = surroundings;
    this.#log = log;
  }

  /** Resolves when it was heard, or when the agent has hung up before. Throws StudioError. */
  play(call: StudioCall): Promise<Result> {
    return this.#call(call, null);
  }

  /** Resolves when something was recorded, with the name Asterisk keeps it under. Throws StudioError. */
  async record(call: StudioCall, longestMs: number): Promise<string> {
    const name = `announcement-${randomUUID()}`;
    await this.#call(call, { name, longestMs });
    return name;
  }

  /** Takes what was seen in Asterisk; false when it is about something else. */
  take(sighting: Sighting): boolean {
    switch (sighting.kind) {
      case "studio_answered":
        this.#do(sighting.channel, (to) => this.#answered(to, sighting.channel));
        return true;
      case "playback_finished":
        return this.#about(sighting.call, (to, channel) => this.#played(to, channel, sighting.failed));
      case "recording_over":
        return this.#about(sighting.channel, async (to, channel) => hangUp(to, channel));
      case "channel_gone":
        return this.#about(sighting.channel, (to, channel) => this.#gone(to, channel, sighting));
      default:
        return false;
    }
  }

  /** What is alive in Asterisk from before is of no use to anybody any more. */
  sweep(channels: readonly ChannelId[]): void {
    for (const channel of channels) this.#do(channel, (to) => hangUp(to, channel));
  }

  /** Ends all calls; who waits for one is told why. */
  stop(why: string): void {
    for (const [channel, { settle }] of this.#sessions) {
      settle(new StudioError(why));
      this.#do(channel, (to) => hangUp(to, channel));
    }
  }

  async #call({ agent, shows, media }: StudioCall, recording: Session["recording"]): Promise<Result> {
    const to = this.#operations();
    if (!to) throw new StudioError("Asterisk is not connected just now; try again in a moment.");
    for (const session of this.#sessions.values())
      if (session.agent === agent)
        throw new StudioError(`Agent ${agent} is already being called for an announcement.`);
    const endpoint = dialString(this.#surroundings.endpointOf(agent) ?? "");
    if (!endpoint) throw new StudioError(`Agent ${agent} has no phone.`);
    const channel = `${studioPrefix}${randomUUID()}` as ChannelId;
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    const longestMs = ringSeconds * 1000 + longestPlaybackMs + (recording?.longestMs ?? 0);
    const timer = setTimeout(() => {
      session.settle(new StudioError("The call took too long and was ended."));
      this.#do(channel, (again) => hangUp(again, channel));
    }, longestMs);
    const settle = (result: Result | Error) => {
      clearTimeout(timer);
      this.#sessions.delete(channel);
      if (result instanceof Error) reject(result);
      else resolve(result);
    };
    const session: Session = { agent, media, recording, phase: "ringing", settle, timer };
    this.#sessions.set(channel, session);
    const callerId = callerIdText(shows, null);
    // Not waited for: the phone may have declined before Asterisk answers, and somebody must be there to be told.
    to.callPhone({ channel, endpoint, callerId, timeoutSeconds: ringSeconds }).catch((error: unknown) => {
      const absent = isAriError(error, "no_contact");
      const why = absent ? "its phone is not registered" : reasonOf(error);
      session.settle(new StudioError(`Agent ${agent} cannot be called: ${why}.`));
      // Nobody knows whether it was made after all.
      if (!absent) this.#do(channel, (again) => hangUp(again, channel));
    });
    return promise;
  }

  async #answered(to: Operations, channel: ChannelId): Promise<void> {
    const session = this.#sessions.get(channel);
    if (!session) return hangUp(to, channel);
    if (session.phase !== "ringing") return;
    session.phase = "playing";
    await to.play(channel, `${channel}~play` as PlaybackId, session.media);
  }

  async #played(to: Operations, channel: ChannelId, failed: boolean): Promise<void> {
    const session = this.#sessions.get(channel);
    if (session?.phase !== "playing") return;
    // As a rule because the agent has hung up.
    if (failed) return hangUp(to, channel);
    if (!session.recording) {
      session.phase = "heard";
      return hangUp(to, channel);
    }
    session.phase = "recording";
    await to.record(channel, session.recording.name, Math.ceil(session.recording.longestMs / 1000));
  }

  async #gone(
    to: Operations,
    channel: ChannelId,
    end: { readonly cause: number; readonly sipCode: number | null },
  ): Promise<void> {
    const session = this.#sessions.get(channel);
    if (!session) return;
    const { agent, phase, recording, settle } = session;
    if (phase === "ringing") {
      settle(new StudioError(`Agent ${agent} did not take the call: ${whyNot(end)}.`));
    } else if (!recording) {
      settle(phase === "heard" ? "to_end" : "cut_off");
    } else if (phase === "recording" && (await to.storedRecording(recording.name))) {
      settle("to_end");
    } else {
      settle(new StudioError(`Agent ${agent} has hung up before anything was recorded.`));
    }
  }

  #about(id: string, act: (to: Operations, channel: ChannelId) => Promise<void>): boolean {
    if (!isStudio(id)) return false;
    this.#do(id, (to) => act(to, id));
    return true;
  }

  #do(channel: ChannelId, act: (to: Operations) => Promise<void>): void {
    const to = this.#operations();
    if (!to) return;
    act(to).catch((error: unknown) => {
      this.#log.warn({ channel, why: reasonOf(error) }, "a call for an announcement went wrong");
      this.#sessions.get(channel)?.settle(new StudioError(`Asterisk refused: ${reasonOf(error)}.`));
      hangUp(to, channel).catch(() => {});
    });
  }
}

async function hangUp(to: Operations, channel: AnyChannel): Promise<void> {
  await to.hangUp(channel, normal).catch((error: unknown) => {
    if (!isAriError(error, "not_found")) throw error;
  });
}

function whyNot({ cause, sipCode }: { readonly cause: number; readonly sipCode: number | null }): string {
  if (sipCode === 486 || sipCode === 600 || cause === 17) return "the phone is busy";
  if (sipCode === 603 || sipCode === 403 || cause === 21) return "it was declined";
  if (cause === 19 || cause === 16 || sipCode === 487)
    return `nobody picked up within ${ringSeconds} seconds`;
  return `the phone cannot be reached (cause ${cause}${sipCode === null ? "" : `, SIP ${sipCode}`})`;
}
