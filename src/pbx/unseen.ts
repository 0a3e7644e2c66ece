import { type AgentId, type CallId, type LegId, parseLegId } from "../core/ids.ts";
import type { WallMs } from "../core/time.ts";
import { phoneOfChannel } from "./ari/translate.ts";
import { type Log, reasonOf } from "./log.ts";
import type { PbxSurroundings } from "./port.ts";
import type { CallerEnd, Notes, Spool, SpooledEnd } from "./spool.ts";

/**
 * What ended a shorter while ago may still be on its way to the record by itself: told by Asterisk, and not looked at yet. What
 * ended before the connection stood cannot be.
 */
const settledAfterMs = 10_000;
/** From a channel's end until its note is looked for. */
const lookAfterMs = 200;

type NotesFolder = Pick<Spool, "read" | "readFiles" | "drop">;
type Surroundings = Pick<PbxSurroundings, "tell" | "isKnown" | "agentOf" | "onRecord">;

/** The machine's, unless time is simulated. */
export type Time = {
  readonly nowMs: () => number;
  /** What it returns calls the timer off. */
  readonly startTimer: (run: () => void, afterMs: number) => () => void;
};

const systemTime: Time = {
  nowMs: Date.now,
  startTimer: (run, afterMs) => {
    const timer = setTimeout(run, afterMs).unref();
    return () => clearTimeout(timer);
  },
};

/**
 * Calls that ended while nobody watched. The core is told of each once, from the dialplan's notes: of those it knows, before it
 * hears who is alive; of those it never saw, when it is certain that they are not in the record.
 */
export class Unseen {
  readonly #notes: NotesFolder;
  readonly #surroundings: Surroundings;
  readonly #log: Log;
  readonly #time: Time;
  #connectedMs: number;
  /** Who went down with an earlier Asterisk, and was not yet compared with the record. */
  #lost: readonly CallerEnd[] = [];
  /** Files all of whose lines were looked at, by their length. */
  readonly #done = new Map<string, number>();
  /** Told, and perhaps not yet in the record. */
  readonly #told = new Map<string, WallMs>();
  readonly #gone = new Set<string>();
  #turn: Promise<void> = Promise.resolve();
  #cancelTimer: (() => void) | null = null;
  #isStopped = false;

  constructor(notes: NotesFolder, surroundings: Surroundings, log: Log, time: Time = systemTime) {
    this.#notes = notes;
    this.#surroundings = surroundings;
    this.#log = log;
    this.#time = time;
    this.#connectedMs = time.nowMs();
  }

  /** What was noted so far; to be read before the list of who is alive is told. */
  read(): Promise<Notes> {
    return this.#notes.read();
  }

  /** The connection stands since then, and the core knows what is alive. `lost`: see lostWithAsterisk(). */
  connected(sinceMs: number, lost: readonly CallerEnd[]): void {
    this.#connectedMs = sinceMs;
    this.#lost = lost;
    void this.look();
    // What ended while we were busy with connecting: soon it is certain that nobody will tell of it.
    this.#time.startTimer(() => void this.look(), settledAfterMs + lookAfterMs);
  }

  /**
   * Of calls that the core knows. Who is in the list of the living has ended since, and is told of anyway.
   *
   * @param leftBehind calls of which one is still there, on whom the other has hung up
   */
  tellKnown(
    ends: readonly SpooledEnd[],
    alive: ReadonlySet<string>,
    leftBehind: ReadonlySet<string> = new Set(),
  ): void {
    // Of two who were together, it stands in the note of the one who stayed longer.
    const noted = ends.filter(({ isJoined }) => isJoined).map(callOf);
    const joined = new Set([...noted, ...leftBehind]);
    for (const end of ends) {
      if (alive.has(end.channel) || !this.#surroundings.isKnown(end.channel)) continue;
      const wasJoined = joined.has(callOf(end));
      if (end.kind === "caller") this.#tell(end, wasJoined);
      else {
        const { channel, endedMs } = end;
        this.#surroundings.tell({
          type: "leg_ended",
          leg: channel as LegId,
          cause: 0,
          sipCode: null,
          endedMs,
          wasJoined,
        });
      }
    }
  }

  /** A channel that is not in our hands is gone: perhaps a caller's whom Asterisk's fallback had. */
  channelGone(channel: string): void {
    if (channel.includes("~")) return;
    this.#gone.add(channel);
    this.#cancelTimer ??= this.#time.startTimer(() => {
      this.#cancelTimer = null;
      void this.look();
    }, lookAfterMs);
  }

  /** Looks through the notes, and drops the old ones once they were. Never rejects. */
  look(): Promise<void> {
    this.#turn = this.#turn.then(() => this.#look());
    return this.#turn;
  }

  /** Tells no more. What it has not told is told after the next start. */
  stop(): void {
    this.#isStopped = true;
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }

  async #look(): Promise<void> {
    if (this.#isStopped) return;
    const gone = new Set(this.#gone);
    this.#gone.clear();
    const files = await this.#notes.readFiles(this.#done);
    const nowMs = this.#time.nowMs() as WallMs;
    const settledMs = Math.max(this.#connectedMs, nowMs - settledAfterMs);
    const noted = files.flatMap(({ ends }) => ends.filter((end) => end.kind === "caller"));
    const lost = this.#lost;
    const callers = [...noted, ...lost];
    const justEnded = callers.filter(({ channel }) => gone.delete(channel));
    for (const end of justEnded) if (this.#surroundings.isKnown(end.channel)) this.#tell(end);
    // Its note is missing: that it is over is known all the same.
    for (const channel of gone)
      if (this.#surroundings.isKnown(channel))
        this.#surroundings.tell({ type: "caller_left", call: channel as CallId });
    // What has ended in the future has done so before the clock was set back.
    const isOver = (endedMs: WallMs) => endedMs < settledMs || endedMs > nowMs;
    // What was not in our hands at its end cannot be on its way.
    const isSettled = (end: CallerEnd) =>
      isOver(end.endedMs) || (end.reached !== "handed_over" && justEnded.includes(end));
    const strangers = callers.filter(
      (end) =>
        isSettled(end) &&
        end.arrivedMs !== null &&
        !this.#told.has(end.channel) &&
        !this.#surroundings.isKnown(end.channel),
    );
    if (!(await this.#tellUnrecorded(strangers))) return;
    if (this.#lost === lost) this.#lost = [];
    for (const { name, bytes, ends } of files)
      if (ends.every(({ endedMs }) => isOver(endedMs))) this.#done.set(name, bytes);
    for (const name of await this.#notes.drop(nowMs)) this.#done.delete(name);
    for (const [channel, toldMs] of this.#told)
      if (toldMs < nowMs - settledAfterMs) this.#told.delete(channel);
  }

  /** False: it cannot be known now what is in the record; later, then. */
  async #tellUnrecorded(ends: readonly CallerEnd[]): Promise<boolean> {
    if (ends.length === 0) return true;
    try {
      const recorded = await this.#surroundings.onRecord(ends.map(({ channel }) => channel as CallId));
      if (recorded === null || this.#isStopped) return false;
      const missing = ends.filter(({ channel }) => !recorded.has(channel as CallId));
      for (const end of missing.toSorted((a, b) => (a.arrivedMs ?? 0) - (b.arrivedMs ?? 0))) this.#tell(end);
      return true;
    } catch (error) {
      // The store may be closed by now.
      if (!this.#isStopped)
        this.#log.warn({ why: reasonOf(error) }, "whether ended calls are in the record could not be read");
      return false;
    }
  }

  #tell(end: CallerEnd, wasJoined = end.isJoined): void {
    const { channel, number, from, endedMs, reached, endedBy, talk } = end;
    this.#told.set(channel, this.#time.nowMs() as WallMs);
    this.#surroundings.tell({
      type: "call_found_over",
      call: channel as CallId,
      number,
      from,
      arrivedMs: end.arrivedMs ?? endedMs,
      endedMs,
      reached,
      endedBy,
      wasJoined,
      talk: talk && { agent: this.#agentOn(talk.channel), sinceMs: talk.sinceMs },
    });
  }

  /** Who was removed meanwhile is known by the phone's name only. */
  #agentOn(channel: string): AgentId {
    const phone = phoneOfChannel(channel) ?? channel;
    return this.#surroundings.agentOf(phone) ?? (phone as AgentId);
  }
}

/**
 * Callers of whom it was noted that they came, who are not there any more, and of whose end nothing was noted: Asterisk was killed. When, is
 * known only roughly: it has started again at `startedMs`.
 *
 * @param alive all channels that there are, as listed at `listedMs`; the notes are younger
 */
export function lostWithAsterisk(
  { arrivals, ends }: Notes,
  alive: ReadonlySet<string>,
  listedMs: number,
  startedMs: number,
): CallerEnd[] {
  const noted = new Set([...alive, ...ends.map(({ channel }) => channel)]);
  // Who came in the future did so before the clock was set back.
  const isOld = (arrivedMs: number) => arrivedMs < listedMs || arrivedMs > listedMs + settledAfterMs;
  return arrivals
    .filter(({ channel, arrivedMs }) => isOld(arrivedMs) && !noted.has(channel))
    .map(({ channel, arrivedMs, number, from }) => ({
      kind: "caller",
      channel,
      endedMs: Math.max(arrivedMs, startedMs) as WallMs,
      arrivedMs,
      number,
      from,
      reached: "lost",
      endedBy: "other",
      isJoined: false,
      talk: null,
    }));
}

const callOf = ({ channel }: SpooledEnd): string => parseLegId(channel)?.call ?? channel;
