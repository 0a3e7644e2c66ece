import type { CallView } from "../api/schemas.ts";
import { countText, facts, lengthText, paint } from "./text.ts";
import { clockText, dayText } from "./times.ts";

type CallEvent = NonNullable<CallView["events"]>[number];
type Detail = CallEvent["detail"];

/** A call's story in plain English, a line for each event. `zone` is where the clock on the wall hangs. */
export function describeCall(call: CallView, zone: string): string {
  const from = call.from ?? "an anonymous caller";
  const head = `${paint("bold", `Call ${call.id}`)} from ${from}, ${dayText(call.arrivedAt, zone)} (times of ${zone})`;
  const events = call.events ?? [];
  const lines = events.map((event) => {
    const sinceMs = Date.parse(event.at) - Date.parse(call.arrivedAt);
    const offset = `${sinceMs < 0 ? "-" : "+"}${(Math.abs(sinceMs) / 1000).toFixed(1)} s`.padStart(9);
    return `${clockText(event.at, zone)} ${offset}  ${tellEvent(event, call)}`;
  });
  const told = lines.length === 0 ? "No events are recorded." : lines.join("\n");
  return `${head}\n\n${told}\n\n${summary(call)}`;
}

function summary(call: CallView): string {
  const length = (ms: number | null) => (ms === null ? "-" : lengthText(ms));
  return facts([
    ["hotline", call.hotline ?? "-"],
    ...(call.servedBy === null || call.servedBy === call.hotline
      ? []
      : [["served by", call.servedBy] as const]),
    ["outcome", call.outcome === null ? paint("yellow", "in progress") : call.outcome],
    ["ended by", call.endedBy ?? "-"],
    ...(call.reason === null ? [] : [["reason", reasonWords[call.reason] ?? words(call.reason)] as const]),
    call.forwardedTo === null ? ["agent", call.agent ?? "-"] : ["forwarded to", call.forwardedTo],
    ["waited", length(call.waitMs)],
    ["talked", length(call.talkMs)],
  ]);
}

/**
 * The kinds of events come from the daemon's core, which the command line does not know: a kind or a field that is not here
 * is shown as it is.
 */
function tellEvent({ what, detail }: CallEvent, call: CallView): string {
  const agent = text(detail, "agent") ?? "an agent";
  switch (what) {
    case "arrived":
      return tellArrival(detail, call);
    case "admitted": {
      const ahead = number(detail, "waitingAhead") ?? 0;
      return `let in, ${ahead === 0 ? "nobody" : countText(ahead, "caller", "callers")} ahead`;
    }
    case "resumed": {
      const before = number(detail, "waitedBeforeMs");
      return `has the old place back${before === null ? "" : `, as if waiting for ${lengthText(before)} already`}`;
    }
    case "announced":
      return `hears the announcement "${text(detail, "name") ?? "?"}"${tellSpoken(record(detail.spoken))}`;
    case "music":
      return "hears music";
    case "offered":
      return `offered to agent ${agent}`;
    case "ringing":
      return `rang agent ${agent}`;
    case "picked_up":
      return `${agent} picked up`;
    case "offer_ended":
      return tellOfferEnd(agent, text(detail, "result"));
    case "connected": {
      const waitMs = number(detail, "waitMs");
      return `connected with ${agent}${waitMs === null ? "" : ` after ${lengthText(waitMs)}`}`;
    }
    case "not_connected":
      return `could not be connected with ${agent}: ${text(detail, "why") ?? "?"}`;
    case "tier_joined":
      return `one more tier joins: ${countText(number(detail, "tiers") ?? 1, "tier", "tiers")} can be rung now`;
    case "overflow":
      return tellOverflow(text(detail, "because"), text(detail, "action"));
    case "moved":
      return `moved to the hotline ${text(detail, "hotline") ?? "?"}, the waiting time goes along`;
    case "forwarding":
      return `being forwarded to ${text(detail, "number") ?? "a number outside"}`;
    case "forward_failed":
      return `could not be forwarded: ${text(detail, "why") ?? "?"}`;
    case "forwarded": {
      const waitMs = number(detail, "waitMs");
      const after = waitMs === null ? "" : ` after ${lengthText(waitMs)}`;
      return `connected with ${text(detail, "number") ?? "a number outside"}${after}`;
    }
    case "ended":
      return tellEnd(detail, call);
    case "gone":
      return "the line is down";
    case "while_away":
      return `the daemon was away: ${wayWords[text(detail, "reached") ?? ""] ?? "Asterisk had the call"}`;
    case "back":
      return "back from Asterisk's fallback, in the old place";
    case "fault":
      return `fault: ${text(detail, "why") ?? "?"}`;
    default:
      return tellUnknown(what, detail);
  }
}

/** How far a call came without the daemon. */
const wayWords: Readonly<Record<string, string>> = {
  handed_over: "when this ended is known from Asterisk's notes",
  waiting: "waited for it in Asterisk",
  closed: "Asterisk said that the hotline is closed",
  people: "Asterisk's fallback rang agents",
  nobody: "Asterisk's fallback had nobody to ring",
  too_long: "waited in Asterisk's fallback as long as anybody may",
  failed: "Asterisk did not know what to do with the call",
  lost: "Asterisk was killed; when is known only roughly",
};

function tellArrival(detail: Detail, call: CallView): string {
  const number = text(detail, "number");
  const from = text(detail, "from") ?? call.from ?? "an anonymous caller";
  const where = "hotline" in detail && detail.hotline === null ? ", which is no hotline's number" : "";
  return `arrived${number === null ? "" : ` at ${number}`} from ${from}${where}`;
}

function tellOfferEnd(agent: string, result: string | null): string {
  switch (result) {
    case "no_answer":
      return `${agent} did not answer`;
    case "declined":
      return `${agent} declined`;
    case "busy":
      return `${agent}'s phone was busy`;
    case "unreachable":
      return `${agent}'s phone could not be reached`;
    case "cancelled":
      return `${agent}'s phone stopped ringing: the call no longer waits`;
    case "answered_elsewhere":
      return `${agent}'s phone stopped ringing: answered elsewhere`;
    case "failed":
      return `ringing ${agent} failed`;
    default:
      return `${agent} is no longer rung: ${words(result ?? "?")}`;
  }
}

const conditionWords: Record<string, string> = {
  full: "too many are waiting",
  no_agents: "nobody is there",
  all_paused: "all agents are on a break",
  closed: "the hotline is closed",
  waited: "has waited long enough",
};

const actionWords: Record<string, string> = {
  hang_up: "is told so and let go",
  announce: "is told something and stays",
  move: "goes to another hotline",
  forward: "goes to a number outside",
  next_tier: "the next tier joins early",
};

function tellOverflow(because: string | null, action: string | null): string {
  const why = conditionWords[because ?? ""] ?? words(because ?? "?");
  return `overflow, ${why}: ${actionWords[action ?? ""] ?? words(action ?? "?")}`;
}

function tellSpoken(spoken: Detail | null): string {
  if (spoken === null) return "";
  const position = number(spoken, "position");
  const minutes = number(spoken, "minutes");
  if (position !== null) return `: place ${position}`;
  return minutes === null ? "" : `: about ${countText(minutes, "minute", "minutes")}`;
}

/** Why a caller was let go who had been admitted. */
const reasonWords: Record<string, string> = {
  max_wait: "nobody took the call in time",
  closing: "the hotline has closed",
  overflow: "an overflow step said so",
  unstaffed: "nobody was there any more",
  capacity: "more calls than the machine can take",
};

const outcomeWords: Record<string, string> = {
  answered: "answered",
  abandoned: "gave up while waiting",
  abandoned_short: "gave up after a moment",
  closed: "turned away, outside the opening hours",
  closed_holiday: "turned away, a public holiday",
  closed_adhoc: "turned away, closed for now",
  full: "turned away, too many were waiting",
  no_agents: "turned away, nobody was there to answer",
  timed_out: "waited too long",
  forwarded: "forwarded to somebody outside",
  unknown_number: "turned away, no hotline's number",
  failed: "failed",
};

const endedByWords: Record<string, string> = {
  caller: "the caller hung up",
  agent: "the agent hung up",
  hotline: "the hotline hung up",
  pbx_lost: "Asterisk lost the call",
};

function tellEnd(detail: Detail, call: CallView): string {
  const result = record(detail.result) ?? detail;
  const outcome = text(result, "outcome") ?? call.outcome;
  const endedBy = text(result, "endedBy") ?? call.endedBy;
  const how = outcome === null ? "" : `: ${outcomeWords[outcome] ?? words(outcome)}`;
  const reason = text(result, "reason") ?? call.reason;
  const why = reason === null ? "" : `, ${reasonWords[reason] ?? words(reason)}`;
  return `ended${how}${why}${endedBy === null ? "" : ` (${endedByWords[endedBy] ?? words(endedBy)})`}`;
}

function tellUnknown(what: string, detail: Detail): string {
  const fields = Object.entries(detail).map(
    ([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  return [words(what), ...fields].join(", ");
}

function words(name: string): string {
  return name.replaceAll("_", " ");
}

function text(detail: Detail, name: string): string | null {
  const value = detail[name];
  return typeof value === "string" ? value : null;
}

function number(detail: Detail, name: string): number | null {
  const value = detail[name];
  return typeof value === "number" ? value : null;
}

function record(value: unknown): Detail | null {
  return value !== null && typeof value === "object" ? (value as Detail) : null;
}
