import { file } from "./text.ts";

/** What the dialplan must know of a number to go on without the daemon. */
export type FallbackNumber = {
  readonly number: string;
  /** When it is open, in seconds since 1970, half-open, earliest first. */
  readonly open: readonly { readonly fromSeconds: number; readonly toSeconds: number }[];
  /** From then on nothing is known. */
  readonly knownUntilSeconds: number;
  /** What callers hear when it is closed: the path of a sound, without an ending. */
  readonly closedSound: string;
};

/**
 * The text of `rendered/extensions_fallback.conf`: the context `[fallback-plan-rendered]`, see asterisk-config/extensions.conf.
 * Sorted, so that the same numbers give the same text. Throws on a number or path that a configuration file cannot hold.
 */
export function renderFallback(numbers: readonly FallbackNumber[]): string {
  const lines = numbers.toSorted((a, b) => (a.number < b.number ? -1 : 1)).map(planOf);
  return file("What Asterisk does while the daemon is away.", "[fallback-plan-rendered]\n", ...lines);
}

function planOf({ number, open, knownUntilSeconds, closedSound }: FallbackNumber): string {
  // A dash means nothing in an extension, a leading underscore makes a pattern.
  if (!/^[+*#0-9a-zA-Z]+$/.test(number)) throw new Error(`${number} is no number that can be dialled`);
  if (!/^[A-Za-z0-9_./ @%+-]+$/.test(closedSound)) throw new Error(`${closedSound} is no path of a sound`);
  const isIn = (from: number, to: number) => `\${EPOCH} >= ${from} & \${EPOCH} < ${to}`;
  return [
    `exten = ${number},1,Set(CLOSED=${closedSound})`,
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
