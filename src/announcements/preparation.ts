import { setTimeout } from "node:timers/promises";
import { computedAnnouncements, type RecordedAnnouncement } from "../core/hotlines.ts";
import type { HotlineId } from "../core/ids.ts";
import type { WallMs } from "../core/time.ts";
import { type Limit, limitTo } from "./limit.ts";
import { type SentenceSet, sentenceSets } from "./sentences.ts";
import { type AnnouncedHotline, type Setting, type Settings, wordingsAhead } from "./settings.ts";
import { maxParallel, type Sounds } from "./sounds.ts";

/** Told after each preparation what could not be made, in whole sentences; null: all is well (again). */
export type OnTrouble = (code: string, message: string | null) => void;

/** Without an overflow step, nothing else can come first. */
const arrivalAnnouncements: readonly RecordedAnnouncement[] = [
  "greeting",
  "closed",
  "closed_holiday",
  "closed_adhoc",
  "no_agents",
  "full",
];

const whatToDo =
  "Something older or more general is heard instead. Check `announcements` in hotline.yaml; it is tried again at the next start.";

/** Makes sounds before they are needed. Never rejects; what could not be made is told to `onTrouble`. */
export class Preparation {
  readonly #sounds: Sounds;
  readonly #sentences: Sounds;
  readonly #settings: Settings;
  readonly #onTrouble: OnTrouble;
  readonly #now: () => WallMs;
  /** What is heard at an arrival and what is imported goes before all else. */
  readonly #inSpareTime = limitTo(1);
  readonly #atOnce = limitTo(maxParallel);
  /** How many preparations of a hotline have not come to their end. */
  readonly #underWay = new Map<HotlineId, number>();
  #stopped = false;

  constructor(
    sounds: Sounds,
    sentences: Sounds,
    settings: Settings,
    onTrouble: OnTrouble,
    now: () => WallMs,
  ) {
    this.#sounds = sounds;
    this.#sentences = sentences;
    this.#settings = settings;
    this.#onTrouble = onTrouble;
    this.#now = now;
  }

  /** Goes on after `atMostMs` with what is left. */
  async arrivals(hotlines: readonly AnnouncedHotline[], atMostMs: number): Promise<void> {
    for (const hotline of hotlines) this.#settings.remember(hotline);
    const texts = hotlines.flatMap(({ id }) =>
      arrivalAnnouncements.flatMap((name) => textsOf(this.#settings.of(id, name), this.#now())),
    );
    // What fails here is tried again, and told, with all the rest.
    const spoken = Promise.all(texts.map((text) => this.#speak(this.#atOnce, this.#sounds, text)));
    await Promise.race([spoken, setTimeout(atMostMs, undefined, { ref: false })]);
  }

  async hotline(hotline: AnnouncedHotline): Promise<void> {
    this.#settings.remember(hotline);
    this.#count(hotline.id, 1);
    const problems = await Promise.all(
      this.#settings.all(hotline.id).map((setting) => this.#problemsOf(setting)),
    );
    this.#count(hotline.id, -1);
    // Else another preparation tells how it is now.
    if (!this.#stopped && this.#settings.hotline(hotline.id) === hotline)
      this.#onTrouble(troubleOf(hotline.id), told(hotline.id, problems.flat()));
    const periodic = new Set(hotline.periodic.map(({ announcement }) => announcement));
    for (const set of computedAnnouncements) if (periodic.has(set)) await this.sentences(set);
  }

  /** Whether announcements of it are still being made. */
  isUnderWay(hotline: HotlineId): boolean {
    return this.#underWay.has(hotline);
  }

  #count(hotline: HotlineId, more: 1 | -1): void {
    const count = (this.#underWay.get(hotline) ?? 0) + more;
    if (count > 0) this.#underWay.set(hotline, count);
    else this.#underWay.delete(hotline);
  }

  /** After one of the hotline's announcements was set. */
  again(id: HotlineId): void {
    const hotline = this.#settings.hotline(id);
    if (hotline) void this.hotline(hotline);
  }

  /** The days go by, and with them what is to be said of the next opening. */
  async renew(): Promise<void> {
    for (const hotline of this.#settings.telling()) await this.hotline(hotline);
  }

  forget(hotline: HotlineId): void {
    this.#onTrouble(troubleOf(hotline), null);
  }

  async sentences(set: SentenceSet): Promise<void> {
    const texts = sentenceSets[set];
    const reasons = await Promise.all(
      texts.map((text) => this.#speak(this.#inSpareTime, this.#sentences, text)),
    );
    if (this.#stopped) return;
    const failed = reasons.filter((reason) => reason !== null);
    const message = `${failed.length} of ${texts.length} sentences (${set}) could not be made: ${failed[0]} ${whatToDo}`;
    this.#onTrouble(`sentences_${set}`, failed.length === 0 ? null : message);
  }

  /** Begins no more sounds; one under way is finished. */
  stop(): void {
    this.#stopped = true;
  }

  async #problemsOf(setting: Setting): Promise<Problem[]> {
    const { name, row } = setting;
    const lost = row?.source === "file" && this.#sounds.lengthMs(row.sound) === null;
    const reasons = await Promise.all(
      textsOf(setting, this.#now()).map((text) => this.#speak(this.#inSpareTime, this.#sounds, text)),
    );
    if (lost) reasons.unshift(`The imported recording ${row.text} is missing; import it again.`);
    return reasons.filter((reason) => reason !== null).map((reason) => ({ name, reason }));
  }

  /** Null unless it failed. */
  #speak(limit: Limit, sounds: Sounds, text: string): Promise<string | null> {
    return limit(async () => (this.#stopped ? null : whyNotSpoken(sounds, text)));
  }
}

type Problem = { readonly name: RecordedAnnouncement; readonly reason: string };

const troubleOf = (hotline: HotlineId) => `announcements_${hotline}`;

function told(hotline: HotlineId, problems: readonly Problem[]): string | null {
  if (problems.length === 0) return null;
  const reasons = [...new Set(problems.map(({ reason }) => reason))];
  const lines = reasons.map((reason) => {
    const names = problems.filter((problem) => problem.reason === reason).map(({ name }) => name);
    return `${names.join(", ")}: ${reason}`;
  });
  return `Not all announcements of hotline ${hotline} could be made. ${lines.join(" ")} ${whatToDo}`;
}

/** The default text too: it is what is left when an own recording is lost. */
function textsOf(setting: Setting, now: WallMs): readonly string[] {
  return [...new Set([...wordingsAhead(setting, now), setting.text])];
}

/** Null when it is spoken. */
async function whyNotSpoken(sounds: Sounds, text: string): Promise<string | null> {
  try {
    await sounds.speak(text);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}
