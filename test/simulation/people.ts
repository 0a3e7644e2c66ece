import type { Phone } from "../../src/core/agents.ts";
import type { LegId } from "../../src/core/ids.ts";
import type { Chance } from "./chance.ts";
import type { Temper } from "./moves.ts";

/** How people and their phones treat a call. */

export const obliging: Temper = {
  declines: 0,
  busy: 0,
  unreachable: 0,
  ringsOut: 0,
  dead: 0,
  hangsUpAtOnce: 0,
};

/** Whoever is rung over the trunk. */
export const outside: Temper = {
  declines: 5,
  busy: 10,
  unreachable: 5,
  ringsOut: 15,
  dead: 5,
  hangsUpAtOnce: 5,
};

/** Q.850 cause and SIP code. */
export const refusals: Record<
  "declines" | "busy" | "unreachable",
  readonly (readonly [number, number | null])[]
> = {
  declines: [
    [21, 603],
    [21, 403],
  ],
  busy: [
    [17, 486],
    [17, 600],
  ],
  unreachable: [
    [19, 480],
    [34, 503],
    [1, 404],
    [20, null],
  ],
};

/** `drawn`: from 0 to 100. */
export function mannerOf(drawn: number, temper: Temper, phone: Phone): keyof Temper | "answers" {
  if (phone === "in_use" && drawn < 70) return "busy";
  let upTo = 0;
  for (const manner of ["declines", "busy", "unreachable", "ringsOut", "dead"] as const) {
    upTo += temper[manner];
    if (drawn < upTo) return manner;
  }
  return "answers";
}

/** Mostly soon; now and then about when the phone rings out. */
export function answerTime(chance: Chance, leg: LegId): number {
  return chance.happens(`late answer ${leg}`, 0.1)
    ? chance.between(`answers ${leg}`, 9_500, 21_000)
    : chance.between(`answers ${leg}`, 100, 6_000);
}
