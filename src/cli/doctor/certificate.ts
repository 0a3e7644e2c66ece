import type { X509Certificate } from "node:crypto";
import { statSync } from "node:fs";
import { connect } from "node:tls";
import {
  type CertificateFault,
  namesOf,
  readCertificate,
  unreadableToService,
} from "../../config/certificate.ts";
import type { Config, Tls } from "../../config/load.ts";
import { countText } from "../text.ts";
import { type Finding, good, problem, someOf, unknown, warning } from "./finding.ts";

/** What phones are shown. `silent`: the port is not answered with TLS. `unasked`: Asterisk does not run. */
export type Shown =
  | { readonly kind: "certificate"; readonly certificate: X509Certificate }
  | { readonly kind: "silent"; readonly why: string }
  | { readonly kind: "unasked" };

export type CertificateFacts = {
  readonly tls: Tls;
  readonly certificate: X509Certificate | null;
  readonly faults: readonly CertificateFault[];
  /** Files that the user under which Asterisk runs may not read, as far as this user can tell. */
  readonly unreadable: readonly string[];
  /** As in 0o640; null: cannot be seen. */
  readonly keyMode: number | null;
  readonly shown: Shown;
};

/** Null: there is no encrypted connection. */
export async function lookAtCertificate(
  { home, bind, sip }: Config,
  asteriskRuns: boolean,
): Promise<CertificateFacts | null> {
  const { tls } = sip;
  if (tls === null) return null;
  const { certificate, faults } = readCertificate(tls, home);
  return {
    tls,
    certificate,
    faults,
    unreadable: faults.length > 0 ? [] : unreadableToService(home, [tls.certificate, tls.key]),
    keyMode: statSync(tls.key, { throwIfNoEntry: false })?.mode ?? null,
    shown: asteriskRuns ? await askForCertificate(bind, tls.port) : { kind: "unasked" },
  };
}

const patienceMs = 3_000;

function askForCertificate(bind: string, port: number): Promise<Shown> {
  const host = bind === "0.0.0.0" ? "127.0.0.1" : bind === "::" ? "::1" : bind;
  const { promise, resolve } = Promise.withResolvers<Shown>();
  // Whatever it is, it is only looked at.
  const socket = connect({ host, port, rejectUnauthorized: false, timeout: patienceMs });
  const silent = (why: string) => resolve({ kind: "silent", why });
  socket.on("secureConnect", () => {
    const certificate = socket.getPeerX509Certificate();
    if (certificate) resolve({ kind: "certificate", certificate });
    else silent("no certificate was shown");
  });
  socket.on("error", (error: NodeJS.ErrnoException) =>
    silent(error.code === "ECONNREFUSED" ? "nobody listens there" : error.message),
  );
  socket.on("timeout", () => silent(`no answer within ${patienceMs / 1000} s`));
  socket.on("close", () => silent("the connection was closed"));
  return promise.finally(() => socket.destroy());
}

const dayMs = 86_400_000;
const warnDays = 30;
const howTo = "see: hotline help phones";

export function checkCertificate(facts: CertificateFacts, now: Date): Finding[] {
  const { tls, certificate, faults, unreadable, keyMode, shown } = facts;
  const findings = [
    ...faults.map(({ role, kind, message }) =>
      kind === "hidden"
        ? unknown("certificate", message, "run this as root or as the user of the hotline")
        : problem("certificate", `sip.tls.${role} ${message}`, `then scripts/up; ${howTo}`),
    ),
    ...(unreadable.length > 0
      ? [
          problem(
            "certificate",
            `the user under which Asterisk runs may not read ${unreadable.join(" and ")}: after its next start no phone gets an encrypted connection`,
            `let that user read it and pass the folders above it; what lies in the home scripts/up hands over; ${howTo}`,
          ),
        ]
      : []),
    ...(keyMode !== null && (keyMode & 0o007) !== 0
      ? [
          problem(
            "certificate",
            `everybody on this machine may read or write its private key: ${tls.key} (${(keyMode & 0o777).toString(8)})`,
            `chmod o-rwx ${tls.key}; who may have read it can pass for this hotline: have the certificate made anew`,
          ),
        ]
      : []),
    ...(certificate ? checkDates(certificate, now) : []),
    ...checkShown(tls, certificate, shown, now),
  ];
  // One good line is enough, and none beside what is not good.
  const bad = findings.filter(({ result }) => result !== "ok");
  return bad.length > 0 ? bad : findings.slice(0, 1);
}

function checkDates(certificate: X509Certificate, now: Date): Finding[] {
  const { validFromDate: from, validToDate: to } = certificate;
  const names = someOf(namesOf(certificate), 3) || "a certificate without a name";
  const what = `${names}, valid from ${dayOf(from)} to ${dayOf(to)}`;
  const renew = `have it renewed, then scripts/up; ${howTo}`;
  if (now < from)
    return [
      problem(
        "certificate",
        `${what}: not valid yet, so that phones refuse it`,
        "is this machine's clock right (date)? Else take the one before, then scripts/up",
      ),
    ];
  const days = Math.floor((to.getTime() - now.getTime()) / dayMs);
  if (now > to)
    return [
      problem(
        "certificate",
        `${what}: expired ${countText(-days - 1, "day", "days")} ago; phones that look at it do not connect any more`,
        renew,
      ),
    ];
  const left = `${what}: ${countText(days, "day", "days")} left`;
  return [days > warnDays ? good("certificate", left) : warning("certificate", left, renew)];
}

/** Whether Asterisk has it. It says nothing by itself when it cannot use the files. */
function checkShown(tls: Tls, certificate: X509Certificate | null, shown: Shown, now: Date): Finding[] {
  switch (shown.kind) {
    case "unasked":
      return [];
    case "silent":
      return [
        problem(
          "certificate",
          `TCP port ${tls.port} does not answer with TLS (${shown.why}): phones at home reach nothing`,
          "scripts/up; if that does not help, see log/asterisk/current, then scripts/down --drain and scripts/up",
        ),
      ];
    case "certificate": {
      const { certificate: other } = shown;
      if (!certificate || other.fingerprint256 === certificate.fingerprint256) return [];
      const what = `Asterisk still shows phones another one, valid to ${dayOf(other.validToDate)}`;
      return [
        now > other.validToDate
          ? problem("certificate", what, "scripts/up")
          : warning("certificate", what, "scripts/up"),
      ];
    }
  }
}

const dayOf = (date: Date): string => date.toISOString().slice(0, 10);
