import type { Command } from "commander";
import type { Finding } from "../doctor/finding.ts";
import { failure } from "../errors.ts";
import { examples } from "../options.ts";
import { openSession } from "../session.ts";
import { countText, paint } from "../text.ts";

export function addDoctor(program: Command): void {
  const command = program
    .command("doctor")
    .description(
      "Checks everything: daemon, Asterisk, ports, certificate, trunk, phones, sounds, disk, clock, files; says what to do.",
    )
    .action(async (_options: object, self: Command) => {
      const session = openSession(self);
      const { examineHome } = await import("../doctor/doctor.ts");
      const findings = await examineHome(session.home, async () => (await session.api()).doctor());
      const problems = findings.filter(({ result }) => result === "problem").length;
      session.print({ ok: problems === 0, findings }, (shown) => describe(shown.findings));
      if (problems > 0) throw failure(countText(problems, "problem was found", "problems were found"));
    });
  examples(command, [
    ["hotline doctor", "also when the daemon is down; as root it sees most"],
    [
      "hotline doctor --json | jq '.findings[] | select(.result != \"ok\")'",
      "for a script; exit code 1: a problem",
    ],
  ]);
}

function describe(findings: readonly Finding[]): string {
  const widest = Math.max(...findings.map(({ check }) => check.length));
  return findings
    .flatMap(({ check, result, what, advice }) => {
      const line = `${mark(result)}  ${check.padEnd(widest)}  ${what}`;
      return advice === null ? [line] : [line, `${" ".repeat(widest + 11)}${paint("dim", `-> ${advice}`)}`];
    })
    .join("\n");
}

function mark(result: Finding["result"]): string {
  switch (result) {
    case "ok":
      return paint("green", "ok     ");
    case "warning":
      return paint("yellow", "warning");
    case "problem":
      return paint("alarm", "PROBLEM");
    case "unknown":
      return "unknown";
  }
}
