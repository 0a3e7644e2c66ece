/** Certificates as a sysadmin gets them, made on the spot by openssl. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface CertificateOptions {
  readonly name?: string;
  /** From now on; negative: in the past. */
  readonly fromDays?: number;
  readonly toDays?: number;
  /** Of an RSA key; left out, the key is of the usual elliptic kind. */
  readonly rsaBits?: number;
}

/** Writes `NAME.pem` and `NAME.key` into the folder, which is made, open to everybody, if need be. */
export function makeCertificate(
  folder: string,
  { name = "sip.example.org", fromDays = -1, toDays = 90, rsaBits }: CertificateOptions = {},
): { certificate: string; key: string } {
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const work = mkdtempSync(join(folder, ".ca-"));
  const at = (file: string) => join(work, file);
  const openssl = (...args: string[]) => execFileSync("openssl", args, { stdio: "pipe" });
  try {
    // `req -x509` can only begin now.
    writeFileSync(at("index"), "");
    writeFileSync(at("names"), `subjectAltName = DNS:${name}, DNS:*.${name}, IP:127.0.0.1\n`);
    writeFileSync(
      at("ca"),
      [
        "[ca]\ndefault_ca = it\n[it]",
        `new_certs_dir = ${work}\ndatabase = ${at("index")}\nrand_serial = yes`,
        "default_md = sha256\npolicy = any\n[any]\ncommonName = supplied\n",
      ].join("\n"),
    );
    const [certificate, key] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)];
    const kind = rsaBits === undefined ? ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"] : [`rsa:${rsaBits}`];
    openssl(
      "req",
      "-new",
      "-newkey",
      ...kind,
      "-nodes",
      "-subj",
      `/CN=${name}`,
      "-keyout",
      key,
      "-out",
      at("csr"),
    );
    openssl(
      ...["ca", "-batch", "-notext", "-selfsign", "-config", at("ca"), "-extfile", at("names")],
      ...["-in", at("csr"), "-keyfile", key, "-out", certificate],
      ...["-startdate", asn1Time(fromDays), "-enddate", asn1Time(toDays)],
    );
    chmodSync(certificate, 0o644);
    return { certificate, key };
  } finally {
    rmSync(work, { recursive: true });
  }
}

/** `20261129120000Z`. */
function asn1Time(days: number): string {
  const text = new Date(Date.now() + days * 86_400_000).toISOString();
  return `${text.slice(0, 19).replace(/[-:T]/g, "")}Z`;
}

/** Whom root starts Asterisk as: uid, or null where root is not who asks or there is no such user. */
export function serviceUser(): number | null {
  try {
    return process.getuid?.() === 0
      ? Number(execFileSync("id", ["-u", "hotline"], { encoding: "utf8", stdio: "pipe" }))
      : null;
  } catch {
    return null;
  }
}
