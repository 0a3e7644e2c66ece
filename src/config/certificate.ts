import { execFileSync } from "node:child_process";
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFileSync, realpathSync, statSync } from "node:fs";
import { join, sep } from "node:path";
import { programFolder } from "./paths.ts";

/** The two files of `sip.tls`, by absolute paths. */
export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

/** Why one of the files cannot be used. `hidden`: this user may not look into it, which need not be true of Asterisk. */
export type CertificateFault = {
  readonly role: keyof CertificateFiles;
  readonly kind: "wrong" | "hidden";
  /** Reads on after the name of the setting. */
  readonly message: string;
};

/** What is in the files. Dates are not judged: with an expired certificate the hotline still takes most calls. */
export function readCertificate(
  { certificate: certificateFile, key: keyFile }: CertificateFiles,
  home: string,
): { certificate: X509Certificate | null; faults: CertificateFault[] } {
  const faults: CertificateFault[] = [];
  const take = <T>(role: keyof CertificateFiles, file: string, parse: (pem: string) => T): T | null => {
    try {
      return parse(readFileSync(file, "utf8"));
    } catch (error) {
      faults.push({ role, ...explain(error, file, home) });
      return null;
    }
  };
  const certificate = take("certificate", certificateFile, parseCertificate);
  const key = take("key", keyFile, parseKey);
  if (certificate && key && !certificate.checkPrivateKey(key))
    faults.push({
      role: "key",
      kind: "wrong",
      message:
        `${keyFile} does not belong to the certificate in ${certificateFile}. Name the pair that was made together; ` +
        "where that file holds several certificates, the hotline's own must come first",
    });
  const bits = certificate?.publicKey.asymmetricKeyDetails?.modulusLength ?? rsaBitsMin;
  if (bits < rsaBitsMin)
    faults.push({
      role: "certificate",
      kind: "wrong",
      message: `${certificateFile} is for an RSA key of ${bits} bits; phones and OpenSSL take none below ${rsaBitsMin}`,
    });
  for (const role of ["certificate", "key"] as const) {
    const file = role === "key" ? keyFile : certificateFile;
    if (faults.some((fault) => fault.role === role) || liesIn(home, file)) continue;
    if (unreadableToService(home, [file]).length > 0)
      faults.push({ role, kind: "wrong", message: unreadable(file, home) });
  }
  return { certificate, faults };
}

const rsaBitsMin = 2048;

/** `sip.example.org`, the names that phones may know it under. */
export function namesOf(certificate: X509Certificate): string[] {
  const names = (certificate.subjectAltName ?? "")
    .split(", ")
    .flatMap((each) => /^(?:DNS|IP Address):(.+)$/.exec(each)?.[1] ?? []);
  const common = /^CN=(.+)$/m.exec(certificate.subject ?? "")?.[1];
  return names.length > 0 || common === undefined ? names : [common];
}

/**
 * Those that the user under which Asterisk runs may not read. Only root can try that; for anybody else, and where it cannot be
 * tried, there are none.
 */
export function unreadableToService(home: string, files: readonly string[]): string[] {
  if (process.getuid?.() !== 0) return [];
  // With its view of the folders, too.
  const program = join(programFolder, "scripts", "as-service");
  const script = 'for file; do test -r "$file" || printf "%s\\0" "$file"; done';
  try {
    const said = execFileSync(program, ["sh", "-c", script, "sh", ...files], {
      encoding: "utf8",
      env: { ...process.env, HOTLINE_HOME: home },
      stdio: ["ignore", "pipe", "ignore"],
      timeout: 10_000,
    });
    return said.split("\0").filter((file) => file !== "");
  } catch {
    return [];
  }
}

export const unreadable = (file: string, home: string): string =>
  `${file} may not be read by the user hotline, under which Asterisk runs. Let that user read it and pass all folders above it, ` +
  `or put a copy into ${join(home, "tls")}, which scripts/up hands over`;

class Unusable extends Error {}

function parseCertificate(pem: string): X509Certificate {
  if (!pem.includes("-----BEGIN CERTIFICATE-----"))
    throw new Unusable("holds no certificate in PEM format (a text with -----BEGIN CERTIFICATE-----)");
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw new Unusable(`holds a damaged certificate: ${(error as Error).message}`);
  }
}

function parseKey(pem: string): KeyObject {
  if (!/-----BEGIN ([A-Z]+ )*PRIVATE KEY-----/.test(pem))
    throw new Unusable("holds no private key in PEM format (a text with -----BEGIN PRIVATE KEY-----)");
  if (/ENCRYPTED/.test(pem))
    throw new Unusable(
      "needs a passphrase, which Asterisk does not have. Write it without: openssl pkey -in OLD -out NEW",
    );
  try {
    return createPrivateKey(pem);
  } catch (error) {
    throw new Unusable(`holds a damaged private key: ${(error as Error).message}`);
  }
}

function explain(error: unknown, file: string, home: string): Omit<CertificateFault, "role"> {
  if (error instanceof Unusable) return { kind: "wrong", message: `${file} ${error.message}` };
  const isService = tryTo(() => statSync(home).uid) === process.getuid?.();
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      // Started by root, the service does not even see what lies in folders that are closed to it.
      return {
        kind: "wrong",
        message: `${file} does not exist${isService ? ", or lies in a folder closed to the user under which Asterisk runs" : ""}`,
      };
    case "EACCES":
      return isService
        ? { kind: "wrong", message: unreadable(file, home) }
        : { kind: "hidden", message: `${file} may not be read by this user; ask again as root` };
    case "EISDIR":
      return { kind: "wrong", message: `${file} is a folder, not a file` };
    default:
      return { kind: "wrong", message: `${file} cannot be read: ${message}` };
  }
}

/** What lies in the home scripts/up hands over to the service's user before anything is started. */
function liesIn(home: string, file: string): boolean {
  return tryTo(() => realpathSync(file).startsWith(realpathSync(home) + sep)) ?? false;
}

function tryTo<T>(look: () => T): T | null {
  try {
    return look();
  } catch {
    return null;
  }
}
