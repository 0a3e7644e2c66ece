/**
 * Real calls on a real system, while it is harmed: see scripts/chaos. Ends with 1 when a rule was broken; then the home is kept.
 */
import { expectNothingLeft } from "../support/clean.ts";
import { poll } from "../support/process.ts";
import { System } from "../support/system.ts";
import { Faults } from "./faults.ts";
import { judge } from "./judge.ts";
import { type Options, readOptions, usage } from "./options.ts";
import { People } from "./people.ts";
import { findOvertaken } from "./places.ts";
import { readRecord } from "./record.ts";
import { printReport, type Report } from "./report.ts";

const readyMs = 120_000;

async function main(): Promise<number> {
  if (process.argv.includes("--help")) {
    console.log(usage);
    return 0;
  }
  const options = readOptions(process.argv.slice(2));
  const system = new System();
  let clean = false;
  try {
    await system.up();
    const report = await play(system, options);
    clean = printReport(report, options);
    return clean ? 0 : 1;
  } finally {
    await system.remove(!clean);
  }
}

async function play(system: System, options: Options): Promise<Report> {
  const faults: Faults = new Faults(system, options, () => people);
  const people: People = new People(system, options, (atMs) => faults.offered(atMs));
  const startedMs = performance.now();
  try {
    await people.comeToWork();
    people.startCalling();
    await poll(
      "the queue is as long as wanted",
      readyMs,
      () => people.waiting >= options.waiting || undefined,
    );
    console.error(`${people.waiting} wait; the faults begin`);
    await faults.inject();
    await people.stopCalling();
    console.error("everybody has hung up");
    const leftovers = await leftoversOf(system, people);
    const record = readRecord(system);
    const findings = judge(people.callers, people.legs, record, faults.done);
    return {
      seconds: (performance.now() - startedMs) / 1_000,
      faults: faults.done,
      people,
      record,
      findings,
      overtaken: findOvertaken(people.callers, people.legs),
      leftovers: [...leftovers, ...record.leftovers],
    };
  } finally {
    faults.stop();
    people.close();
  }
}

/** What is still there when everybody has hung up: calls, agents who cannot be rung, channels and bridges. */
async function leftoversOf(system: System, people: People): Promise<string[]> {
  const left: string[] = [];
  const note = (error: Error) => void left.push(error.message.slice(0, 2_000));
  await system.waitFor("all calls are over", ({ calls }) => calls.length === 0, 20_000).catch(note);
  let stuck: string[] = [];
  const free = async () => {
    const agents = (await system.api.agents()).filter(({ id }) => people.agentIds.includes(id));
    // A reason: just now not rung, since the phone has declined.
    stuck = agents
      .filter(({ state, reason }) => state !== "ready" || reason !== null)
      .map((agent) => JSON.stringify(agent));
    return stuck.length === 0 || undefined;
  };
  await poll("all agents are free", 40_000, free).catch(() =>
    left.push(...stuck.map((one) => `agent stuck: ${one}`)),
  );
  await expectNothingLeft(system).catch(note);
  return left;
}

// Not by itself: phones wait on for what nobody will do any more.
process.exit(await main());
