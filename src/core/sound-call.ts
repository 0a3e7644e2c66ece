import type { Call, CallPhase, Hears } from "./calls.ts";

/*
 * Whether what the record has of a live call can be one. Its own writing is trusted; this is for what a bug, an older version or a
 * disk made of it, so that one bad row cannot keep everybody else from being served.
 */

const phases: Record<CallPhase["kind"], readonly string[]> = {
  listening: ["deadlineMs"],
  waiting: [],
  offering: [],
  connected: [],
  forwarding: ["deadlineMs"],
  forwarded: [],
  away: [],
  ended: ["deadlineMs"],
};
const heard: Record<Hears["kind"], true> = { nothing: true, announcement: true, music: true, agent: true };
const numbers = ["waitingSince", "hereSince", "tiersJoined", "nextPeriodic", "attempts", "playbacks"];
const lists = ["requires", "stepsDone", "tried"];
const dueTimes = ["tierMs", "stepMs", "announcementMs", "ringNextMs"];

/** What is wrong with it, in a few words; null: it is a call. */
export function whyNoCall(id: string, value: unknown): string | null {
  if (!isObject(value)) return "it is no object";
  if (value.id !== id) return "its id is another one";
  const wrong = [
    ...numbers.filter((name) => !isNumber(value[name])),
    ...lists.filter((name) => !Array.isArray(value[name])),
    ...(typeof value.number === "string" ? [] : ["number"]),
    ...["from", "origin", "hotline"].filter((name) => !isTextIfAny(value[name])),
    ...wrongIn(value, "arrivedAt", (at) => ["monotonicMs", "wallMs"].filter((name) => !isNumber(at[name]))),
    ...wrongIn(value, "due", (due) => [
      ...dueTimes.filter((name) => due[name] !== null && !isNumber(due[name])),
      ...(isNumber(due.giveUpMs) ? [] : ["giveUpMs"]),
    ]),
    ...wrongIn(value, "phase", wrongInPhase),
    ...wrongIn(value, "hears", ({ kind }) => (Object.hasOwn(heard, String(kind)) ? [] : ["kind"])),
  ];
  return wrong.length === 0 ? null : `it has no usable ${wrong.join(", ")}`;
}

function wrongInPhase(phase: Record<string, unknown>): string[] {
  const kind = String(phase.kind) as Call["phase"]["kind"];
  if (!Object.hasOwn(phases, kind)) return ["kind"];
  const wrong = phases[kind].filter((name) => !isNumber(phase[name]));
  if (kind === "offering" && !Array.isArray(phase.agents)) wrong.push("agents");
  if (kind === "offering" && !isObject(phase.claim)) wrong.push("claim");
  if (kind === "connected" && typeof phase.agent !== "string") wrong.push("agent");
  if ((kind === "connected" || kind === "forwarded") && !isObject(phase.since)) wrong.push("since");
  return wrong;
}

function wrongIn(
  value: Record<string, unknown>,
  name: string,
  look: (part: Record<string, unknown>) => readonly string[],
): string[] {
  const part = value[name];
  return isObject(part) ? look(part).map((each) => `${name}.${each}`) : [name];
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isTextIfAny = (value: unknown): boolean => (value ?? null) === null || typeof value === "string";

const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);
