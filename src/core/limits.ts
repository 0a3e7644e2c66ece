import { seconds } from "./time.ts";

/** No sign of life from a phone in this time after it was rung: it cannot be reached. */
export const provisionalAnswerMs = seconds(4);
/** From picking up until both are in the bridge. The adapter gives up earlier; this is the belt to its braces. */
export const connectTimeoutMs = seconds(10);
/** While Asterisk is away, the deadline of an offer comes up again after this. */
export const putOffMs = seconds(1);
/** While Asterisk is away, a periodic announcement comes up again after this. */
export const announcementPutOffMs = seconds(5);
/** After a hang-up was ordered, its end must be confirmed; else Asterisk is asked what is true. */
export const confirmTimeoutMs = seconds(5);
/** No announcement is longer; after this the caller is let go even if its end was never reported. */
export const announcementTimeoutMs = seconds(120);
/** After a restart: what is left of a farewell whose end may have been missed. Most are far shorter. */
export const farewellLeftMs = seconds(30);
/** Nobody there for this long: waiting callers are told. */
export const unstaffedGraceMs = seconds(60);
/** How long an agent is left alone after the phone said no. */
export const declinedRestMs = seconds(10);
/** Not the agent's doing; only so long that a fault is not repeated at full speed. */
export const failedRestMs = seconds(2);
export const busyRestMs = { first: seconds(10), longest: seconds(300) };
export const unreachableRestMs = { first: seconds(30), longest: seconds(120) };
/** A number outside is rung this long before the next overflow step is tried. */
export const forwardRingMs = seconds(45);
/** Of so many conversations the expected wait is made, and of no fewer than `handlingNeeded`. */
export const handlingKept = 20;
export const handlingNeeded = 5;
