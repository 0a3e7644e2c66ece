/** The word that was probably meant: the most alike of those that differ in a third of their letters at most; null: none. */
export function closest(word: string, known: Iterable<string>): string | null {
  let best: { readonly word: string; readonly distance: number } | null = null;
  for (const other of known) {
    const distance = editDistance(word.toLowerCase(), other.toLowerCase());
    if (distance <= Math.max(1, other.length / 3) && (best === null || distance < best.distance))
      best = { word: other, distance };
  }
  return best?.word ?? null;
}

/** ` Did you mean "demo"?`, or nothing. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const meant = closest(word, known);
  return meant === null ? "" : ` Did you mean "${meant}"?`;
}

/** How many letters must be changed, added, left out or swapped with their neighbour. */
function editDistance(one: string, other: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, i) => i);
  for (let i = 1; i <= one.length; i++) {
    const row = [i];
    for (let j = 1; j <= other.length; j++) {
      const same = one[i - 1] === other[j - 1];
      let cost = Math.min(row[j - 1]! + 1, last[j]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1])
        cost = Math.min(cost, beforeLast[j - 2]! + 1);
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[other.length]!;
}
