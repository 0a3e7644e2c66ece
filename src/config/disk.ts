import { statfsSync } from "node:fs";

export type Room = {
  /** For those who are not root. */
  readonly bytesFree: number;
  readonly bytes: number;
  readonly inodesFree: number;
  /** 0: this file system has no such limit. */
  readonly inodes: number;
};

/** With less than this it will soon be full, and somebody must make room now. */
export const leastBytesFree = 200 * 1024 * 1024;

/** What is free where the folder lies. Throws an Error with a `code`, as Node does, when it cannot be looked at. */
export function roomOf(folder: string): Room {
  const { bavail, blocks, bsize, ffree, files } = statfsSync(folder);
  return { bytesFree: bavail * bsize, bytes: blocks * bsize, inodesFree: ffree, inodes: files };
}
