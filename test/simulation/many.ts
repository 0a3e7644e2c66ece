import { Worker } from "node:worker_threads";
import type { Counts } from "./outcome.ts";
import { add, type Failure, type Played } from "./seeds.ts";

export type ManySeeds = {
  readonly from: number;
  readonly count: number;
  /** Threads that play side by side. */
  readonly jobs: number;
  /** Told after every block. */
  readonly progress?: (seedsDone: number) => void;
};

export type Many = {
  readonly seeds: number;
  readonly counts: Counts;
  /** The failing seed with the lowest number among those played; null: none failed. */
  readonly failure: Failure | null;
};

const blockLength = 50;

/** Plays many seeds on several threads. After a failure no new blocks begin. */
export async function playMany({ from, count, jobs, progress }: ManySeeds): Promise<Many> {
  const counts: Counts = { steps: 0, orders: 0, calls: 0, kills: 0, restarts: 0 };
  const failures: Failure[] = [];
  let seeds = 0;
  let next = from;
  const workOff = async () => {
    const worker = new Worker(new URL("./worker.ts", import.meta.url));
    while (next < from + count && failures.length === 0) {
      const block = { from: next, count: Math.min(blockLength, from + count - next) };
      next += block.count;
      const played = await answerOf(worker, block);
      seeds += played.seeds;
      add(counts, played.counts);
      if (played.failure) failures.push(played.failure);
      progress?.(seeds);
    }
    worker.postMessage("end");
  };
  await Promise.all(Array.from({ length: jobs }, workOff));
  const [failure = null] = failures.sort((a, b) => a.seed - b.seed);
  return { seeds, counts, failure };
}

function answerOf(worker: Worker, block: unknown): Promise<Played> {
  return new Promise((resolve, reject) => {
    const died = (code: number) => reject(new Error(`A thread of the simulation ended with ${code}`));
    worker.once("error", reject);
    worker.once("exit", died);
    worker.once("message", (played: Played) => {
      worker.off("error", reject);
      worker.off("exit", died);
      resolve(played);
    });
    worker.postMessage(block);
  });
}
