import type { WallMs } from "../../src/core/time.ts";
import type { CallerArrival, CallerEnd, Notes as Noted, SpoolFile } from "../../src/pbx/spool.ts";
import type { CallerPlan } from "./moves.ts";

/** What the dialplan writes down when a caller's channel comes and ends, as src/pbx/spool.ts reads it. All in one file; nothing is ever dropped. */
export class Notes {
  readonly arrivals: CallerArrival[] = [];
  readonly ends: CallerEnd[] = [];
  readonly #wallMs: () => WallMs;

  constructor(wallMs: () => WallMs) {
    this.#wallMs = wallMs;
  }

  callerArrived({ call, number, from }: CallerPlan): WallMs {
    const arrivedMs = this.#wallMs();
    this.arrivals.push({ kind: "arrival", channel: call, arrivedMs, number, from });
    return arrivedMs;
  }

  callerEnded(
    { call, number, from }: CallerPlan,
    arrivedMs: WallMs,
    reached: CallerEnd["reached"],
    isOwnDoing: boolean,
  ): void {
    this.ends.push({
      kind: "caller",
      channel: call,
      endedMs: this.#wallMs(),
      arrivedMs,
      number,
      from,
      reached,
      endedBy: isOwnDoing ? "caller" : "other",
      isJoined: false,
      talk: null,
    });
  }

  now(): WallMs {
    return this.#wallMs();
  }

  noted(): Noted {
    return { arrivals: [...this.arrivals], ends: [...this.ends] };
  }

  async read(): Promise<Noted> {
    return this.noted();
  }

  async readFiles(known: ReadonlyMap<string, number>): Promise<SpoolFile[]> {
    const file = { name: "all", bytes: this.arrivals.length + this.ends.length, ...this.noted() };
    return known.get(file.name) === file.bytes ? [] : [file];
  }

  async drop(): Promise<string[]> {
    return [];
  }
}
