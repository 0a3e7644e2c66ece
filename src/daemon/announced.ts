import type { Announcements } from "../announcements/announcements.ts";
import type { AnnouncedHotline } from "../announcements/settings.ts";
import type { Hotline } from "../core/hotlines.ts";
import type { State } from "../core/state.ts";
import type { Changes } from "../core/step.ts";

/** What announcements have to know of a hotline: with the hours that hold for it, which may be another's. */
export const announced = (state: State, hotline: Hotline): AnnouncedHotline => ({
  ...hotline,
  schedule: state.schedule(hotline),
});

export const allAnnounced = (state: State): AnnouncedHotline[] =>
  [...state.hotlines.values()].map((hotline) => announced(state, hotline));

/** Makes what hotlines that were changed say from now on, and those that have their hours: they say when they open, too. */
export function prepareChanged(
  { hotlines }: Pick<Changes, "hotlines">,
  state: State,
  announcements: Pick<Announcements, "prepareHotline" | "forgetHotline">,
): void {
  if (hotlines.size === 0) return;
  for (const [id, hotline] of hotlines) if (hotline === null) announcements.forgetHotline(id);
  for (const hotline of state.hotlines.values())
    if (hotlines.has(hotline.id) || (hotline.hoursOf !== null && hotlines.has(hotline.hoursOf)))
      void announcements.prepareHotline(announced(state, hotline));
}
