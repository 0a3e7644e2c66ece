import type { DoctorFacts } from "../../api/doctor.ts";
import { type Finding, good, problem, someOf, unknown, warning } from "./finding.ts";

/** Checks of what the daemon has told. */

export function checkVersion({ version, pid }: DoctorFacts, onDisk: string): Finding {
  if (version === onDisk) return good("daemon", `runs, version ${version}, pid ${pid}`);
  return warning(
    "daemon",
    `version ${version} runs, but the program on disk is ${onDisk}`,
    "run scripts/up; it restarts the daemon, calls go on",
  );
}

/** The first 22.10 with its security fixes. */
const asteriskMin = [22, 10, 1] as const;

export function checkAsterisk({ pbx }: DoctorFacts): Finding {
  if (!pbx.connected)
    return problem(
      "asterisk",
      "the daemon has no connection to Asterisk: no call can be taken",
      "see log/asterisk/current and log/daemon/current; scripts/up starts what is down",
    );
  const { version } = pbx;
  const numbers = /^(\d+)\.(\d+)\.(\d+)/
    .exec(version ?? "")
    ?.slice(1)
    .map(Number);
  if (!numbers)
    return unknown(
      "asterisk",
      `reachable; its version "${version ?? "?"}" is not a release's`,
      versionAdvice,
    );
  const differs = numbers.findIndex((number, i) => number !== asteriskMin[i]);
  if (differs >= 0 && numbers[differs]! < asteriskMin[differs]!)
    return problem("asterisk", `version ${version} is too old and has known holes`, versionAdvice);
  return good("asterisk", `reachable, version ${version}`);
}

const versionAdvice = `version ${asteriskMin.join(".")} or newer is needed; scripts/asterisk-rootfs makes one`;

export function checkManager({ pbx }: DoctorFacts): Finding {
  if (!pbx.connected || pbx.amiConnected)
    return good("manager", pbx.amiConnected ? "connected (AMI)" : "not needed now");
  return warning(
    "manager",
    "the daemon has no connection to Asterisk's manager (AMI): failed logins are not logged, and a removed phone stays registered",
    "see log/daemon/current for the reason; scripts/up renews its password and its port",
  );
}

/** `needed`: those that modules.conf loads. */
export function checkModules({ pbx }: DoctorFacts, needed: readonly string[]): Finding {
  const { modules } = pbx;
  if (modules === null)
    return unknown("modules", "Asterisk cannot be asked for its modules", "first let it run");
  const missing = needed.filter((name) => !modules.includes(name));
  if (missing.length === 0) return good("modules", `all ${needed.length} that are needed run`);
  return problem(
    "modules",
    `${missing.length} of Asterisk's modules do not run: ${someOf(missing)}`,
    "see log/asterisk/current for why they were not loaded; scripts/down --drain, then scripts/up",
  );
}

/** `sendTo`: host and port of the trunk in hotline.yaml; null: there is none. */
export function checkTrunk({ pbx }: DoctorFacts, sendTo: string | null): Finding {
  const { trunk } = pbx;
  if (sendTo === null)
    return warning(
      "trunk",
      "there is none: no calls from citizens, and none to outside",
      "set trunk in hotline.yaml, then scripts/up",
    );
  if (trunk === null) return unknown("trunk", "Asterisk cannot be asked for the trunk", "first let it run");
  const to = `calls to outside go to ${sendTo}`;
  if (trunk === "online") return good("trunk", to);
  const advice = "check trunk in hotline.yaml, then scripts/up; then the provider and the firewall";
  if (trunk === "none")
    return problem("trunk", `Asterisk does not know it, though hotline.yaml has one`, advice);
  return problem("trunk", `${to}, and Asterisk calls it ${trunk}`, advice);
}

export function checkPhones({ phones }: DoctorFacts): Finding {
  if (phones.length === 0)
    return warning(
      "phones",
      "there are no agents yet",
      "hotline agent add --help; many at once: hotline agent import --help",
    );
  const there = phones.filter(({ phone }) => phone === "reachable" || phone === "in_use");
  const lost = phones.filter(({ phone, loggedIn }) => loggedIn && phone === "unreachable");
  const unclear = phones.filter(({ phone }) => phone === "unknown");
  const count = `${there.length} of ${phones.length} registered and reachable`;
  const names = (list: typeof phones) => someOf(list.map(({ agent }) => agent));
  if (lost.length > 0)
    return warning(
      "phones",
      `${count}; logged in, but not reachable: ${names(lost)}`,
      "check the phone's user name, password, server and port: hotline agent show ID --show-secret; hotline help phones",
    );
  if (unclear.length > 0)
    return warning(
      "phones",
      `${count}; not known yet: ${names(unclear)}`,
      "just after a start: ask again in half a minute",
    );
  if (there.length === 0) return warning("phones", count, "set up a phone: hotline help phones");
  return good("phones", count);
}

export function checkSounds({ hotlines }: DoctorFacts): Finding {
  const all = hotlines.reduce((sum, { sounds }) => sum + sounds, 0);
  const lacking = (list: DoctorFacts["hotlines"]) =>
    list.flatMap(({ id, soundsMissing }) => soundsMissing.map((name) => `${id}/${name}`));
  const lost = lacking(hotlines.filter(({ soundsUnderWay }) => !soundsUnderWay));
  const coming = lacking(hotlines.filter(({ soundsUnderWay }) => soundsUnderWay));
  if (lost.length > 0)
    return problem(
      "sounds",
      `${lost.length} of ${all} announcements are missing, empty or not in all formats: ${someOf(lost)}. Callers hear something more general`,
      "import recordings again (hotline help announcements); spoken ones are made anew when the daemon starts: sv restart HOME/service/daemon. Why it failed: hotline status",
    );
  if (coming.length > 0)
    return warning(
      "sounds",
      `${coming.length} of ${all} announcements are still being made: ${someOf(coming)}`,
      "just after a start or a change: ask again in a minute",
    );
  return good("sounds", `all ${all} announcements are there in all formats`);
}

export function checkZones({ hotlines }: DoctorFacts): Finding {
  const wrong = hotlines.filter(({ timeZone }) => !isZone(timeZone));
  if (wrong.length > 0)
    return problem(
      "zones",
      `no such time zone: ${someOf(wrong.map(({ id, timeZone }) => `${timeZone} (${id})`))}; its opening hours cannot be right`,
      "a zone is named like Europe/Berlin",
    );
  const zones = [...new Set(hotlines.map(({ timeZone }) => timeZone))];
  return good(
    "zones",
    zones.length === 0 ? "there is no hotline yet" : `opening hours are in ${zones.join(", ")}`,
  );
}

/**
 * A hint and nothing that is wrong: many machines are on UTC on purpose. `machineZone`: the machine's own, where this is
 * read.
 */
export function checkMachineZone({ hotlines }: DoctorFacts, machineZone: string, now: Date): Finding {
  const others = [...new Set(hotlines.map(({ timeZone }) => timeZone))].filter(
    (zone) => isZone(zone) && !isSameClock(zone, machineZone, now),
  );
  const own = `the machine's clock is in ${machineZone}`;
  if (others.length === 0)
    return good("clock zone", hotlines.length === 0 ? own : `${own}, as opening hours are`);
  return good(
    "clock zone",
    `${own}, opening hours are in ${others.join(", ")} and are kept; but Asterisk's log and \`hotline watch\` show the machine's time (to have one: timedatectl set-timezone ${others[0]})`,
  );
}

/** Zones of another name may have the same time, in summer and in winter. */
function isSameClock(one: string, other: string, now: Date): boolean {
  const halfYearMs = 183 * 86_400_000;
  const clock = (timeZone: string, at: number) =>
    new Intl.DateTimeFormat("en", { timeZone, dateStyle: "short", timeStyle: "short" }).format(at);
  return [now.getTime(), now.getTime() + halfYearMs].every((at) => clock(one, at) === clock(other, at));
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** A moment's writing is always under way somewhere. */
const backlogMax = 1_000;

export function checkDatabase({ store }: DoctorFacts): Finding {
  const { damage, tables, tablesChecked, backlog } = store;
  if (damage.length > 0)
    return problem(
      "database",
      `it is damaged: ${damage.join("; ")}`,
      "copy hotline.db away with all that begins with that name, then restore the last backup; check the disk (dmesg, smartctl)",
    );
  if (backlog > backlogMax)
    return problem(
      "database",
      `${backlog} changes are not on disk`,
      "is the disk full or very slow? They are lost if the daemon ends now; see log/daemon/current",
    );
  if (tablesChecked < tables)
    return unknown(
      "database",
      `no damage in the ${tablesChecked} of ${tables} tables that there was time for`,
      "for all of it, at a quiet time: sqlite3 HOME/hotline.db 'PRAGMA quick_check'",
    );
  return good("database", `no damage in ${tables} tables`);
}

const backupAgeMaxDays = 8;

/** The daemon's own copies lie on the same disk. */
export function checkBackup({ store }: DoctorFacts, nowMs: number): Finding {
  const { lastBackup, lastCopy } = store;
  const copies = lastCopy === null ? "" : `; the daemon's own last copy is of ${lastCopy}`;
  const advice = "hotline backup FILE, from cron, onto another machine: hotline help backup";
  if (lastBackup === null) return warning("backup", `none was ever taken${copies}`, advice);
  const days = Math.floor((nowMs - Date.parse(lastBackup)) / 86_400_000);
  const what = `the last one is of ${lastBackup}${copies}`;
  return days > backupAgeMaxDays
    ? warning("backup", `${what}: ${days} days old`, advice)
    : good("backup", what);
}

export function checkAlarms({ alarms }: DoctorFacts): Finding[] {
  return alarms.map(({ code, message }) =>
    problem("alarm", `${message} (${code})`, "see hotline status and log/daemon/current"),
  );
}
