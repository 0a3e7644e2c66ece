/** The words of the admin API that are also those of the core. Without zod, so that the CLI's help comes quickly. */
export { periodicAnnouncements, recordedAnnouncements, strategies } from "../core/hotlines.ts";
export { reservedAgentIds } from "../core/ids.ts";

/** A number outside that callers can be forwarded to: digits, perhaps behind a +. */
export const outsideNumberPattern = /^\+?[0-9]{3,20}$/;
/** A number that callers dial, as the trunk delivers it. */
export const dialledNumberPattern = /^\+?[0-9]{1,20}$/;
export const idPattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/;
export const skillPattern = /^[a-z0-9][a-z0-9_-]{0,31}$/;

/** A number without what people put between its digits: `+49 (361) 123-45` is `+4936112345`. */
export const plainNumber = (text: string): string => text.replace(/[\s()/.\u2010-\u2015-]/g, "");
