import type { Announcements } from "../announcements/announcements.ts";
import type { State } from "../core/state.ts";
import type { Pbx } from "../pbx/port.ts";
import type { Store } from "../store/store.ts";
import type { Alarms } from "./alarms.ts";
import type { Audit } from "./audit.ts";
import type { Clock } from "./clock.ts";
import type { CopyKeeper } from "./copies.ts";
import type { Fallback } from "./fallback.ts";
import type { Feed } from "./feed.ts";
import type { HoursWatch } from "./hours-watch.ts";
import type { LateMetrics } from "./late-metrics.ts";
import type { Loop } from "./loop.ts";
import type { Phones } from "./phones.ts";

/** All parts of the daemon that calls need, wired together. */
export type House = {
  readonly state: State;
  readonly clock: Clock;
  readonly alarms: Alarms;
  readonly store: Store;
  readonly loop: Loop;
  readonly phones: Phones;
  readonly announcements: Announcements;
  readonly pbx: Pbx;
  readonly hoursWatch: HoursWatch;
  readonly fallback: Fallback;
  readonly copies: CopyKeeper;
  readonly feed: Feed;
  readonly metrics: LateMetrics;
  readonly audit: Audit;
  /** Resolves when the first orders are through: the longest waiting callers' phones ring. */
  readonly served: Promise<void>;
};

/** Takes note of a part that runs, and of how to stop it. */
export type Started = (name: string, stop: () => void | Promise<void>) => void;
