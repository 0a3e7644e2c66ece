import { parseArgs } from "node:util";

export const faultKinds = [
  "daemon-kill",
  "daemon-freeze",
  "asterisk-kill",
  "asterisk-freeze",
  "ari-cut",
  "ami-cut",
  "disk-full",
  "db-lock",
  "disk-slow",
] as const;
export type FaultKind = (typeof faultKinds)[number];
/** Those of the store last a while, and calls go on meanwhile. */
const storeFaults = ["disk-full", "db-lock", "disk-slow"] as const satisfies FaultKind[];
export type StoreFault = (typeof storeFaults)[number];
export const isStoreFault = (kind: FaultKind): kind is StoreFault => storeFaults.some((one) => one === kind);

export interface Options {
  readonly seed: number;
  /** Then calls are let end, whatever has happened; so with `count` and `calls`. Infinity: no bound. */
  readonly minutes: number;
  /** So many faults, each of the kinds in its turn. Infinity: which one is drawn from the seed. */
  readonly count: number;
  /** So many calls. */
  readonly calls: number;
  /** What may happen. */
  readonly faults: readonly FaultKind[];
  /** Between two faults, in the mean. */
  readonly everyMs: number;
  /** How long a freeze lasts. */
  readonly freezeMs: number;
  /** How long the disk is full or slow, or the database locked. */
  readonly storeMs: number;
  /** Calls a second. */
  readonly rate: number;
  /** Callers who wait, about so many. */
  readonly waiting: number;
  readonly agents: number;
  /** How often it is looked what the processes hold on to; null: not at all. */
  readonly sampleMs: number | null;
}

export const usage = `scripts/chaos --seed 1 --minutes 1 --faults daemon-kill,...
  --faults LIST     of ${faultKinds.join(", ")}
                    (default: daemon-kill; "none": none; disk-full takes root, for a disk of the home's own)
  --count N         so many faults, the kinds in turn; then calls are let end
  --calls N         so many calls; then they are let end
  --minutes N       the same after so long (default: 1, or no bound with --count or --calls)
  --every SECONDS   between two faults, in the mean (default 4)
  --freeze SECONDS  how long a freeze lasts (default 20; less than 8 need not be noticed by anybody)
  --store SECONDS   how long the disk is full or slow, or the database locked (default 10)
  --rate N          calls a second (default 10)
  --waiting N       callers who wait, about so many (default 60)
  --agents N        (default 20)
  --sample SECONDS  memory, open files, channels and rows, so often (default 10 with --faults none, else never)`;

/** From being frozen to being noticed. */
const leastFreezeSeconds = 8;
/** From the harm to the alarm, and somebody is served. */
const leastStoreSeconds = 2;

/** Throws an Error with one line for people. */
export function readOptions(argv: readonly string[]): Options {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: [...argv],
    options: {
      seed: text,
      minutes: text,
      count: text,
      calls: text,
      faults: text,
      every: text,
      freeze: text,
      store: text,
      rate: text,
      waiting: text,
      agents: text,
      sample: text,
    },
  });
  const number = (name: keyof typeof values, otherwise: number, least = 0): number => {
    const value = Number(values[name] ?? otherwise);
    if (!(value >= least))
      throw new Error(`--${name} must be a number, ${least} or more, not "${values[name]}"`);
    return value;
  };
  const names = (values.faults ?? "daemon-kill").split(",").filter((name) => name !== "none");
  const wrong = names.find((name) => !faultKinds.some((kind) => kind === name));
  if (wrong !== undefined)
    throw new Error(`--faults: there is no "${wrong}"; allowed: ${faultKinds.join(", ")}, none`);
  const isBounded = values.count !== undefined || values.calls !== undefined;
  const sampleSeconds = number("sample", names.length === 0 ? 10 : 0);
  return {
    seed: number("seed", 1),
    minutes: number("minutes", isBounded ? Number.POSITIVE_INFINITY : 1),
    count: number("count", Number.POSITIVE_INFINITY),
    calls: number("calls", Number.POSITIVE_INFINITY),
    faults: faultKinds.filter((kind) => names.includes(kind)),
    everyMs: number("every", 4) * 1_000,
    freezeMs: number("freeze", 20, leastFreezeSeconds) * 1_000,
    storeMs: number("store", 10, leastStoreSeconds) * 1_000,
    rate: number("rate", 10),
    waiting: number("waiting", 60),
    agents: number("agents", 20),
    sampleMs: sampleSeconds === 0 ? null : sampleSeconds * 1_000,
  };
}
