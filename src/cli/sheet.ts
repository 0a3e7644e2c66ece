import type { AgentCredential } from "../api/many-agents.ts";

/** One page for each agent, to be printed and handed over. In German, as agents are; one file that needs no other. */
export function sheetHtml(agents: readonly AgentCredential[]): string {
  return `<!doctype html>
<html lang="de">
<head>
<meta charset="utf-8">
<meta name="robots" content="noindex">
<title>Zugangsdaten für ${agents.length === 1 ? "ein Telefon" : `${agents.length} Telefone`}</title>
<style>
  body { font: 12pt/1.45 sans-serif; color: #000; background: #fff; margin: 2cm auto; max-width: 17cm; }
  section { break-after: page; break-inside: avoid; margin-bottom: 3cm; }
  section:last-child { break-after: auto; }
  h1 { font-size: 20pt; margin: 0 0 .2em; }
  h2 { font-size: 13pt; margin: 1.4em 0 .4em; }
  table { border-collapse: collapse; width: 100%; }
  th, td { border: 1px solid #888; padding: .35em .6em; text-align: left; vertical-align: top; }
  th { width: 32%; font-weight: normal; background: #f2f2f2; }
  code { font: 13pt monospace; overflow-wrap: anywhere; }
  .code { font: bold 15pt monospace; width: 12%; }
  @page { size: A4; margin: 2cm; }
  @media print { body { margin: 0; max-width: none; } }
</style>
</head>
<body>
${agents.map(page).join("\n")}
</body>
</html>
`;
}

function page({ id, name, sip }: AgentCredential): string {
  const settings: [string, string][] = [
    ["SIP-Server (Registrar, Domain)", sip.host],
    ["Port", String(sip.port)],
    ["Übertragung", sip.transport.toUpperCase()],
    ["Benutzername (auch Auth-Name)", sip.username],
    ["Passwort", sip.password],
    ...(sip.tls ? [atHome(sip.tls)] : []),
  ];
  const codes: [string, string][] = [
    [
      "*45",
      "<b>Anmelden</b>: Ab jetzt kommen Anrufe. Noch einmal <b>*45</b>: abmelden. Ein laufendes Gespräch wird zu Ende geführt.",
    ],
    [
      "*46",
      "<b>Pause</b> beginnen. Noch einmal <b>*46</b>: Pause beenden. Während eines Gesprächs beginnt die Pause danach.",
    ],
    ["*47", "<b>Nacharbeit</b> beenden: Der nächste Anruf darf sofort kommen."],
  ];
  return `<section>
<h1>${escapeHtml(name)}</h1>
<p>Platz <b>${escapeHtml(id)}</b> am Bürgertelefon. Kolleginnen und Kollegen erreichen Sie unter <b>${escapeHtml(id)}</b>.</p>
<h2>In das Telefon einzutragen</h2>
<table>
${settings.map(([what, value]) => `<tr><th>${what}</th><td><code>${escapeHtml(value)}</code></td></tr>`).join("\n")}
</table>
<h2>Am Telefon zu wählen</h2>
<table>
${codes.map(([code, what]) => `<tr><td class="code">${code}</td><td>${what}</td></tr>`).join("\n")}
</table>
<p>Nach jeder dieser Wahlen sagt eine Ansage, was jetzt gilt.</p>
<p><b>Von diesem Telefon aus ist kein Notruf (110, 112) möglich.</b></p>
<p>Das Passwort gilt nur für dieses eine Telefon. Geben Sie dieses Blatt niemandem weiter und vernichten Sie es,
wenn das Telefon eingerichtet ist.</p>
</section>`;
}

const atHome = ({ host, port }: NonNullable<AgentCredential["sip"]["tls"]>): [string, string] => [
  "Zu Hause stattdessen (verschlüsselt: TLS, SRTP/SDES)",
  `${host}, Port ${port}, TLS`,
];

function escapeHtml(text: string): string {
  const names: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return text.replace(/[&<>"']/g, (character) => names[character]!);
}
