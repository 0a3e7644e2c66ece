import type { Target, Today } from "../api/today.ts";

/** Key figures as people read them. */

/** How they are worked out; stands wherever they are shown. */
export const formulas = `Today's figures count calls that arrived since midnight, once somebody talks to the caller or the call ends:
  offered    all calls but those outside the opening hours
  reach      answered ÷ offered
  SL 75/30   answered within 30 s ÷ (offered − short); short: gave up at once
  ASA        mean wait of answered calls`;

/** `12 offered, 9 answered, 2 abandoned, 1 short, 0 other, reach 75.0%, SL 75/30 66.6%, ASA 0:12` */
export function todayText(today: Today, { percent, withinMs }: Target): string {
  const asa = today.asaMs === null ? "-" : timeText(today.asaMs);
  return (
    `${today.offered} offered, ${today.answered} answered, ${today.abandoned} abandoned, ${today.abandonedShort} short, ` +
    `${today.otherwise} other, reach ${percentText(today.reachability)}, ` +
    `SL ${percent}/${withinMs / 1000} ${percentText(today.serviceLevel)}, ASA ${asa}`
  );
}

export const percentText = (share: number | null): string =>
  // Rounded down: 100 % means all of them.
  share === null ? "-" : `${(Math.floor(share * 1000 + 1e-9) / 10).toFixed(1)}%`;

/** `0:07`, `12:40`, `1:02:07` */
export function timeText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (number: number) => String(number).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
