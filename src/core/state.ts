import { type Agent, legOf } from "./agents.ts";
import type { Call } from "./calls.ts";
import type { Arrivals, Capacity } from "./capacity.ts";
import { agentDeadline, callDeadline, deadlineKey, deskDeadline } from "./deadlines.ts";
import type { Desk } from "./desks.ts";
import type { SetAside } from "./events.ts";
import { type Hotline, scheduleOf } from "./hotlines.ts";
import { OpeningCache } from "./hours/opening-cache.ts";
import type { Schedule } from "./hours/schedule.ts";
import {
  type AgentId,
  type CallId,
  type HotlineId,
  type LegId,
  type PbxRun,
  type PlaceId,
  parseLegId,
} from "./ids.ts";
import type { OldPlace } from "./places.ts";
import { Queue } from "./queue.ts";
import { SortedList } from "./sorted-list.ts";
import { Staff } from "./staff.ts";
import { Table } from "./table.ts";
import type { Now, WallMs } from "./time.ts";

/** A number callers dial, the hotline it leads to, and the skills its callers need. */
export type NumberRow = {
  readonly number: string;
  readonly hotline: HotlineId;
  readonly requires: readonly string[];
};

/**
 * lost: no connection to Asterisk. The core still takes notes, but offers nothing.
 * up: what lives in Asterisk has been compared with what we know.
 */
export type Pbx = "lost" | "up";

/** What is replaced as a whole; taken back with everything else when a step throws. */
export type Loose = {
  readonly pbx: Pbx;
  /** Of the last snapshot; null: there was none yet. */
  readonly run: PbxRun | null;
  /** While `lost`: when something was last heard of Asterisk, as far as that is known. */
  readonly lastHeardAt: Now | null;
  /** Whom the next snapshot hands to the fallback instead of taking them in. */
  readonly setAside: readonly Pick<SetAside, "call" | "record" | "why">[];
  /** Legs that were on their way or rang while time went on without us: how they end is nobody's fault. */
  readonly disturbed: readonly LegId[];
  /** Null: as much as comes. */
  readonly capacity: Capacity | null;
  /** Null: no call has come yet. */
  readonly arrivals: Arrivals | null;
  /** Where the strategy `random` stands. */
  readonly chance: number;
  /** The day that the agents' tallies are of, in that zone; null: not looked at yet. */
  readonly day: { readonly timeZone: string; readonly fromMs: WallMs; readonly untilMs: WallMs } | null;
};

/**
 * All the core knows. The loop owns it; step() changes it in place. The tables are the truth, the indexes follow
 * them at every replacement and can be thrown away and made again from them.
 */
export class State {
  loose: Loose = {
    pbx: "lost",
    run: null,
    lastHeardAt: null,
    setAside: [],
    disturbed: [],
    capacity: null,
    arrivals: null,
    chance: 1,
    day: null,
  };

  readonly hotlines = new Table<HotlineId, Hotline>((before, after) => {
    if (after && before?.strategy !== after.strategy)
      this.staff(after.id).reorder(after.strategy, (id) => this.agents.get(id)!);
  });
  readonly numbers = new Table<string, NumberRow>(() => undefined);
  /** What changes by itself at a hotline. A hotline without a row has a new desk. */
  readonly desks = new Table<HotlineId, Desk>((before, after) => {
    this.#reschedule(
      before && { at: deskDeadline(before), key: deadlineKey({ kind: "hotline", id: before.hotline }) },
      after && { at: deskDeadline(after), key: deadlineKey({ kind: "hotline", id: after.hotline }) },
    );
  });
  /** Of callers who gave up and may come back to their place. */
  readonly oldPlaces = new Table<PlaceId, OldPlace>((before, after) => {
    this.#reschedule(
      before && { at: before.keptUntilMs, key: deadlineKey({ kind: "old_place", id: before.id }) },
      after && { at: after.keptUntilMs, key: deadlineKey({ kind: "old_place", id: after.id }) },
    );
  });

  readonly agents = new Table<AgentId, Agent>((before, after) => {
    if (before) {
      for (const membership of before.memberships) this.staff(membership.hotline).remove(before, membership);
      const leg = legOf(before);
      if (leg) this.#agentByLeg.delete(leg);
    }
    if (after) {
      for (const membership of after.memberships) this.staff(membership.hotline).add(after, membership);
      const leg = legOf(after);
      if (leg) this.#agentByLeg.set(leg, after.id);
    }
    this.#reschedule(
      before && { at: agentDeadline(before), key: deadlineKey({ kind: "agent", id: before.id }) },
      after && { at: agentDeadline(after), key: deadlineKey({ kind: "agent", id: after.id }) },
    );
  });

  readonly calls = new Table<CallId, Call>((before, after) => {
    if (before?.hotline) this.queue(before.hotline).remove(before);
    if (after?.hotline) this.queue(after.hotline).add(after);
    this.#reschedule(
      before && { at: callDeadline(before), key: deadlineKey({ kind: "call", id: before.id }) },
      after && { at: callDeadline(after), key: deadlineKey({ kind: "call", id: after.id }) },
    );
  });

  /** What must happen when, soonest first. */
  readonly deadlines = new SortedList<string>();
  readonly #openings = new OpeningCache();
  readonly #queues = new Map<HotlineId, Queue>();
  readonly #staffs = new Map<HotlineId, Staff>();
  readonly #agentByLeg = new Map<LegId, AgentId>();

  agentByLeg(leg: LegId): Agent | null {
    const id = this.#agentByLeg.get(leg);
    return id === undefined ? null : this.agents.get(id);
  }

  /** Whether a channel is a caller of ours, or a leg for one, as far as we know. */
  knows(channel: string): boolean {
    const leg = parseLegId(channel);
    return this.calls.get(leg?.call ?? (channel as CallId)) !== null;
  }

  /** Whether a hotline is open, by which rule, and until when that holds at least. */
  opening(hotline: Hotline, at: WallMs): ReturnType<OpeningCache["at"]> {
    return this.#openings.at(hotline, this.#hoursOf(hotline), at);
  }

  /** All that says when a hotline is open: its own schedule, or another's with its own ad-hoc. */
  schedule(hotline: Hotline): Schedule {
    return scheduleOf(this.hotlines, hotline);
  }

  /** The hotline's callers who have reached nobody yet. */
  queue(hotline: HotlineId): Queue {
    let queue = this.#queues.get(hotline);
    if (!queue) {
      queue = new Queue();
      this.#queues.set(hotline, queue);
    }
    return queue;
  }

  /** The hotline's agents. */
  staff(hotline: HotlineId): Staff {
    let staff = this.#staffs.get(hotline);
    if (!staff) {
      staff = new Staff(this.hotlines.get(hotline)?.strategy ?? "longest-idle");
      this.#staffs.set(hotline, staff);
    }
    return staff;
  }

  #hoursOf({ hoursOf, schedule }: Hotline): Schedule {
    return (hoursOf === null ? null : this.hotlines.get(hoursOf)?.schedule) ?? schedule;
  }

  get tables() {
    return [this.hotlines, this.numbers, this.desks, this.oldPlaces, this.agents, this.calls] as const;
  }

  #reschedule(before: Scheduled | null, after: Scheduled | null): void {
    if (before?.at === after?.at && before?.key === after?.key) return;
    if (before && before.at !== null) this.deadlines.remove({ first: before.at, second: 0, id: before.key });
    if (after && after.at !== null) this.deadlines.add({ first: after.at, second: 0, id: after.key });
  }
}

type Scheduled = { readonly at: number | null; readonly key: string };
