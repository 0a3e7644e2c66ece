import type { Changes } from "../core/step.ts";
import type { StoryLine } from "../core/story.ts";
import type { Metrics, MetricsParts } from "./metrics.ts";
import { type Origins, originsOf } from "./origins.ts";

/** The metrics without their library, which takes long to load: at a start people wait. What is told meanwhile is kept. */
export class LateMetrics {
  readonly #parts: MetricsParts;
  readonly #origins: Origins;
  #kept: [readonly StoryLine[], Changes][] = [];
  #metrics: Metrics | null = null;

  constructor(parts: MetricsParts) {
    this.#parts = parts;
    this.#origins = originsOf(parts.state);
  }

  told(story: readonly StoryLine[], changes: Changes): void {
    if (this.#metrics) this.#metrics.told(story, changes);
    else this.#kept.push([story, changes]);
  }

  /** To be called once. */
  async load(): Promise<Metrics> {
    const { Metrics } = await import("./metrics.ts");
    const metrics = new Metrics(this.#parts, this.#origins);
    for (const [story, changes] of this.#kept) metrics.told(story, changes);
    this.#kept = [];
    this.#metrics = metrics;
    return metrics;
  }
}
