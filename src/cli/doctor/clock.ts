import { type Finding, good, unknown, warning } from "./finding.ts";

/** Output of a command, or null when there is no such command or it failed. */
export type Run = (command: string, args: readonly string[]) => string | null;

/** Opening hours and the record need the right time. */
export function checkTime(run: Run, inContainer: boolean): Finding {
  const advice = "install chrony or switch on systemd-timesyncd: timedatectl set-ntp true";
  const said = run("timedatectl", ["show", "--property=NTPSynchronized", "--value"])?.trim();
  if (said === "yes") return good("time", "synchronised (timedatectl)");
  const chrony = /^Leap status\s*:\s*(.*)$/m.exec(run("chronyc", ["-n", "tracking"]) ?? "")?.[1];
  if (chrony !== undefined)
    return chrony === "Normal"
      ? good("time", "synchronised (chrony)")
      : warning("time", `not synchronised (chrony: ${chrony})`, "see: chronyc sources");
  if (inContainer)
    return unknown("time", "in a container this cannot be told", "look on the machine itself: timedatectl");
  if (said === "no") return warning("time", "the clock is not synchronised", advice);
  return unknown("time", "neither timedatectl nor chronyc can say whether the clock is right", advice);
}

/** `version` as in 2026c; the rules of clock changes come with Node. */
export function checkTimeZoneData(version: string | undefined, now: Date): Finding {
  const year = Number(/^(\d{4})[a-z]/.exec(version ?? "")?.[1]);
  if (!year)
    return unknown("tzdata", `the version of the time zone data is unknown: ${version}`, "update Node");
  if (now.getUTCFullYear() - year < 2) return good("tzdata", `time zone data of ${version}`);
  return warning(
    "tzdata",
    `the time zone data is of ${version}; later changes of clock rules are not known`,
    "update the program: its Node brings newer data",
  );
}
