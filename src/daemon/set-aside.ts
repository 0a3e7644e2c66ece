import { join } from "node:path";
import type { Logger } from "pino";
import type { Call } from "../core/calls.ts";
import type { StartPlan } from "../core/crash-loop.ts";
import type { SetAside } from "../core/events.ts";
import type { CallId } from "../core/ids.ts";
import type { Loaded } from "../store/types.ts";
import type { CrashGuard } from "./crash-guard.ts";
import { writeReport } from "./faults.ts";
import type { House } from "./house.ts";

const dayMs = 86_400_000;

/** What a start takes over, and what it does not. */
export type Sorted = { readonly loaded: Loaded; readonly setAside: readonly SetAside[] };

/**
 * Leaves out the live calls that cannot be used, and those that a start after several crashes does without. Who talks goes on talking:
 * with an agent that is found in Asterisk again, and a conversation with somebody outside is never left out, since only the
 * record knows the number.
 */
export function sortOut(loaded: Loaded, plan: StartPlan): Sorted {
  const broken = loaded.brokenCalls.map(
    ({ id, text, why }): SetAside => ({
      call: id,
      row: null,
      record: /"result":/.test(text) ? "decided" : "open",
      caller: isToGo(id, plan) ? "to_fallback" : "taken_anew",
      why: `what is on record of this call cannot be used: ${why}`,
    }),
  );
  const suspects = loaded.calls
    .filter((call) => isSuspect(call, plan))
    .map((row): SetAside => {
      const record = row.phase.kind === "ended" ? "decided" : "open";
      return { call: row.id, row, record, caller: callerOf(row, plan), why };
    });
  const out = new Set<CallId>(suspects.map(({ call }) => call));
  return {
    loaded: { ...loaded, calls: loaded.calls.filter(({ id }) => !out.has(id)) },
    setAside: [...broken, ...suspects, ...strangers(loaded, plan)],
  };
}

const why = "the daemon died again and again";

function isSuspect({ id, phase }: Call, plan: StartPlan): boolean {
  if (phase.kind === "forwarded") return false;
  switch (plan.kind) {
    case "as_usual":
      return false;
    case "without":
      return id === plan.call;
    default:
      return phase.kind !== "connected";
  }
}

function callerOf({ phase }: Call, plan: StartPlan): SetAside["caller"] {
  if (phase.kind === "connected" || plan.kind === "taken_anew") return "taken_anew";
  return "to_fallback";
}

const isToGo = (id: CallId, plan: StartPlan): boolean =>
  plan.kind === "to_fallback" || (plan.kind === "without" && plan.call === id);

/** The daemon may have died before anything of a call was written. */
function strangers({ calls, brokenCalls }: Loaded, plan: StartPlan): SetAside[] {
  if (plan.kind !== "without") return [];
  const isKnown = [...calls, ...brokenCalls].some(({ id }) => id === plan.call);
  if (isKnown) return [];
  return [{ call: plan.call, row: null, record: "none", caller: "to_fallback", why }];
}

/** Tells the log, the bug report and the sysadmin of what a start does without, and the core of each call. */
export function tellSetAside(
  { setAside }: Sorted,
  { brokenCalls }: Loaded,
  guard: CrashGuard,
  house: Pick<House, "alarms" | "loop">,
  logs: string,
  log: Logger,
): void {
  const { alarms, loop } = house;
  for (const aside of setAside) loop.submit({ type: "call_set_aside", ...aside });
  const report =
    setAside.length > 0 || guard.plan.kind !== "as_usual"
      ? writeReport(join(logs, "faults"), log, {
          plan: guard.plan,
          death: guard.death,
          setAside,
          brokenCalls,
        })
      : null;
  if (brokenCalls.length > 0)
    alarms.raise(
      "live_calls",
      `What the database has of ${brokenCalls.length} live call(s) cannot be used (${brokenCalls[0]?.why}). They were set aside; who is ` +
        `still there is served as if calling just now. Look for damage with \`hotline doctor\`, and send ${report} to whoever ` +
        "looks after this program. This alarm ends with the next start.",
    );
  if (guard.plan.kind !== "as_usual") guard.tellForADay(crashMessage(guard, setAside, report));
  raiseForADay(guard, house);
}

function crashMessage(
  { plan, death }: CrashGuard,
  setAside: readonly SetAside[],
  report: string | null,
): string {
  const calls = setAside
    .map(({ call }) => call)
    .slice(0, 5)
    .join(", ");
  const done = {
    as_usual: "",
    without: `It was started without the call ${calls}: that caller was given to the fallback unless in a conversation, everybody else's call goes on.`,
    taken_anew: `It was started without what was on record of the ${setAside.length} call(s) that were not in a conversation; those callers were taken in anew, with their time of arrival.`,
    to_fallback: `The ${setAside.length} caller(s) who were not in a conversation were given to the fallback; conversations go on.`,
  }[plan.kind];
  return (
    `The daemon died three times within a minute (the last time: ${death?.how ?? "not known"}). ${done} This is a bug: send ` +
    `${report} and log/daemon/current to whoever looks after this program. Shown for a day.`
  );
}

/** Also after further starts. */
function raiseForADay(guard: CrashGuard, { alarms }: Pick<House, "alarms">): void {
  const { told } = guard;
  if (!told) return;
  const leftMs = told.atMs + dayMs - Date.now();
  if (leftMs <= 0) return;
  alarms.raise("crash_loop", told.message);
  setTimeout(() => alarms.clear("crash_loop"), Math.min(leftMs, dayMs)).unref();
}
