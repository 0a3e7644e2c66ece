import { type Confirmation, confirmations } from "../core/effects.ts";
import { lastSpokenPosition, type Spoken, spokenMinutes } from "../core/hotlines.ts";
import { beforeNoun } from "./german.ts";

/** Sentences that are the same for all hotlines, by what they are for. */
export type SentenceSet = Spoken["kind"] | "confirmations";

/** What agents hear who have dialled a code. */
const confirmationTexts: Readonly<Record<Confirmation, string>> = {
  logged_in: "Sie sind angemeldet.",
  logged_out: "Sie sind abgemeldet.",
  logging_out: "Sie werden nach diesem Gespräch abgemeldet.",
  paused: "Pause. Sie erhalten keine Anrufe.",
  pausing: "Ihre Pause beginnt nach diesem Gespräch.",
  resumed: "Keine Pause mehr. Sie erhalten wieder Anrufe.",
  wrap_up_ended: "Die Nachbearbeitung ist beendet.",
  no_wrap_up: "Sie sind nicht in der Nachbearbeitung.",
  not_logged_in: "Sie sind nicht angemeldet.",
};

export function confirmationText(confirmation: Confirmation): string {
  return confirmationTexts[confirmation];
}

/** Whole sentences, because sentences put together from parts sound like it. */
export function spokenText(spoken: Spoken): string {
  if (spoken.kind === "position") return positionText(spoken.position);
  const { minutes } = spoken;
  return `Ihre Wartezeit beträgt voraussichtlich noch etwa ${minutes === 1 ? "eine Minute" : `${beforeNoun(minutes)} Minuten`}.`;
}

function positionText(position: number): string {
  const ahead = Math.min(position, lastSpokenPosition) - 1;
  if (ahead <= 0) return "Sie sind als Nächstes an der Reihe.";
  if (ahead === 1) return "Vor Ihnen wartet noch eine Person.";
  // The last position also stands for all behind it.
  const orMore = position >= lastSpokenPosition ? "mindestens " : "";
  return `Vor Ihnen warten noch ${orMore}${beforeNoun(ahead)} Personen.`;
}

export const sentenceSets: Readonly<Record<SentenceSet, readonly string[]>> = {
  confirmations: confirmations.map(confirmationText),
  position: Array.from({ length: lastSpokenPosition }, (_, i) =>
    spokenText({ kind: "position", position: i + 1 }),
  ),
  expected_wait: spokenMinutes.map((minutes) => spokenText({ kind: "expected_wait", minutes })),
};
