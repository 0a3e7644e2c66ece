import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Save } from "../announcements/announcements.ts";
import { maxLengthMs } from "../announcements/convert.ts";
import { AnnouncementError } from "../announcements/errors.ts";
import { agentState } from "../core/agents.ts";
import { type RecordedAnnouncement, recordedAnnouncements } from "../core/hotlines.ts";
import type { AgentId } from "../core/ids.ts";
import { type AdminChanges, Refusal, Rehearsed } from "../http/service.ts";
import { StudioError } from "../pbx/ari/studio.ts";
import {
  type AdministrationParts,
  askForChange,
  type ChangingParts,
  findAgent,
  findHotline,
  refuseDryRun,
} from "./asking.ts";

type Announcing = Pick<
  AdminChanges,
  "importAnnouncement" | "sayAnnouncement" | "resetAnnouncement" | "playAnnouncement" | "recordAnnouncement"
>;

/** What administrators can do about announcements. What is refused leaves everything as it was. */
export function announcing(parts: ChangingParts): Announcing {
  const { state, announcements, pbx } = parts;
  const save = saveBy(parts);
  return {
    playAnnouncement: async (id, name, agent) => {
      refuseDryRun(parts);
      const { id: hotline, name: shows } = findHotline(state, id);
      const media = announcements.mediaOf(hotline, findName(name), null, 1);
      return {
        heard: await onPhone(() => pbx.playToPhone({ agent: freeAgent(parts, agent), shows, media })),
      };
    },
    recordAnnouncement: async (id, name, agent) => {
      const { id: hotline, name: shows } = findHotline(state, id);
      const known = findName(name);
      if (parts.rehearses) {
        // No phone rings for it, so what would be spoken is not known.
        freeAgent(parts, agent);
        throw new Rehearsed(true);
      }
      const media = announcements.recordingPrompt();
      // Asterisk does not make it.
      await mkdir(parts.recordings, { recursive: true });
      const file = await onPhone(() =>
        pbx.recordFromPhone({ agent: freeAgent(parts, agent), shows, media }, longestRecordingMs),
      );
      const content = await takeRecording(join(parts.recordings, file));
      return changed(() => announcements.importFile(hotline, known, `recorded by ${agent}`, content, save));
    },
    importAnnouncement: (id, name, { fileName, content }) => {
      const hotline = findHotline(state, id).id;
      return changed(() => announcements.importFile(hotline, findName(name), fileName, content, save));
    },
    sayAnnouncement: (id, name, text) => {
      const hotline = findHotline(state, id).id;
      return changed(() => announcements.say(hotline, findName(name), text, save));
    },
    resetAnnouncement: (id, name) => {
      const hotline = findHotline(state, id).id;
      return changed(() => announcements.reset(hotline, findName(name), save));
    },
  };
}

/** Through the loop, so that the hotline is still there when the row is stored. */
const saveBy =
  (parts: ChangingParts): Save =>
  async (row, before) => {
    const { hotline, name } = row;
    const after = row.source === "default" ? null : row;
    const change = { kind: "announcement", id: `${hotline}/${name}`, before, after } as const;
    const extra = after ? { announcements: [after] } : { announcementsRemoved: [{ hotline, name }] };
    const event = { type: "announcement_set", hotline } as const;
    await askForChange(parts, event, { extra, announcements: [change] });
  };

/** A little more than is taken, so that what is too long is refused and not cut off. */
const longestRecordingMs = maxLengthMs + 5_000;

/** Throws Refusal unless the agent could be called now. */
function freeAgent({ state }: AdministrationParts, id: string): AgentId {
  const agent = findAgent(state, id);
  const now = agentState(agent);
  if (now === "talking" || now === "offered" || agent.phone === "in_use")
    throw new Refusal(409, "agent_busy", `Agent ${id} is on the phone; try again when the call is over.`);
  if (agent.phone === "unreachable")
    throw new Refusal(
      409,
      "agent_offline",
      `The phone of agent ${id} is not registered, so it cannot ring. What to set in it: hotline help phones`,
    );
  return agent.id;
}

async function onPhone<Result>(call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof StudioError)) throw error;
    throw new Refusal(503, "phone_call_failed", error.message, { cause: error });
  }
}

/** The file is gone from Asterisk's folder then. */
async function takeRecording(path: string): Promise<Buffer<ArrayBuffer>> {
  try {
    return await readFile(path);
  } finally {
    await rm(path, { force: true });
  }
}

function findName(name: string): RecordedAnnouncement {
  const known = recordedAnnouncements.find((other) => other === name);
  if (known) return known;
  const message = `There is no announcement "${name}" to be set. There are: ${recordedAnnouncements.join(", ")}`;
  throw new Refusal(404, "unknown_announcement", message);
}

async function changed<View>(change: () => Promise<{ view: View }>): Promise<View> {
  try {
    return (await change()).view;
  } catch (error) {
    if (!(error instanceof AnnouncementError)) throw error;
    const notTheirFault = ["busy", "speech_failed", "conversion_failed"].includes(error.code);
    const message = `${error.message} The announcement is as it was.`;
    throw new Refusal(notTheirFault ? 503 : 400, error.code, message, { cause: error });
  }
}
