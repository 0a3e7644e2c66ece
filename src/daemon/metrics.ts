import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { programVersion } from "../config/version.ts";
import type { CallId } from "../core/ids.ts";
import type { State } from "../core/state.ts";
import type { Changes } from "../core/step.ts";
import type { CallStory, StoryLine } from "../core/story.ts";
import { between, type MonotonicMs } from "../core/time.ts";
import type { PbxStatus } from "../pbx/port.ts";
import type { Alarms } from "./alarms.ts";
import type { Clock } from "./clock.ts";
import { countAllAgents } from "./live-views.ts";
import { type Origins, originsOf } from "./origins.ts";

/** Upper bounds in seconds; 30 is the promise of the German 115. */
const waitBuckets = [1, 5, 10, 20, 30, 60, 120, 300, 600, 1800];
const talkBuckets = [10, 30, 60, 120, 300, 600, 1200, 3600];

export type MetricsParts = {
  readonly state: State;
  readonly clock: Clock;
  readonly alarms: Alarms;
  readonly pbx: { status(): PbxStatus };
  readonly loop: { readonly backlog: number };
  readonly store: { backlog(): number };
};

/**
 * The figures for Prometheus, by hotline and never by agent. Counters begin at the daemon's start; what is so at this
 * moment is looked up when somebody asks.
 */
export class Metrics {
  readonly #registry = new Registry();
  readonly #parts: MetricsParts;
  readonly #ended: Counter<"hotline" | "outcome">;
  readonly #offers: Counter<"result">;
  readonly #wait: Histogram<"hotline">;
  readonly #talk: Histogram<"hotline">;
  /** Where each call arrived: its row is gone when its end is told. */
  readonly #origins: Origins;

  /** `origins`: of the calls that were there when the first turn was told of. */
  constructor(parts: MetricsParts, origins = originsOf(parts.state)) {
    this.#parts = parts;
    this.#origins = origins;
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    this.#ended = new Counter({
      name: "hotlined_calls_ended_total",
      help: "Calls by their outcome, at the hotline where they arrived (empty: unknown number)",
      labelNames: ["hotline", "outcome"],
      registers,
    });
    this.#offers = new Counter({
      name: "hotlined_offers_ended_total",
      help: "Offers to agents that ended other than by a conversation, by how",
      labelNames: ["result"],
      registers,
    });
    this.#wait = new Histogram({
      name: "hotlined_wait_seconds",
      help: "Wait of answered calls, from admission to connection",
      labelNames: ["hotline"],
      buckets: waitBuckets,
      registers,
    });
    this.#talk = new Histogram({
      name: "hotlined_talk_seconds",
      help: "Length of conversations",
      labelNames: ["hotline"],
      buckets: talkBuckets,
      registers,
    });
    this.#addHotlineGauges();
    this.#addSystemGauges();
  }

  /** A turn of the loop is over. */
  told(story: readonly StoryLine[], changes: Changes): void {
    for (const line of story) if ("call" in line) this.#count(line.call, line.told);
    for (const [id, call] of changes.calls) {
      if (call) this.#origins.set(id, call.origin ?? "");
      else this.#origins.delete(id);
    }
  }

  #count(id: CallId, told: CallStory): void {
    if (told.what === "arrived") this.#origins.set(id, told.hotline ?? "");
    const hotline = this.#origins.get(id) ?? "";
    if (told.what === "offer_ended") this.#offers.inc({ result: told.result });
    else if (told.what === "connected") this.#wait.observe({ hotline }, told.waitMs / 1000);
    else if (told.what === "ended") {
      const { outcome, talk, at } = told.result;
      this.#ended.inc({ hotline, outcome });
      if (talk) this.#talk.observe({ hotline }, between(talk.since.monotonicMs, at.monotonicMs) / 1000);
    }
  }

  async text(): Promise<{ contentType: string; text: string }> {
    return { contentType: this.#registry.contentType, text: await this.#registry.metrics() };
  }

  #gauge<Label extends string = never>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    collect: (set: (value: number, labels?: Record<Label, string>) => void) => void,
  ): void {
    const gauge = new Gauge<Label>({
      name,
      help,
      labelNames,
      registers: [this.#registry],
      collect: () => {
        gauge.reset();
        collect((value, labels) => (labels ? gauge.set(labels, value) : gauge.set(value)));
      },
    });
  }

  #addHotlineGauges(): void {
    const { state, clock } = this.#parts;
    const hotlines = () => [...state.hotlines.values()];
    this.#gauge("hotlined_hotline_open", "1 while the hotline is open", ["hotline"], (set) => {
      for (const hotline of hotlines())
        set(Number(state.opening(hotline, clock.now().wallMs).opening.open), { hotline: hotline.id });
    });
    this.#gauge("hotlined_callers_waiting", "Callers in the queue", ["hotline"], (set) => {
      for (const { id } of hotlines()) set(state.queue(id).length, { hotline: id });
    });
    this.#gauge(
      "hotlined_longest_wait_seconds",
      "Wait of the first in the queue, 0 without any",
      ["hotline"],
      (set) => {
        for (const { id } of hotlines()) {
          const oldest = state.queue(id).oldest() as MonotonicMs | null;
          set(oldest === null ? 0 : between(oldest, clock.now().monotonicMs) / 1000, { hotline: id });
        }
      },
    );
    this.#gauge("hotlined_agents", "Agents by the state that people see", ["hotline", "state"], (set) => {
      for (const [hotline, counts] of countAllAgents(state))
        for (const [is, count] of Object.entries(counts)) set(count, { hotline, state: is });
    });
    this.#gauge("hotlined_calls", "Calls in progress by phase", ["phase"], (set) => {
      const counts = new Map<string, number>();
      for (const { phase } of state.calls.values()) counts.set(phase.kind, (counts.get(phase.kind) ?? 0) + 1);
      for (const [phase, count] of counts) set(count, { phase });
    });
  }

  #addSystemGauges(): void {
    const { alarms, pbx, loop, store } = this.#parts;
    this.#gauge("hotlined_build_info", "1; the version is in the label", ["version"], (set) =>
      set(1, { version }),
    );
    this.#gauge("hotlined_asterisk_connected", "1 while Asterisk answers", [], (set) =>
      set(Number(pbx.status().connected)),
    );
    this.#gauge(
      "hotlined_alarms",
      "Alarms that stand; their texts are in `hotline status`",
      ["alarm"],
      (set) => {
        for (const { code } of alarms.list()) set(1, { alarm: code });
      },
    );
    this.#gauge("hotlined_event_queue_length", "Facts that the loop has not looked at yet", [], (set) =>
      set(loop.backlog),
    );
    this.#gauge("hotlined_requests_waiting", "Requests to Asterisk that wait for their turn", [], (set) =>
      set(pbx.status().requestsWaiting),
    );
    this.#gauge("hotlined_calls_limit", "Calls at once, beyond which callers are turned away", [], (set) => {
      const { capacity } = this.#parts.state.loose;
      if (capacity) set(capacity.maxCalls);
    });
    this.#gauge("hotlined_store_backlog", "Turns that are not on disk yet", [], (set) =>
      set(store.backlog()),
    );
  }
}

/** Read at the start: what is on disk may be newer than what runs. */
const version = programVersion();
