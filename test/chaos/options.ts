import { parseArgs } from "node:util";

export const faultKinds = [
  "daemon-kill",
  "daemon-freeze",
  "asterisk-kill",
  "asterisk-freeze",
  "ari-cut",
  "ami-cut",
] as const;
export type FaultKind = (typeof faultKinds)[number];

export interface Options {
  readonly seed: number;
  readonly minutes: number;
  /** So many faults at most; then calls are let end. */
  readonly count: number;
  /** What may happen; which of them happens is drawn from the seed. */
  readonly faults: readonly FaultKind[];
  /** Between two faults, in the mean. */
  readonly everyMs: number;
  /** How long a freeze lasts. */
  readonly freezeMs: number;
  /** Calls a second. */
  readonly rate: number;
  /** Callers who wait, about so many. */
  readonly waiting: number;
  readonly agents: number;
}

export const usage = `scripts/chaos --seed 1 --minutes 1 --faults daemon-kill,...
  --faults LIST     of ${faultKinds.join(", ")} (default: daemon-kill; "none": none)
  --count N         so many faults at most (default: as many as fit into the time)
  --every SECONDS   between two faults, in the mean (default 4)
  --freeze SECONDS  how long a freeze lasts (default 20)
  --rate N          calls a second (default 10)
  --waiting N       callers who wait, about so many (default 60)
  --agents N        (default 20)`;

/** Throws an Error with one line for people. */
export function readOptions(argv: readonly string[]): Options {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: [...argv],
    options: {
      seed: text,
      minutes: text,
      count: text,
      faults: text,
      every: text,
      freeze: text,
      rate: text,
      waiting: text,
      agents: text,
    },
  });
  const number = (name: keyof typeof values, otherwise: number): number => {
    const value = Number(values[name] ?? otherwise);
    if (!(value >= 0)) throw new Error(`--${name} must be a number, not "${values[name]}"`);
    return value;
  };
  const names = (values.faults ?? "daemon-kill").split(",").filter((name) => name !== "none");
  const wrong = names.find((name) => !faultKinds.some((kind) => kind === name));
  if (wrong !== undefined)
    throw new Error(`--faults: there is no "${wrong}"; allowed: ${faultKinds.join(", ")}, none`);
  return {
    seed: number("seed", 1),
    minutes: number("minutes", 1),
    count: number("count", Number.MAX_SAFE_INTEGER),
    faults: faultKinds.filter((kind) => names.includes(kind)),
    everyMs: number("every", 4) * 1_000,
    freezeMs: number("freeze", 20) * 1_000,
    rate: number("rate", 10),
    waiting: number("waiting", 60),
    agents: number("agents", 20),
  };
}
