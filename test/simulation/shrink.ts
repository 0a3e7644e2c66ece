/**
 * Leaves out of a failing list whatever is not needed for the failure: halves first, then ever smaller pieces, until no
 * single item can be left out (delta debugging). `fails` is asked at most `triesMax` times.
 */
export async function shrink<Item>(
  items: readonly Item[],
  fails: (items: readonly Item[]) => Promise<boolean>,
  triesMax: number,
): Promise<readonly Item[]> {
  let left = items;
  let tries = 0;
  let pieceLength = Math.ceil(left.length / 2);
  while (pieceLength >= 1 && left.length > 0) {
    let shortened = false;
    for (let from = 0; from < left.length; ) {
      if (tries++ >= triesMax) return left;
      const without = [...left.slice(0, from), ...left.slice(from + pieceLength)];
      if (await fails(without)) {
        left = without;
        shortened = true;
      } else from += pieceLength;
    }
    if (pieceLength > 1) pieceLength = Math.ceil(pieceLength / 2);
    else if (!shortened) break;
  }
  return left;
}
