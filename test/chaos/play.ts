/** One run: people call on a system that is up, faults happen, and then the record is judged. */
import { setTimeout as pause } from "node:timers/promises";
import { expectNothingLeft } from "../support/clean.ts";
import { poll } from "../support/process.ts";
import type { System } from "../support/system.ts";
import { Faults } from "./faults.ts";
import { judge } from "./judge.ts";
import type { Options } from "./options.ts";
import { People } from "./people.ts";
import { findOvertaken } from "./places.ts";
import { readRecord } from "./record.ts";
import type { Report } from "./report.ts";
import { Soak } from "./soak.ts";

const readyMs = 120_000;

export async function play(
  system: System,
  options: Options,
  say: (line: string) => void,
): Promise<Report & { readonly soak: Soak | null }> {
  const faults: Faults = new Faults(system, options, () => people);
  const people: People = new People(system, options, (atMs) => faults.offered(atMs));
  const soak = options.sampleMs === null ? null : new Soak(system, options.sampleMs, () => people, say);
  const startedMs = performance.now();
  try {
    await people.comeToWork();
    await soak?.start();
    people.startCalling();
    await poll(
      "the queue is as long as wanted",
      readyMs,
      () => people.waiting >= options.waiting || undefined,
      () => `${people.waiting} wait`,
    );
    say(`${people.waiting} wait; the faults begin`);
    if (options.faults.length > 0) await faults.inject();
    else await enoughCalls(people, options);
    await faults.settle();
    await people.stopCalling();
    say("everybody has hung up");
    const leftovers = await leftoversOf(system, people);
    await soak?.end();
    for (const fault of faults.done) faults.timesOf(fault);
    const record = readRecord(system);
    const frozenMs = options.faults.some((kind) => kind.endsWith("freeze")) ? options.freezeMs : 0;
    return {
      seconds: (performance.now() - startedMs) / 1_000,
      faults: faults.done,
      ownDeaths: faults.ownDeaths,
      people,
      record,
      findings: judge(people.callers, people.legs, record, {
        faults: faults.done,
        deaths: faults.deaths,
        options,
      }),
      overtaken: findOvertaken(people.callers, record.rows, frozenMs),
      leftovers: [...leftovers, ...record.leftovers],
      soak,
    };
  } finally {
    soak?.stop();
    faults.stop();
    people.close();
  }
}

async function enoughCalls(people: People, { calls, minutes }: Options): Promise<void> {
  const until = performance.now() + minutes * 60_000;
  while (people.placed < calls && performance.now() < until) await pause(50);
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
