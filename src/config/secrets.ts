import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { ensureFolder, type Owner, readIfThere, writeFileAtomic } from "./files.ts";
import { homePaths } from "./paths.ts";

/** Passwords between daemon and Asterisk. The user is `hotline` on both. */
export interface Secrets {
  readonly ariPassword: string;
  readonly amiPassword: string;
}

/** The user name on ARI and AMI. */
export const pbxUser = "hotline";

const fileNames = { ariPassword: "ari-password", amiPassword: "ami-password" } as const;

/** Makes the passwords that are missing; never changes one that is there. */
export function ensureSecrets(home: string, owner: Owner | null): Secrets {
  const folder = homePaths(home).secrets;
  ensureFolder(folder, 0o700, owner);
  for (const name of Object.values(fileNames)) {
    const file = join(folder, name);
    if (!readIfThere(file)?.trim())
      writeFileAtomic(file, `${randomBytes(24).toString("base64url")}\n`, 0o600, owner);
  }
  return readSecrets(home);
}

/** Reads the passwords. Throws with one clear line when the home has not been prepared. */
export function readSecrets(home: string): Secrets {
  const read = (name: string) => {
    const file = join(homePaths(home).secrets, name);
    const text = readIfThere(file)?.trim();
    if (!text) throw new Error(`${file} is missing or empty; scripts/up makes it`);
    // It goes into Asterisk's configuration as it is.
    if (!/^[A-Za-z0-9_-]{16,100}$/.test(text)) {
      throw new Error(
        `${file} must hold 16 to 100 letters, digits, - or _; delete it and run scripts/up for a new one`,
      );
    }
    return text;
  };
  return { ariPassword: read(fileNames.ariPassword), amiPassword: read(fileNames.amiPassword) };
}
