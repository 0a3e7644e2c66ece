import { utimes, writeFile } from "node:fs/promises";

const everyMs = 1_000;

/**
 * Touches a file each second, from the event loop itself: when it hangs, the file gets old, and scripts/guard kills us. Returns
 * what ends that.
 */
export function startSignOfLife(file: string): () => void {
  let isUnderWay = false;
  const touch = () => {
    if (isUnderWay) return;
    isUnderWay = true;
    const now = new Date();
    utimes(file, now, now)
      .catch(() => writeFile(file, ""))
      // A disk that takes nothing is told of by the store; the guard then asks Asterisk.
      .catch(() => undefined)
      .finally(() => {
        isUnderWay = false;
      });
  };
  touch();
  const timer = setInterval(touch, everyMs);
  return () => clearInterval(timer);
}
