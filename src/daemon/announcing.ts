import type { Save } from "../announcements/announcements.ts";
import { AnnouncementError } from "../announcements/errors.ts";
import { type RecordedAnnouncement, recordedAnnouncements } from "../core/hotlines.ts";
import { type AdminChanges, Refusal } from "../http/service.ts";
import { askForChange, type ChangingParts, findHotline } from "./asking.ts";

type Announcing = Pick<AdminChanges, "importAnnouncement" | "sayAnnouncement" | "resetAnnouncement">;

/** What administrators can do about announcements. What is refused leaves everything as it was. */
export function announcing(parts: ChangingParts): Announcing {
  const { state, announcements } = parts;
  const save = saveBy(parts);
  return {
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
