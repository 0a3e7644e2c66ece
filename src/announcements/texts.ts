import type { Announcement } from "../core/hotlines.ts";

/**
 * What callers hear as long as nobody put a recording in its place. Each text must be true whenever it is played: no
 * promise of being called back, of a waiting time or of an opening time; and "Guten Tag" only where nothing was heard
 * before (`no_agents` and `timed_out` also come after the greeting).
 */
export const defaultTexts: Readonly<Record<Announcement, string>> = {
  greeting:
    "Guten Tag. Sie sind mit der Bürgerhotline verbunden. Bitte bleiben Sie einen Augenblick in der Leitung. " +
    "Sobald jemand frei ist, werden Sie verbunden.",
  closed:
    "Guten Tag. Sie rufen außerhalb der Sprechzeiten der Bürgerhotline an. " +
    "Bitte versuchen Sie es zu einer anderen Zeit noch einmal. Vielen Dank und auf Wiederhören.",
  closed_adhoc:
    "Guten Tag. Die Bürgerhotline ist im Moment außerplanmäßig geschlossen. " +
    "Bitte versuchen Sie es später noch einmal. Vielen Dank und auf Wiederhören.",
  no_agents:
    "Bei der Bürgerhotline ist im Moment leider niemand zu erreichen. " +
    "Bitte versuchen Sie es später noch einmal. Vielen Dank und auf Wiederhören.",
  full:
    "Guten Tag. Bei der Bürgerhotline sind im Moment leider alle Warteplätze belegt. " +
    "Bitte versuchen Sie es später noch einmal. Vielen Dank und auf Wiederhören.",
  timed_out:
    "Leider konnte Ihr Anruf bis jetzt nicht angenommen werden. " +
    "Es tut uns leid, dass Sie vergeblich gewartet haben. " +
    "Bitte versuchen Sie es zu einer anderen Zeit noch einmal. Auf Wiederhören.",
};

export type FallbackSound = "welcome" | "sorry";

/** What is spoken in the files under asterisk-config/sounds, which are played when nothing else is there. */
export const fallbackTexts: Readonly<Record<FallbackSound, string>> = {
  welcome: "Guten Tag. Bitte bleiben Sie einen Augenblick in der Leitung.",
  sorry:
    "Ihr Anruf kann im Moment leider nicht angenommen werden. " +
    "Bitte versuchen Sie es später noch einmal. Vielen Dank und auf Wiederhören.",
};

/** After the greeting the caller waits on; every other announcement is the end of the call. */
export function fallbackOf(name: Announcement): FallbackSound {
  return name === "greeting" ? "welcome" : "sorry";
}

/** The text as it is given to speech: a German voice reads English words as if they were German. */
export function speakable(text: string): string {
  return text.normalize("NFC").replace(/(h)otline/gi, "$1ottlein");
}
