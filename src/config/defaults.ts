import { parseConfig } from "./load.ts";

/** The text of a new home's `hotline.yaml`, with what the environment sets. Throws with one line on an unusable value. */
export function renderDefaultConfig(env: NodeJS.ProcessEnv): string {
  const [rtpFrom, rtpTo] = rtpPorts(env.HOTLINE_RTP_PORTS);
  const bind = env.HOTLINE_BIND || "127.0.0.1";
  const sources = new Map([
    ["bind", "HOTLINE_BIND"],
    ["sip.port", "HOTLINE_SIP_PORT"],
    ["ari.port", "HOTLINE_ARI_PORT"],
    ["ami.port", "HOTLINE_AMI_PORT"],
    ["http.port", "HOTLINE_HTTP_PORT"],
    ["rtp.from", "HOTLINE_RTP_PORTS"],
    ["rtp.to", "HOTLINE_RTP_PORTS"],
  ]);
  const text = template({
    bind: scalar(bind),
    sip: scalar(env.HOTLINE_SIP_PORT || "5060"),
    ari: scalar(env.HOTLINE_ARI_PORT || "8088"),
    ami: scalar(env.HOTLINE_AMI_PORT || "5038"),
    http: scalar(env.HOTLINE_HTTP_PORT || "8080"),
    rtpFrom,
    rtpTo,
  });
  const [problem] = parseConfig(text, "/").problems;
  if (problem) {
    const source = sources.get(problem.path);
    throw new Error(`${source ? `${source}: ${problem.path}` : problem.path} ${problem.message}`);
  }
  return text;
}

/** Numbers and addresses go in as they are; anything else is quoted, so that it can only be a wrong value. */
function scalar(value: string): string {
  return /^[0-9A-Fa-f.]+$/.test(value) ? value : JSON.stringify(value);
}

function rtpPorts(value: string | undefined): [string, string] {
  if (!value) return ["10000", "20000"];
  const match = /^(\d{1,5})-(\d{1,5})$/.exec(value);
  if (!match) throw new Error(`HOTLINE_RTP_PORTS must be FROM-TO such as 10000-20000, not "${value}"`);
  return [match[1]!, match[2]!];
}

interface Values {
  readonly bind: string;
  readonly sip: string;
  readonly ari: string;
  readonly ami: string;
  readonly http: string;
  readonly rtpFrom: string;
  readonly rtpTo: string;
}

function template(values: Values): string {
  return `# Settings of this hotline's machinery. Opening hours, agents and announcements are not here: they are changed with
# \`hotline ...\` while it runs. After a change: \`hotline config check\`, then scripts/up (it restarts what must be).

# The address for SIP and audio. 127.0.0.1: a laboratory that only this machine reaches, with a trunk of its own (below).
# In real use the machine's address, for instance 192.0.2.5.
bind: ${values.bind}

# Phones and the trunk, UDP and TCP.
sip:
  port: ${values.sip}
  # Encrypted connections (TLS, and SRTP for the audio), for phones at home. \`hotline help phones\` says how to get there.
  # tls:
  #   port: 5061
  #   certificate: tls/fullchain.pem
  #   key: tls/privkey.pem

# Audio, UDP. Four ports for each call.
rtp:
  from: ${values.rtpFrom}
  to: ${values.rtpTo}

# How the daemon talks to Asterisk. Always on 127.0.0.1; nobody else needs these.
ari:
  port: ${values.ari}
ami:
  port: ${values.ami}

# Admin interface and metrics for the browser.
http:
  bind: 127.0.0.1
  port: ${values.http}

# Where calls from citizens come from and where calls to outside are sent. Left out, a home on 127.0.0.1 has the laboratory's:
# trunk:
#   acceptFrom: [127.0.0.2]
#   sendTo: 127.0.0.2:5060

calls:
  # A call whose hang-up got lost ends after so many seconds without any audio (for a phone on hold: four times that).
  rtpTimeoutSeconds: 300
  # SIP session timer, where the other side supports it.
  sessionExpiresSeconds: 1800
  # What this machine can take, over all hotlines: calls at once, and new ones per second (bursts of five seconds' worth are let
  # in at once). Who comes beyond that hears the announcement "full" or a busy tone. \`hotline status\` shows how much is used.
  maxAtOnce: 1000
  maxNewPerSecond: 30
  # When the daemon is away (crashed, say), callers hear music until it is back. After so many seconds Asterisk goes on by itself.
  fallbackAfterSeconds: 30

announcements:
  # Commands that speak and convert. Bare names are those that came with the bundled Asterisk. Another voice, such as:
  # speech: [/opt/piper/piper, --model, /opt/piper/de_DE-thorsten-high.onnx, --output_file, "{{file}}"]
  # (the text comes on stdin, or in place of {{text}}; docs/announcements.md)
  speech: espeak-ng
  convert: ffmpeg
  voice: de
  wordsPerMinute: 150

agents:
  # What a pause may be for, such as [lunch, meeting, paperwork]. Empty: any text.
  pauseReasons: []

retention:
  # Callers' numbers are erased after so many days; their calls stay in the record.
  callerNumbersDays: 30

log:
  # trace, debug, info, warn, error
  level: info
`;
}
