import type { RecordedAnnouncement } from "../core/hotlines.ts";

/**
 * What callers hear as long as nobody put a recording in its place. Each text must be true whenever it is played: no
 * promise of being called back, of a waiting time or of an opening time. "Guten Tag" stands only where nothing was heard
 * before (`no_agents`, `all_paused`, `overflow` and `forwarding` come with and without a greeting before them). Those who
 * hear `all_paused` or `overflow` may stay or be let go, as the overflow step says.
 */
export function defaultText(announcement: RecordedAnnouncement, hotlineName: string): string {
  return defaultTexts[announcement](firstWords(hotlineName));
}

type FirstWords = { readonly name: string; readonly greeting: string };

const defaultTexts: Readonly<Record<RecordedAnnouncement, (first: FirstWords) => string>> = {
  greeting: ({ greeting }) =>
    `${greeting} Bitte bleiben Sie einen Augenblick in der Leitung. ` +
    "Sobald jemand für Sie frei ist, werden Sie verbunden.",
  closed: ({ greeting }) =>
    `${greeting} Sie rufen außerhalb unserer Sprechzeiten an. ` +
    "Bitte versuchen Sie es zu einer anderen Zeit noch einmal. Vielen Dank und auf Wiederhören.",
  closed_holiday: ({ greeting }) =>
    `${greeting} Wegen des Feiertags sind wir heute nicht zu erreichen. ` +
    "Bitte versuchen Sie es an einem anderen Tag noch einmal. Vielen Dank und auf Wiederhören.",
  closed_adhoc: ({ greeting }) =>
    `${greeting} Wir haben im Moment außerplanmäßig geschlossen. ` +
    "Bitte versuchen Sie es später noch einmal. Vielen Dank und auf Wiederhören.",
  no_agents: ({ name }) =>
    `${name}Im Moment ist hier leider niemand zu erreichen. ` +
    "Bitte versuchen Sie es später noch einmal. Vielen Dank und auf Wiederhören.",
  all_paused: () => "Im Moment kann leider niemand Ihren Anruf annehmen. Dafür bitten wir um Verständnis.",
  full: ({ greeting }) =>
    `${greeting} Im Moment sind leider alle Warteplätze belegt. ` +
    "Bitte versuchen Sie es später noch einmal. Vielen Dank und auf Wiederhören.",
  timed_out: () =>
    "Leider konnte Ihr Anruf bis jetzt nicht angenommen werden. " +
    "Es tut uns leid, dass Sie vergeblich gewartet haben. " +
    "Bitte versuchen Sie es zu einer anderen Zeit noch einmal. Auf Wiederhören.",
  // Also after an unplanned closure, and past midnight.
  closing: () =>
    "Wir haben inzwischen geschlossen, und Ihr Anruf konnte leider nicht mehr angenommen werden. " +
    "Es tut uns leid, dass Sie vergeblich gewartet haben. " +
    "Bitte versuchen Sie es zu einer anderen Zeit noch einmal. Auf Wiederhören.",
  // Nobody has said yet what is special about the day.
  special_1: ({ greeting }) =>
    `${greeting} Im Moment sind wir nicht zu erreichen. ` +
    "Bitte versuchen Sie es zu einer anderen Zeit noch einmal. Vielen Dank und auf Wiederhören.",
  special_2: ({ greeting }) =>
    `${greeting} Wir sind im Augenblick nicht zu sprechen. ` +
    "Bitte rufen Sie zu einer anderen Zeit noch einmal an. Vielen Dank und auf Wiederhören.",
  special_3: ({ greeting }) =>
    `${greeting} Zurzeit können wir Ihren Anruf nicht annehmen. ` +
    "Bitte melden Sie sich zu einer anderen Zeit noch einmal. Vielen Dank und auf Wiederhören.",
  // Nothing of people in conversation: they may be on a break, or the phone may be ringing already.
  waiting_1: () => "Ihr Anruf konnte leider noch nicht angenommen werden. Bitte bleiben Sie in der Leitung.",
  waiting_2: () => "Bitte haben Sie noch etwas Geduld. Sobald jemand für Sie frei ist, werden Sie verbunden.",
  waiting_3: () => "Vielen Dank, dass Sie warten. Bitte bleiben Sie noch in der Leitung.",
  overflow: () => "Zurzeit können wir nicht alle Anrufe sofort annehmen. Dafür bitten wir um Verständnis.",
  // It may fail.
  forwarding: () => "Wir versuchen jetzt, Sie weiterzuverbinden. Bitte bleiben Sie in der Leitung.",
};

/** As one answers the phone in German, which goes with names of any gender: "Bürgertelefon Erfurt, guten Tag." */
function firstWords(hotlineName: string): FirstWords {
  const name = hotlineName.replace(/[\s.,;:!?-]+$/, "").trim();
  const sayable = /[\p{L}\p{N}]/u.test(name);
  return sayable
    ? { name: `${name}. `, greeting: `${name}, guten Tag.` }
    : { name: "", greeting: "Guten Tag." };
}

export type FallbackSound = "welcome" | "wait" | "sorry" | "busy" | "received" | "record";

/** What is spoken in the files under asterisk-config/sounds, which are played when nothing else is there. */
export const fallbackTexts: Readonly<Record<FallbackSound, string>> = {
  welcome: "Guten Tag. Bitte bleiben Sie einen Augenblick in der Leitung.",
  wait: "Bitte bleiben Sie in der Leitung.",
  sorry:
    "Ihr Anruf kann im Moment leider nicht angenommen werden. " +
    "Bitte versuchen Sie es später noch einmal. Vielen Dank und auf Wiederhören.",
  busy: "Ihr Anruf kann im Moment leider nicht angenommen werden.",
  received: "Ihre Eingabe ist angekommen.",
  record:
    "Bitte sprechen Sie die Ansage nach dem Ton. " +
    "Wenn Sie fertig sind, legen Sie auf oder drücken die Raute-Taste.",
};

/** Farewells only where the call ends with them. */
export const fallbackOf: Readonly<Record<RecordedAnnouncement, FallbackSound>> = {
  greeting: "welcome",
  closed: "sorry",
  closed_holiday: "sorry",
  closed_adhoc: "sorry",
  no_agents: "sorry",
  all_paused: "busy",
  full: "sorry",
  timed_out: "sorry",
  closing: "sorry",
  special_1: "sorry",
  special_2: "sorry",
  special_3: "sorry",
  waiting_1: "wait",
  waiting_2: "wait",
  waiting_3: "wait",
  overflow: "busy",
  forwarding: "wait",
};

export const confirmationFallback: FallbackSound = "received";

/** The text as it is given to speech: a German voice reads English words as if they were German. */
export function speakable(text: string): string {
  return text.normalize("NFC").replace(/(h)otline/gi, "$1ottlein");
}
