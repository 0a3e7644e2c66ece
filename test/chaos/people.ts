/** Callers and agents who do as they like. What they do is drawn from the seed; what they see is kept for the judgement. */
import { setTimeout as pause } from "node:timers/promises";
import type { Call, Ending } from "../support/call.ts";
import { chance } from "../support/chance.ts";
import { type Credentials, type Habit, Phone } from "../support/phone.ts";
import type { System } from "../support/system.ts";
import type { Options } from "./options.ts";
import { Ears, Voices } from "./tags.ts";

/** What an agent does with a call. */
export type Whim = "talks" | "drops at once" | "drops soon" | "declines" | "lets it ring";
/** What a caller does. `impatient`: meant to stay, but too many were waiting. */
export type Patience = "stays" | "leaves" | "leaves while it rings" | "cancels" | "hangs up";

/** A call as its caller saw it. */
export interface CallerSide {
  readonly from: string;
  readonly patience: Patience;
  readonly call: Call;
  readonly ears: Ears;
  /** `Date.now()` when the INVITE left. */
  readonly invitedMs: number;
  /** When Asterisk has read it, which its first answer shows: one that stands still reads nothing. */
  reachedMs: number | null;
  answeredMs: number | null;
  /** `vanished`: Asterisk died, and took the call along. */
  ending: Ending | null;
  readonly legs: AgentSide[];
}

/** A call as an agent's phone saw it. */
export interface AgentSide {
  readonly agent: string;
  readonly caller: string;
  readonly whim: Whim;
  readonly call: Call;
  readonly ears: Ears;
  readonly invitedMs: number;
  answeredMs: number | null;
  ending: Ending | null;
}

const patienceForEndMs = 600_000;
/** More than this above the number wanted, and somebody gives up. */
const crowd = 10;
/** What Asterisk sent before it died has reached everybody by then, and no other Asterisk is up yet. */
const lastWordsMs = 200;
/** So long no phone has rung: there is a fault, or nobody is free. */
const stillMs = 2_000;

export class People {
  readonly callers: CallerSide[] = [];
  readonly legs: AgentSide[] = [];
  /** Callers waiting, at each second. */
  readonly queueCurve: number[] = [];
  readonly #system: System;
  readonly #options: Options;
  readonly #voices = new Voices();
  readonly #byNumber = new Map<string, CallerSide>();
  readonly #earsOf = new Map<Call, Ears>();
  readonly #alive = new Set<CallerSide>();
  readonly #aliveLegs = new Set<AgentSide>();
  readonly #agentPhones = new Map<string, Phone>();
  readonly #endings: Promise<void>[] = [];
  readonly #onOffer: (atMs: number) => void;
  readonly #impatience: () => number;
  #callerPhone: Phone | null = null;
  #placed = 0;
  #rungMs = 0;
  #arriving: NodeJS.Timeout | null = null;
  #dueMs = 0;

  constructor(system: System, options: Options, onOffer: (atMs: number) => void) {
    this.#system = system;
    this.#options = options;
    this.#onOffer = onOffer;
    this.#impatience = chance(options.seed, "impatience");
  }

  get agentIds(): string[] {
    return Array.from({ length: this.#options.agents }, (_, index) => String(301 + index));
  }

  get isCalling(): boolean {
    return this.#arriving !== null;
  }

  /** Calls placed so far. */
  get placed(): number {
    return this.#placed;
  }

  /** Calls that live in Asterisk as far as the callers know. */
  get aliveCalls(): number {
    return this.#alive.size;
  }

  get waiting(): number {
    const talking = new Set([...this.#aliveLegs].filter(isTalking).map(({ caller }) => caller));
    return [...this.#alive].filter(({ answeredMs, from }) => answeredMs !== null && !talking.has(from))
      .length;
  }

  async comeToWork(): Promise<void> {
    const { api } = this.#system;
    const set = ["hotline", "set", "demo", "--wrap-up", "0s", "--ring-timeout", "3s", "--auto-pause", "0"];
    await this.#system.change(...set);
    for (const id of this.agentIds) {
      const { sip } = await api.addAgent({ id, name: `Agent ${id}`, hotlines: ["demo"] });
      await this.#takePhone(id, sip);
      await api.login(id);
    }
    this.#callerPhone = await Phone.open({ address: "127.0.0.2", sound: null, onPacket: this.#hear });
  }

  /** From now on people call, at random intervals, until `stopCalling()`. */
  startCalling(): void {
    const next = chance(this.#options.seed, "arrivals");
    this.#dueMs = performance.now();
    const one = () => {
      this.#endings.push(this.#callOnce(this.#placed++));
      this.#dueMs += (-Math.log(1 - next()) * 1_000) / this.#options.rate;
      this.#arriving = setTimeout(one, Math.max(0, this.#dueMs - performance.now()));
    };
    one();
    let ticks = 0;
    const watch = setInterval(() => {
      if (ticks++ % 10 === 0) this.queueCurve.push(this.waiting);
      if (this.#arriving === null) clearInterval(watch);
      else this.#thinOut();
    }, 100);
  }

  /** Nobody calls any more; resolves when everybody has hung up. */
  async stopCalling(): Promise<void> {
    this.#placeNoMore();
    await Promise.all(this.#endings);
    for (const leg of this.legs) leg.ending ??= await leg.call.ended(60_000);
  }

  /**
   * Asterisk has died just now: no call that it had is alive any more, and nobody says so. One that it has not answered to at all
   * is placed again and again until the next one does.
   */
  asteriskDied(): void {
    this.#vanish();
    setTimeout(() => this.#vanish(), lastWordsMs);
  }

  #vanish(): void {
    for (const { call } of this.#alive) if (call.responses.length > 0) call.vanish();
    for (const leg of this.#aliveLegs) leg.call.vanish();
  }

  /** As phones do by themselves after a while. */
  async registerAgain(): Promise<void> {
    for (const phone of this.#agentPhones.values()) await phone.register();
  }

  close(): void {
    this.#placeNoMore();
    this.#voices.stop();
    this.#callerPhone?.close();
    for (const phone of this.#agentPhones.values()) phone.close();
  }

  #placeNoMore(): void {
    if (this.#arriving) clearTimeout(this.#arriving);
    this.#arriving = null;
  }

  readonly #hear = (call: Call, payload: Buffer): void => this.#earsOf.get(call)?.hear(payload);

  async #takePhone(id: string, sip: Credentials): Promise<void> {
    const phone = await Phone.register(sip, { sound: null, onPacket: this.#hear });
    this.#agentPhones.set(id, phone);
    let offers = 0;
    phone.behave((call) => {
      const { whim, habit } = this.#whim(chance(this.#options.seed, "agent", id, offers++));
      this.#rung(id, whim, call);
      return habit;
    });
  }

  #rung(agent: string, whim: Whim, call: Call): void {
    const invitedMs = Date.now();
    this.#rungMs = invitedMs;
    const ears = new Ears();
    const caller = call.callerNumber;
    const leg: AgentSide = { agent, caller, whim, call, ears, invitedMs, answeredMs: null, ending: null };
    this.#onOffer(invitedMs);
    this.legs.push(leg);
    this.#earsOf.set(call, ears);
    this.#aliveLegs.add(leg);
    this.#voices.join(call, agent);
    const side = this.#byNumber.get(caller);
    side?.legs.push(leg);
    call.answered(patienceForEndMs).then(
      (at) => {
        leg.answeredMs = at;
        if (side) this.#reached(side);
      },
      () => undefined,
    );
    this.#endings.push(
      call.ended(patienceForEndMs).then((ending) => {
        leg.ending = ending;
        this.#aliveLegs.delete(leg);
        this.#earsOf.delete(call);
      }),
    );
    if (side?.patience === "leaves while it rings")
      setTimeout(() => side.call.hangUp(), chance(this.#options.seed, "ringing", caller)() * 300);
  }

  /** Somebody has picked up: some callers end the conversation themselves. */
  #reached(side: CallerSide): void {
    if (side.patience !== "hangs up") return;
    setTimeout(() => side.call.hangUp(), 50 + chance(this.#options.seed, "talks", side.from)() * 600);
  }

  /** The fewer wait, the longer agents talk: so the number wanted is kept without changing how often people call. */
  #whim(next: () => number): { whim: Whim; habit: Habit } {
    const kind = next();
    const ringMs = Math.floor(next() * 200);
    if (kind < 0.03) return { whim: "declines", habit: { ringMs, answer: 603 } };
    if (kind < 0.06) return { whim: "lets it ring", habit: {} };
    if (kind < 0.09) return { whim: "drops at once", habit: { ringMs, answer: true, talkMs: 0 } };
    if (kind < 0.12) return { whim: "drops soon", habit: { ringMs, answer: true, talkMs: 1 + next() * 100 } };
    return { whim: "talks", habit: { ringMs, answer: true, talkMs: (0.4 + next() * 1.2) * this.#talkMs() } };
  }

  /** In the mean. All agents together serve as many as call when about so many wait as are wanted. */
  #talkMs(): number {
    const { agents, rate, waiting } = this.#options;
    const missing = (waiting - this.waiting) / Math.max(1, waiting);
    return ((1_000 * agents) / rate) * Math.min(3, Math.max(0.3, 1 + 2 * missing));
  }

  async #callOnce(index: number): Promise<void> {
    const next = chance(this.#options.seed, "caller", index);
    const patience = patienceOf(next());
    const from = `0301${String(index).padStart(6, "0")}`;
    const invitedMs = Date.now();
    const call = await this.#callerPhone!.call("115", { from, port: this.#system.sipPort });
    const ears = new Ears();
    const side: CallerSide = {
      from,
      patience,
      call,
      ears,
      invitedMs,
      reachedMs: null,
      answeredMs: null,
      ending: null,
      legs: [],
    };
    this.callers.push(side);
    this.#byNumber.set(from, side);
    this.#alive.add(side);
    this.#earsOf.set(call, ears);
    this.#voices.join(call, from);
    if (patience === "cancels") call.hangUp();
    call.answered(patienceForEndMs).then(
      async (at) => {
        side.answeredMs = at;
        if (patience !== "leaves") return;
        await pause(next() * 8_000);
        call.hangUp();
      },
      () => undefined,
    );
    side.ending = await call.ended(patienceForEndMs);
    side.reachedMs = call.responses[0]?.at ?? null;
    this.#alive.delete(side);
    this.#earsOf.delete(call);
  }

  /** Too many wait: somebody gives up. Not while nobody can be rung, or all would leave at each fault. */
  #thinOut(): void {
    if (Date.now() - this.#rungMs > stillMs) return;
    const over = this.waiting - this.#options.waiting - crowd;
    if (over <= 0) return;
    const rung = new Set([...this.#aliveLegs].map(({ caller }) => caller));
    const idle = [...this.#alive].filter(({ answeredMs, from }) => answeredMs !== null && !rung.has(from));
    const leaver = idle[Math.floor(this.#impatience() * idle.length)];
    if (over > crowd || this.#impatience() < 0.3) leaver?.call.hangUp();
  }
}

export const isTalking = ({ answeredMs, ending }: AgentSide): boolean =>
  answeredMs !== null && ending === null;

function patienceOf(kind: number): Patience {
  if (kind < 0.02) return "cancels";
  if (kind < 0.1) return "leaves";
  if (kind < 0.15) return "leaves while it rings";
  return kind < 0.35 ? "hangs up" : "stays";
}
