import { leastBytesFree, type Room } from "../../config/disk.ts";
import { type Finding, good, problem, unknown, warning } from "./finding.ts";

export type Disk = Room & {
  /** Of the write-ahead log; 0: there is none. */
  readonly walBytes: number;
};

const mega = 1024 * 1024;

/** A full disk stops no calls, but nothing is recorded any more. `disk`: null when it cannot be looked at. */
export function checkDisk(disk: Disk | null, home: string): Finding[] {
  if (disk === null)
    return [
      unknown(
        "disk",
        `the disk of ${home} cannot be looked at`,
        "run this as the user of the hotline or as root",
      ),
    ];
  const { bytesFree, bytes, inodesFree, inodes, walBytes } = disk;
  const findings: Finding[] = [];
  const free = `${Math.floor(bytesFree / mega)} MB free of ${Math.floor(bytes / mega)} MB`;
  const room = `make room on the disk of ${home}: du -xh ${home} | sort -h | tail`;
  if (bytesFree < leastBytesFree) findings.push(problem("disk", `only ${free}`, room));
  else if (bytesFree < 1024 * mega && bytesFree < bytes / 10)
    findings.push(warning("disk", `only ${free}`, room));
  else findings.push(good("disk", free));
  if (inodes > 0 && inodesFree < inodes / 100)
    findings.push(
      problem(
        "inodes",
        `only ${inodesFree} of ${inodes} files can still be made`,
        "remove small files: df -i",
      ),
    );
  else if (inodes > 0 && inodesFree < inodes / 20)
    findings.push(
      warning(
        "inodes",
        `only ${inodesFree} of ${inodes} files can still be made`,
        "remove small files: df -i",
      ),
    );
  if (walBytes > 256 * mega)
    findings.push(
      warning(
        "wal",
        `the database's write-ahead log has ${Math.floor(walBytes / mega)} MB and is not tidied up`,
        "does another program hold hotline.db open? fuser -v HOME/hotline.db; a restart of the daemon tidies up",
      ),
    );
  return findings;
}
