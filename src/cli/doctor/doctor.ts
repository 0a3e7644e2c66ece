import { join } from "node:path";
import type { DoctorFacts } from "../../api/doctor.ts";
import { type Config, ConfigError, loadConfig } from "../../config/load.ts";
import { type HomePaths, homePaths } from "../../config/paths.ts";
import { programVersion } from "../../config/version.ts";
import { CliError } from "../errors.ts";
import { findPortTrouble } from "../ports.ts";
import { machineZone } from "../times.ts";
import { checkCertificate, lookAtCertificate } from "./certificate.ts";
import { checkTime, checkTimeZoneData } from "./clock.ts";
import { checkDisk } from "./disk.ts";
import { checkFiles, checkUsers } from "./files.ts";
import { type Finding, good, problem } from "./finding.ts";
import * as machine from "./machine.ts";
import { checkBound, checkRtpRange } from "./ports.ts";
import * as told from "./told.ts";

/** All checks of one home, the daemon first. `askDaemon` throws a CliError when it cannot be asked. */
export async function examineHome(home: string, askDaemon: () => Promise<DoctorFacts>): Promise<Finding[]> {
  const paths = homePaths(home);
  const processes = machine.runningProcesses(paths);
  const config = await readConfig(home);
  const facts = await askDaemon().catch((error: unknown) => {
    if (error instanceof CliError) return error;
    throw error;
  });
  const settings = config instanceof ConfigError ? null : config;
  return [
    ...(facts instanceof CliError ? checkSilence(facts, processes) : checkTold(facts, settings)),
    ...(config instanceof ConfigError
      ? [checkMistakes(config)]
      : [good("config", `${paths.configFile} is right`)]),
    ...(settings ? await checkPorts(settings, processes) : []),
    ...(settings ? await checkTls(settings, processes) : []),
    ...checkMachine(paths, processes, settings?.sip.tls?.certificate ?? null),
  ];
}

async function readConfig(home: string): Promise<Config | ConfigError> {
  try {
    return await loadConfig(home);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}

function checkTold(facts: DoctorFacts, config: Config | null): Finding[] {
  const to = config?.trunk?.sendTo;
  const trunk = to ? `${to.host}:${to.port}` : null;
  return [
    told.checkVersion(facts, programVersion()),
    told.checkAsterisk(facts),
    told.checkManager(facts),
    told.checkModules(facts, machine.neededModules()),
    ...(config ? [told.checkTrunk(facts, trunk)] : []),
    told.checkPhones(facts),
    told.checkSounds(facts),
    told.checkZones(facts),
    told.checkMachineZone(facts, machineZone(), new Date()),
    told.checkDatabase(facts),
    told.checkBackup(facts, Date.now()),
    ...told.checkAlarms(facts),
  ];
}

/** The daemon does not answer, or is too old to. */
function checkSilence(error: CliError, processes: readonly machine.Process[]): Finding[] {
  const daemon = processes.find(({ name }) => name === "daemon");
  const asterisk = processes.find(({ name }) => name === "Asterisk");
  const { code } = (error.cause ?? {}) as NodeJS.ErrnoException;
  if (code === "EACCES" || code === "EPERM")
    return [problem("daemon", error.message, "then ask again; below is what this user can see")];
  return [
    daemon
      ? problem(
          "daemon",
          `its process runs (pid ${daemon.pid}), but cannot be asked: ${error.message}`,
          "scripts/up restarts one that is older than the program; then log/daemon/current",
        )
      : problem(
          "daemon",
          error.message,
          "scripts/up starts what is down; why it ended stands in log/daemon/current. Below is what can be checked without it",
        ),
    asterisk
      ? good("asterisk", `its process runs (pid ${asterisk.pid}): conversations go on`)
      : problem("asterisk", "it does not run: no call can be taken", "scripts/up; then log/asterisk/current"),
  ];
}

function checkMistakes({ file, problems }: ConfigError): Finding {
  const [first] = problems;
  const what = `${file}: ${first?.path ?? ""} ${first?.message ?? ""}`.replace(/\s+/g, " ");
  return problem(
    "config",
    problems.length > 1 ? `${what} (and ${problems.length - 1} more)` : what,
    "hotline config check",
  );
}

async function checkPorts(config: Config, processes: readonly machine.Process[]): Promise<Finding[]> {
  const range = checkRtpRange(config.rtp, config.calls.maxAtOnce);
  if (processes.some(({ name }) => name === "Asterisk"))
    return [
      ...checkBound(
        {
          bind: config.bind,
          sip: config.sip.port,
          ari: config.ari.port,
          ami: config.ami.port,
          http: config.http.port,
          rtp: config.rtp,
        },
        machine.listeners(),
        machine.socketsOf(processes),
      ),
      ...range,
    ];
  const trouble = await findPortTrouble(config);
  if (trouble.length === 0) return [good("ports", "all that are needed are free"), ...range];
  return [...trouble.map((line) => problem("ports", line, "then scripts/up")), ...range];
}

async function checkTls(config: Config, processes: readonly machine.Process[]): Promise<Finding[]> {
  const facts = await lookAtCertificate(
    config,
    processes.some(({ name }) => name === "Asterisk"),
  );
  return facts === null ? [] : checkCertificate(facts, new Date());
}

/** `certificate`: is shown to everybody anyway. */
function checkMachine(
  paths: HomePaths,
  processes: readonly machine.Process[],
  certificate: string | null,
): Finding[] {
  const { files: all, unseen } = machine.filesOf(paths.home);
  const files = all.filter(
    ({ path, mode }) => join(paths.home, path) !== certificate || (mode & 0o002) !== 0,
  );
  return [
    ...checkDisk(machine.diskOf(paths), paths.home),
    checkTime(machine.runCommand, machine.isContainer()),
    checkTimeZoneData(process.versions.tz, new Date()),
    ...checkFiles(files, unseen),
    ...checkUsers(processes),
  ];
}
