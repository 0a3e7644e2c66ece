import type { Status } from "../api/schemas.ts";

/** What a call is about at present, in a word or two. */
export const phaseNames: Readonly<Record<Status["calls"][number]["phase"], string>> = {
  listening: "hears the greeting",
  waiting: "waiting",
  offering: "ringing",
  connected: "talking",
  forwarding: "being forwarded",
  forwarded: "forwarded",
  away: "in Asterisk's fallback",
  ended: "ending",
};
