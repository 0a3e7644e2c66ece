/** Stable: clients of the admin API see them. */
export type AnnouncementErrorCode =
  /** The file holds no audio that can be read. */
  | "sound_unreadable"
  | "sound_empty"
  | "sound_silent"
  /** A click, or one who has hung up at once. */
  | "sound_too_short"
  /** Recorded too loud, so that it rattles. */
  | "sound_clipped"
  /** Cannot be made as loud as the others. */
  | "sound_unlevel"
  | "sound_too_long"
  | "sound_too_large"
  /** An administrator's text cannot be spoken: empty, too long, or with an unknown placeholder. */
  | "text_invalid"
  /** Too many imports at once. */
  | "busy"
  /** Not the file's fault: the speech command does not work. */
  | "speech_failed"
  /** Not the file's fault: the conversion does not work, or its result cannot be written. */
  | "conversion_failed"
  /** Another recording or text was set since. */
  | "changed_since"
  /** The files of a recording are not there any more. */
  | "sound_missing";

/** The message is one or more whole sentences for the administrator. */
export class AnnouncementError extends Error {
  override readonly name = "AnnouncementError";
  readonly code: AnnouncementErrorCode;

  constructor(code: AnnouncementErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
