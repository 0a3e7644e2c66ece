import { isIP, isIPv4 } from "node:net";
import { z } from "zod";

const portText = "a port, 1 to 65535";

/** A message that says what is allowed and what stands there. */
function expected(what: string) {
  return { error: (issue: { input?: unknown }) => `must be ${what}, not ${shown(issue.input)}` };
}

function shown(value: unknown): string {
  if (value === undefined) return "missing";
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function integer(from: number, to: number, what = `a whole number from ${from} to ${to}`) {
  return z.int(expected(what)).min(from, expected(what)).max(to, expected(what));
}

function text(what: string, allowed: (value: string) => boolean) {
  return z.string(expected(what)).refine(allowed, expected(what));
}

const port = () => integer(1, 65535, portText);
const address = () => text("an IP address such as 127.0.0.1", (value) => isIP(value) !== 0);
const command = (example: string) =>
  text(`a command such as ${example}`, (value) => value !== "" && !/[\p{Cc}]/u.test(value));

const speechPlaceholders = ["{{file}}", "{{text}}", "{{voice}}", "{{words_per_minute}}"];

/** One word: a command with espeak-ng's arguments. Several, or a list: the whole command. */
const speechCommand = () =>
  z
    .union(
      [z.string(), z.array(z.string())],
      expected('a command such as espeak-ng, or a list such as [piper, --output_file, "{{file}}"]'),
    )
    .transform((given) =>
      typeof given === "string" && /\s/.test(given.trim()) ? given.trim().split(/\s+/) : given,
    )
    .superRefine((given, context) => {
      const words = typeof given === "string" ? [given] : given;
      const placeholders = words.flatMap((word) => word.match(/\{\{.*?\}\}/g) ?? []);
      const unknown = placeholders.find((one) => !speechPlaceholders.includes(one));
      if ((words[0] ?? "") === "" || words.some((word) => /\p{Cc}/u.test(word)))
        context.addIssue(`must be a command such as espeak-ng, not ${shown(given)}`);
      else if (unknown !== undefined)
        context.addIssue(`holds ${unknown}; allowed are ${speechPlaceholders.join(", ")}`);
      else if (words[0]!.includes("{{")) context.addIssue(`must begin with a command, not ${words[0]}`);
    });

const path = (example: string) =>
  text(
    `the path of a file such as ${example}`,
    (value) => value.trim() !== "" && value === value.trim() && !/\p{Cc}/u.test(value),
  );

const reason = () =>
  text(
    "a reason for a pause such as lunch, 1 to 100 characters",
    (value) => value === value.trim() && value !== "" && value.length <= 100 && !/\p{Cc}/u.test(value),
  );

/** A host name or address, then a colon and a port. */
const hostAndPort = () =>
  text("host:port such as 127.0.0.2:5060", (value) => {
    const match = /^([A-Za-z0-9][A-Za-z0-9.-]*):(\d{1,5})$/.exec(value);
    const number = Number(match?.[2]);
    return match !== null && number >= 1 && number <= 65535;
  });

const network = () =>
  text("an IPv4 address or network such as 192.0.2.10 or 192.0.2.0/24", (value) => {
    const [host = "", bits, rest] = value.split("/");
    if (rest !== undefined || !isIPv4(host)) return false;
    return bits === undefined || (/^\d{1,2}$/.test(bits) && Number(bits) >= 8 && Number(bits) <= 32);
  });

const object = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: (issue) => {
      // Zod words the unknown keys itself; load.ts says where each one stands.
      if (issue.code === "unrecognized_keys") return undefined;
      return `must be a section with the keys ${Object.keys(shape).join(", ")}, not ${shown(issue.input)}`;
    },
  });

export const logLevels = ["trace", "debug", "info", "warn", "error"] as const;

/** `hotline.yaml`. Every key may be left out; the defaults are those of a laboratory on one machine. */
export const configSchema = object({
  bind: address().default("127.0.0.1"),
  sip: object({
    port: port().default(5060),
    tls: object({
      port: port().default(5061),
      certificate: path("tls/fullchain.pem"),
      key: path("tls/privkey.pem"),
    }).optional(),
  }).prefault({}),
  rtp: object({
    from: integer(1024, 65534).default(10000),
    to: integer(1025, 65535).default(20000),
  }).prefault({}),
  ari: object({ port: port().default(8088) }).prefault({}),
  ami: object({ port: port().default(5038) }).prefault({}),
  http: object({
    bind: address().default("127.0.0.1"),
    port: port().default(8080),
  }).prefault({}),
  trunk: object({
    acceptFrom: z
      .array(network(), expected("a list of addresses"))
      .min(1, expected("a list with at least one address")),
    sendTo: hostAndPort(),
  }).optional(),
  calls: object({
    rtpTimeoutSeconds: integer(10, 86_400).default(300),
    sessionExpiresSeconds: integer(90, 86_400).default(1800),
    maxAtOnce: integer(1, 10_000).default(1000),
    maxNewPerSecond: integer(1, 1_000).default(30),
    fallbackAfterSeconds: integer(2, 3600).default(30),
  }).prefault({}),
  announcements: object({
    speech: speechCommand().default("espeak-ng"),
    convert: command("ffmpeg").default("ffmpeg"),
    voice: text("a voice such as de", (value) => /^[A-Za-z0-9+_-]+$/.test(value)).default("de"),
    wordsPerMinute: integer(80, 400).default(150),
  }).prefault({}),
  agents: object({ pauseReasons: z.array(reason(), expected("a list of reasons")).default([]) }).prefault({}),
  retention: object({ callerNumbersDays: integer(1, 3_650).default(30) }).prefault({}),
  log: object({
    level: z.enum(logLevels, expected(`one of ${logLevels.join(", ")}`)).default("info"),
  }).prefault({}),
});

/** The file's content with the defaults filled in. */
export type ConfigFile = z.output<typeof configSchema>;
