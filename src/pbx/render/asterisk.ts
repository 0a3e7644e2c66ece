import { join } from "node:path";
import type { Config } from "../../config/load.ts";
import { homePaths, programFolder } from "../../config/paths.ts";
import { pbxUser, type Secrets } from "../../config/secrets.ts";
import { file, type Setting, section } from "./text.ts";
import { renderTrunk } from "./trunk.ts";

/** What `scripts/asterisk-rootfs` says of the Asterisk it found or made (its `tools.json`). */
export interface AsteriskTools {
  readonly version: string;
  /** Folders of its modules, its data and the hold music in alaw and g722. */
  readonly modules: string;
  readonly data: string;
  readonly moh: string;
}

/** The Stasis application that the dialplan hands calls to. */
export const stasisApp = "hotline";

/**
 * All rendered files but the agents', by their path below Asterisk's configuration folder. `asterisk.conf` is the one that
 * Asterisk is started with.
 */
export function renderAsterisk(config: Config, secrets: Secrets, tools: AsteriskTools): Map<string, string> {
  return new Map([
    ["asterisk.conf", renderMain(config, tools)],
    [
      "rendered/rtp.conf",
      settings("Ports of the audio.", [`rtpstart = ${config.rtp.from}`, `rtpend = ${config.rtp.to}`]),
    ],
    [
      "rendered/http.conf",
      settings("Only this machine may ask.", ["bindaddr = 127.0.0.1", `bindport = ${config.ari.port}`]),
    ],
    [
      "rendered/ari.conf",
      file(
        "The daemon's user.",
        section(pbxUser, [
          ["type", "user"],
          ["password_format", "plain"],
          ["password", secrets.ariPassword],
        ]),
      ),
    ],
    [
      "rendered/extensions_globals.conf",
      settings(
        "What a caller hears when the daemon is away, and after how many seconds Asterisk goes on by itself.",
        [
          `SORRY = ${join(programFolder, "asterisk-config", "sounds", "sorry")}`,
          `ENDED_CALLS = ${homePaths(config.home).endedCalls}`,
          `FALLBACK_AFTER = ${config.calls.fallbackAfterSeconds}`,
        ],
      ),
    ],
    ["rendered/manager.conf", renderManager(config, secrets)],
    [
      "rendered/musiconhold.conf",
      file(
        "Where the music lies.",
        section("default", [
          ["mode", "files"],
          ["directory", tools.moh],
          ["sort", "randstart"],
        ]),
      ),
    ],
    ["rendered/pjsip_transports.conf", renderTransports(config)],
    ["rendered/pjsip_trunk.conf", renderTrunk(config)],
  ]);
}

function settings(comment: string, lines: readonly string[]): string {
  return file(comment, `${lines.join("\n")}\n`);
}

function renderMain(config: Config, tools: AsteriskTools): string {
  const paths = homePaths(config.home);
  return file(
    "Folders and options of Asterisk.",
    section("directories", [
      ["astetcdir", paths.asterisk],
      ["astmoddir", tools.modules],
      ["astdatadir", tools.data],
      ["astvarlibdir", paths.asteriskData],
      ["astdbdir", paths.asteriskData],
      ["astkeydir", paths.asteriskData],
      ["astagidir", paths.asteriskData],
      ["astspooldir", `${paths.asteriskData}/spool`],
      ["astcachedir", `${paths.asteriskData}/cache`],
      ["astrundir", paths.run],
      ["astlogdir", `${paths.logs}/asterisk`],
      ["astsbindir", `${paths.tools}/bin`],
    ]),
    section("options", [
      ["systemname", "hotlined"],
      ["defaultlanguage", "de"],
      // No function of the dialplan may run commands or write files on behalf of ARI or AMI.
      ["live_dangerously", "no"],
      ["hideconnect", "yes"],
      ["documentation_language", "en_US"],
      ["maxcalls", mostCalls(config.calls.maxAtOnce)],
    ]),
  );
}

/** Those who are just being refused, and what agents call themselves. */
const besides = 200;

/**
 * Asterisk's own limit, the last before memory: beyond it a caller gets "503 Service Unavailable". It counts every caller and every phone
 * that has picked up, and must not come before ours, which lets ten per cent more in to be told so. It takes a restart, so it is in
 * steps: who raises the limits in the middle of a rush needs none.
 */
function mostCalls(maxAtOnce: number): number {
  const needed = 2 * 1.1 * maxAtOnce + besides;
  return Math.max(1024, 2 ** Math.ceil(Math.log2(needed)));
}

function renderManager(config: Config, secrets: Secrets): string {
  return file(
    "The daemon's user. Listing contacts needs `system`; calls, commands and configuration it may not touch.",
    `bindaddr = 127.0.0.1\nport = ${config.ami.port}\n`,
    section(pbxUser, [
      ["secret", secrets.amiPassword],
      ["deny", "0.0.0.0/0.0.0.0"],
      ["permit", "127.0.0.1/255.255.255.255"],
      ["read", "system,security,reporting"],
      ["write", "system,reporting"],
      ["writetimeout", 5000],
    ]),
  );
}

function renderTransports({ bind, sip }: Config): string {
  const address = bind.includes(":") ? `[${bind}]` : bind;
  const transport = (protocol: string, port: number, more: readonly Setting[] = []) =>
    section(protocol, [
      ["type", "transport"],
      ["protocol", protocol],
      ["bind", `${address}:${port}`],
      ...more,
    ]);
  const encrypted: readonly Setting[] = sip.tls
    ? [
        ["cert_file", sip.tls.certificate],
        ["priv_key_file", sip.tls.key],
        // In spite of its name: TLS 1.2 and 1.3. `tlsv1_2` takes 1.2 only, and `default` nothing newer than 1.0.
        ["method", "sslv23"],
      ]
    : [];
  return file(
    "Where SIP is heard.",
    transport("udp", sip.port),
    transport("tcp", sip.port),
    ...(sip.tls ? [transport("tls", sip.tls.port, encrypted)] : []),
  );
}
