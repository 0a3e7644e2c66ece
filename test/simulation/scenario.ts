import type { Membership } from "../../src/core/agents.ts";
import type { AdminEvent, DialCode } from "../../src/core/events.ts";
import { defaultSettings, type Hotline, type Periodic, strategies } from "../../src/core/hotlines.ts";
import { aroundTheClock, type Interval, plainSchedule, type Weekly } from "../../src/core/hours/schedule.ts";
import type { AgentId, CallId, HotlineId } from "../../src/core/ids.ts";
import { minutes, ms, seconds } from "../../src/core/time.ts";
import { Chance } from "./chance.ts";
import { beginnings, HoursAuthor } from "./hours-moves.ts";
import { firstWallMs } from "./machine-clock.ts";
import type { CallerPlan, KillMoment, Move, Temper, Trouble } from "./moves.ts";
import { overflowOf } from "./overflow-steps.ts";
import { obliging } from "./people.ts";

/** Makes up the scenario of a seed: some hotlines, agents and callers, and what goes wrong. Sorted by time. */
export function scenarioOf(seed: number): Move[] {
  return new Author(seed).write();
}

class Author {
  readonly #chance: Chance;
  readonly #moves: Move[] = [];
  readonly #hotlines: HotlineId[] = [];
  readonly #agents: AgentId[] = [];
  readonly #lengthMs: number;

  constructor(seed: number) {
    this.#chance = new Chance(seed * 2 + 1);
    this.#lengthMs = this.#chance.between("length", 20_000, 150_000);
  }

  write(): Move[] {
    this.#writeHouse();
    this.#writeCallers();
    this.#writeTroubles();
    this.#writeAdministration();
    this.#writeHours();
    this.#writeDisasters();
    return this.#moves.sort((a, b) => a.atMs - b.atMs);
  }

  #writeHouse(): void {
    const chance = this.#chance;
    const hotlines = chance.pick("hotlines", [1, 1, 1, 2, 2, 3]);
    for (let n = 0; n < hotlines; n++) {
      const id = `h${n}` as HotlineId;
      this.#hotlines.push(id);
      this.#administer(0, { type: "hotline_added", hotline: this.#hotline(id, n) });
      this.#administer(0, this.#numberSet(n));
    }
    const agents = chance.between("agents", 1, 5);
    for (let n = 0; n < agents; n++) {
      const id = `${201 + n}` as AgentId;
      this.#agents.push(id);
      this.#add(0, { do: "temper", agent: id, temper: this.#temper(`temper ${id}`) });
      this.#administer(0, this.#agentAdded(id));
      this.#add(0, { do: "phone", agent: id, phone: "reachable" });
      // Many log in at the same moment: ties.
      const loginMs = chance.happens(`early ${id}`, 0.7) ? 200 : chance.between(`login ${id}`, 200, 20_000);
      this.#administer(loginMs, { type: "login_asked", agent: id });
    }
  }

  #numberSet(n: number): AdminEvent {
    const hotline = this.#hotlines[n]!;
    const requires = this.#chance.happens(`skill for ${n}`, 0.15) ? ["english"] : [];
    return { type: "number_set", number: numberOf(n), hotline, requires };
  }

  /** `n`: its number among the hotlines. */
  #hotline(id: HotlineId, n: number): Hotline {
    const chance = this.#chance;
    return {
      ...defaultSettings,
      id,
      name: `Hotline ${id}`,
      // Often all hotlines do it alike.
      strategy: chance.pick(chance.happens("alike", 0.4) ? "strategy" : `strategy ${id}`, [
        "longest-idle",
        "ring-all",
        "ring-all",
        ...strategies,
      ]),
      priority: chance.pick(`priority ${id}`, [0, 0, 1, 5]),
      ringNextAfterMs: chance.pick(`next ring ${id}`, [seconds(3), seconds(10)]),
      nextTierAfterMs: chance.pick(`next tier ${id}`, [seconds(5), seconds(15)]),
      resumeWithinMs: chance.pick(`resume ${id}`, [ms(0), seconds(60)]),
      closingGraceMs: chance.pick(`grace ${id}`, [null, ms(0), seconds(10), minutes(30)]),
      greetingMustFinish: chance.happens(`must finish ${id}`, 0.2),
      periodic: this.#periodic(id),
      overflow: overflowOf(chance, id, this.#hotlines, n),
      ringTimeoutMs: chance.pick(`ring ${id}`, [seconds(10), seconds(15), seconds(20)]),
      wrapUpMs: chance.pick(`wrap-up ${id}`, [ms(0), seconds(1), seconds(10)]),
      autoPauseAfter: chance.pick(`auto-pause ${id}`, [0, 1, 2, 2]),
      maxWaiting: chance.pick(`room ${id}`, [1, 3, 500, 500]),
      maxWaitMs: chance.pick(`max wait ${id}`, [seconds(20), minutes(1), minutes(60)]),
      shortAbandonMs: seconds(5),
      schedule: plainSchedule("UTC", this.#weekly(`hours ${id}`)),
    };
  }

  #periodic(id: string): Periodic[] {
    const pick = (n: number): Periodic => ({
      announcement: this.#chance.pick(`periodic ${id} ${n}`, [
        "waiting_1",
        "position",
        "expected_wait",
      ] as const),
      afterMs: this.#chance.pick(`every ${id} ${n}`, [seconds(5), seconds(20)]),
    });
    return Array.from({ length: this.#chance.pick(`periodics ${id}`, [0, 0, 1, 2]) }, (_, n) => pick(n));
  }

  #weekly(name: string): Weekly {
    if (this.#chance.happens(name, 0.8)) return aroundTheClock;
    return Array.from({ length: 7 }, (): Interval[] => [{ fromMinute: 8 * 60, toMinute: 18 * 60 }]);
  }

  #agentAdded(id: AgentId): AdminEvent {
    const mine = this.#hotlines.filter((hotline) => this.#chance.happens(`member ${id} ${hotline}`, 0.7));
    const memberships = (mine.length > 0 ? mine : [this.#hotlines[0]!]).map((hotline) =>
      this.#membership(id, hotline),
    );
    return { type: "agent_added", agent: id, name: `Agent ${id}`, memberships };
  }

  #membership(id: AgentId, hotline: HotlineId, name = ""): Membership {
    const tier = this.#chance.pick(`tier ${id} ${hotline} ${name}`, [1, 1, 1, 2, 3]);
    const skills = this.#chance.happens(`skilled ${id} ${hotline} ${name}`, 0.6) ? ["english"] : [];
    return { hotline, tier, skills };
  }

  #temper(name: string): Temper {
    if (this.#chance.happens(`${name} always`, 0.1)) {
      const what = this.#chance.pick(`${name} always what`, ["busy", "unreachable", "ringsOut", "declines"]);
      return { ...obliging, [what]: 100 };
    }
    const share = (what: string, most: number) =>
      this.#chance.happens(`${name} ${what}?`, 0.4) ? this.#chance.between(`${name} ${what}`, 0, most) : 0;
    return {
      declines: share("declines", 20),
      busy: share("busy", 15),
      unreachable: share("unreachable", 15),
      ringsOut: share("rings out", 30),
      dead: share("dead", 8),
      hangsUpAtOnce: share("hangs up", 30),
    };
  }

  #writeCallers(): void {
    const chance = this.#chance;
    const calls = chance.between("calls", 2, 14);
    let atMs = 500;
    for (let n = 1; n <= calls; n++) {
      // Now and then two in the same instant.
      if (!chance.happens(`same instant ${n}`, 0.2))
        atMs = chance.between(`arrives ${n}`, 300, Math.floor(this.#lengthMs * 0.8));
      this.#add(atMs, { do: "call", caller: this.#caller(n) });
    }
  }

  #caller(n: number): CallerPlan {
    const chance = this.#chance;
    // Somebody who has called before calls again, the same number.
    const who = chance.happens(`again ${n}`, 0.3) ? chance.between(`who ${n}`, 1, n) : n;
    const hotline = chance.between(`dials ${who}`, 0, this.#hotlines.length - 1);
    const what = chance.pick(`leaves on ${n}`, ["ringing", "answered", "joined"] as const);
    return {
      call: `c${n}` as CallId,
      number: chance.happens(`wrong number ${n}`, 0.02) ? "999" : numberOf(hotline),
      from: chance.happens(`anonymous ${n}`, 0.2) ? null : `+4936100${who}`,
      patienceMs: chance.happens(`patient ${n}`, 0.6)
        ? chance.between(`patience ${n}`, 20_000, 120_000)
        : chance.between(`patience ${n}`, 0, 15_000),
      talkMs: chance.between(`talk ${n}`, 50, 20_000),
      endsTalk: chance.pick(`ends ${n}`, ["caller", "agent"]),
      leavesOn: chance.happens(`leaves early ${n}`, 0.15)
        ? { what, afterMs: chance.pick(`leaves after ${n}`, [0, 2, 10, 50, 200]) }
        : null,
    };
  }

  #writeTroubles(): void {
    const chance = this.#chance;
    const likely: Record<Trouble, readonly number[]> = {
      slow_requests: [0.02, 0.1],
      lost_orders: [0.02, 0.1],
      lost_facts: [0.02, 0.1],
      doubled_facts: [0.05, 0.3],
      reordered_facts: [0.1, 0.5],
      late_timers: [0.1, 0.5],
      slow_disk: [0.02, 0.2],
      failing_disk: [0.02, 0.1],
    };
    for (const trouble of Object.keys(likely) as Trouble[]) {
      if (!chance.happens(trouble, 0.3)) continue;
      const probability = chance.pick(`how likely ${trouble}`, likely[trouble]);
      this.#add(chance.between(`from ${trouble}`, 0, 10_000), { do: "trouble", trouble, probability });
    }
  }

  #writeAdministration(): void {
    const times = this.#chance.pick("administered", [0, 0, 2, 4, 8]);
    for (let n = 0; n < times; n++) this.#writeOneChange(`change ${n}`);
  }

  /** Half of the scenarios have nothing to do with opening hours beyond what is in #writeOneChange(). */
  #writeHours(): void {
    const chance = this.#chance;
    const begins = chance.pick("begins", [beginnings[0], ...beginnings]);
    const wallMs = Date.parse(begins);
    this.#add(0, { do: "set_wall_clock", byMs: wallMs - firstWallMs });
    const times = chance.pick("hours", [0, 0, 0, 1, 2, 4]);
    for (let n = 0; n < times; n++) {
      const name = `hours ${n}`;
      const atMs = chance.between(`${name} at`, 0, this.#lengthMs);
      const author = new HoursAuthor(chance, this.#hotlines, wallMs + atMs);
      for (const { afterMs, event } of author.write(name)) this.#administer(atMs + afterMs, event);
    }
  }

  #writeOneChange(name: string): void {
    const chance = this.#chance;
    const atMs = chance.between(`${name} at`, 1_000, this.#lengthMs);
    const laterMs = atMs + chance.between(`${name} for`, 100, 20_000);
    const agent = chance.pick(`${name} agent`, this.#agents);
    const hotline = chance.pick(`${name} hotline`, this.#hotlines);
    const kinds = [
      "logout",
      "pause",
      "remove",
      "phone",
      "in_use",
      "settings",
      "strategy",
      "close",
      "hours",
      "clock",
      "assign",
      "wrap_up",
      "dial",
      "dial",
      "number",
      "hotline",
    ] as const;
    switch (chance.pick(name, kinds)) {
      case "logout":
        this.#administer(atMs, { type: "logout_asked", agent });
        this.#administer(laterMs, { type: "login_asked", agent });
        return;
      case "pause":
        this.#administer(atMs, { type: "pause_asked", agent, reason: "tea" });
        this.#administer(laterMs, { type: "resume_asked", agent });
        return;
      case "remove":
        this.#administer(atMs, { type: "agent_removed", agent });
        this.#administer(laterMs, this.#agentAdded(agent));
        this.#administer(laterMs, { type: "login_asked", agent });
        this.#add(laterMs, { do: "phone", agent, phone: "unreachable" });
        this.#add(laterMs + 1, { do: "phone", agent, phone: "reachable" });
        return;
      case "phone":
        this.#add(atMs, { do: "phone", agent, phone: "unreachable" });
        this.#add(laterMs, { do: "phone", agent, phone: "reachable" });
        return;
      case "in_use":
        this.#add(atMs, { do: "phone", agent, phone: "in_use" });
        this.#add(laterMs, { do: "phone", agent, phone: "reachable" });
        return;
      case "settings": {
        const {
          id: _,
          schedule: __,
          strategy: ___,
          ...settings
        } = this.#hotline(`${hotline} ${name}` as HotlineId, this.#hotlines.indexOf(hotline));
        this.#administer(atMs, { type: "hotline_changed", hotline, settings });
        return;
      }
      case "strategy": {
        const strategy = chance.pick(`${name} strategy`, strategies);
        this.#administer(atMs, { type: "hotline_changed", hotline, settings: { strategy } });
        return;
      }
      case "close":
        this.#administer(atMs, {
          type: "hours_changed",
          releaseWaiting: chance.happens(`${name} now`, 0.3),
          hotline,
          change: { kind: "close", reason: "fire", until: { kind: "next_change" } },
        });
        this.#administer(laterMs, {
          type: "hours_changed",
          releaseWaiting: false,
          hotline,
          change: { kind: "resume" },
        });
        return;
      case "hours": {
        const intervals = chance.happens(`${name} open`, 0.5) ? [{ fromMinute: 0, toMinute: 1440 }] : [];
        this.#administer(atMs, {
          type: "hours_changed",
          releaseWaiting: false,
          hotline,
          change: { kind: "week", days: [{ days: [0, 1, 2, 3, 4, 5, 6], intervals }], from: null },
        });
        return;
      }
      case "assign":
        this.#administer(atMs, { type: "agent_unassigned", agent, hotline });
        this.#administer(laterMs, {
          type: "agent_assigned",
          agent,
          membership: this.#membership(agent, hotline, name),
        });
        return;
      case "wrap_up":
        this.#administer(atMs, { type: "wrap_up_extend_asked", agent, byMs: seconds(5) });
        this.#administer(laterMs, { type: "wrap_up_end_asked", agent });
        return;
      case "dial": {
        const code = chance.pick(`${name} code`, ["login", "pause", "wrap_up"] as const satisfies DialCode[]);
        this.#add(atMs, { do: "dial", agent, code });
        this.#add(laterMs, { do: "dial", agent, code });
        return;
      }
      case "number": {
        const n = this.#hotlines.indexOf(hotline);
        this.#administer(atMs, { type: "number_removed", number: numberOf(n) });
        this.#administer(laterMs, this.#numberSet(n));
        return;
      }
      case "hotline": {
        const n = this.#hotlines.indexOf(hotline);
        this.#administer(atMs, { type: "hotline_removed", hotline });
        this.#administer(laterMs, { type: "hotline_added", hotline: this.#hotline(hotline, n) });
        this.#administer(laterMs, this.#numberSet(n));
        return;
      }
      case "clock":
        this.#add(atMs, { do: "set_wall_clock", byMs: chance.between(`${name} by`, -18, 18) * 3_600_000 });
    }
  }

  #writeDisasters(): void {
    const chance = this.#chance;
    const times = chance.pick("disasters", [0, 0, 0, 1, 1, 2, 4]);
    for (let n = 0; n < times; n++) {
      const name = `disaster ${n}`;
      const atMs = chance.between(`${name} at`, 500, this.#lengthMs);
      const forMs = chance.between(`${name} for`, 50, 8_000);
      const kind = chance.pick(name, [
        "drop_socket",
        "drop_socket",
        "kill",
        "kill",
        "kill",
        "restart_asterisk",
        "reboot",
      ] as const);
      if (kind === "kill") this.#add(atMs, { do: "kill", when: this.#killMoment(name), forMs });
      else this.#add(atMs, { do: kind, forMs });
    }
  }

  #killMoment(name: string): KillMoment {
    const kind = this.#chance.pick(`${name} when`, ["now", "after_step", "amid_orders"] as const);
    if (kind === "after_step") return { kind, step: this.#chance.between(`${name} step`, 1, 12) };
    if (kind === "amid_orders") return { kind, order: this.#chance.between(`${name} order`, 1, 12) };
    return { kind };
  }

  #administer(atMs: number, event: AdminEvent): void {
    this.#add(atMs, { do: "administer", event });
  }

  #add(
    atMs: number,
    move: Move extends infer One ? (One extends Move ? Omit<One, "atMs"> : never) : never,
  ): void {
    this.#moves.push({ atMs, ...move } as Move);
  }
}

const numberOf = (hotline: number): string => `${115 + hotline}`;
