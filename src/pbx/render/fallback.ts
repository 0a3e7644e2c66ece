import { file, name, section } from "./text.ts";

/** What the dialplan must know of a hotline to go on without the daemon. */
export type FallbackHotline = {
  readonly id: string;
  readonly name: string;
  /** As they are dialled. */
  readonly numbers: readonly string[];
  /** When it is open, in seconds since 1970, half-open, earliest first. */
  readonly open: readonly { readonly fromSeconds: number; readonly toSeconds: number }[];
  /** From then on nothing is known. */
  readonly knownUntilSeconds: number;
  /** What callers hear when it is closed: the path of a sound, without an ending. */
  readonly closedSound: string;
  /** All phones at once, or one after the other. */
  readonly ring: "all" | "in turn";
  /** Who is logged in and not paused; tier 1 is rung first. */
  readonly phones: readonly { readonly endpoint: string; readonly tier: number }[];
};

/**
 * The text of `rendered/extensions_fallback.conf`: the context `[fallback-plan-rendered]`, see asterisk-config/extensions.conf.
 * Sorted, so that the same hotlines give the same text. Throws on a number or path that a configuration file cannot hold.
 */
export function renderFallback(hotlines: readonly FallbackHotline[]): string {
  const plans = hotlines.flatMap((hotline) => hotline.numbers.map((number) => ({ number, hotline })));
  const lines = plans
    .toSorted((a, b) => (a.number < b.number ? -1 : 1))
    .map(({ number, hotline }) => planOf(number, hotline));
  return file("What Asterisk does while the daemon is away.", "[fallback-plan-rendered]\n", ...lines);
}

/** The text of `rendered/queues_fallback.conf`: a queue for each hotline that has somebody to answer. */
export function renderFallbackQueues(hotlines: readonly FallbackHotline[]): string {
  const sorted = hotlines.toSorted((a, b) => (a.id < b.id ? -1 : 1)).filter(hasPeople);
  const sections = sorted.map(({ id, ring, phones }) =>
    section(
      queueOf(id),
      [
        ["strategy", ring === "all" ? "ringall" : "rrmemory"],
        ...phones
          .toSorted((a, b) => (a.endpoint < b.endpoint ? -1 : 1))
          .map(
            ({ endpoint, tier }) =>
              ["member", `PJSIP/${name(endpoint, "the user name")},${tier - 1}`] as const,
          ),
      ],
      "fallback",
    ),
  );
  return file("Who is rung while the daemon is away.", ...sections);
}

const hasPeople = ({ phones }: FallbackHotline): boolean => phones.length > 0;
const queueOf = (hotline: string): string => `fallback-${name(hotline, "the hotline's id")}`;

function planOf(number: string, hotline: FallbackHotline): string {
  const { open, knownUntilSeconds, closedSound } = hotline;
  // A dash means nothing in an extension, a leading underscore makes a pattern.
  if (!/^[+*#0-9a-zA-Z]+$/.test(number)) throw new Error(`${number} is no number that can be dialled`);
  if (!/^[A-Za-z0-9_./ @%+-]+$/.test(closedSound)) throw new Error(`${closedSound} is no path of a sound`);
  const isIn = (from: number, to: number) => `\${EPOCH} >= ${from} & \${EPOCH} < ${to}`;
  // Only what means nothing to the dialplan.
  const shown = hotline.name.replace(/[^\p{L}\p{N}.-]+/gu, " ").trim();
  return [
    `exten = ${number},1,Set(CLOSED=${closedSound})`,
    ` same = n,Set(PEOPLE=${hasPeople(hotline) ? queueOf(hotline.id) : ""})`,
    ` same = n,Set(SHOWN=${shown})`,
    " same = n,Set(OPEN=no)",
    ...open.map(
      ({ fromSeconds, toSeconds }) =>
        ` same = n,Set(OPEN=\${IF($[${isIn(fromSeconds, toSeconds)}]?yes:\${OPEN})})`,
    ),
    ` same = n,Set(OPEN=\${IF($[\${EPOCH} >= ${knownUntilSeconds}]?unknown:\${OPEN})})`,
    " same = n,Return()",
    "",
  ].join("\n");
}
