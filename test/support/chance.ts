/** Chance that can be repeated: the same seed and names give the same numbers, in whatever order they are asked for. */

/** A stream of numbers from 0 to below 1. */
export function chance(seed: number, ...names: readonly (string | number)[]): () => number {
  let state = seed >>> 0;
  for (const character of names.join("/")) state = mix(state ^ character.charCodeAt(0));
  // mulberry32
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

function mix(value: number): number {
  const bits = Math.imul(value ^ (value >>> 16), 0x45d9f3b);
  return (bits ^ (bits >>> 13)) >>> 0;
}
