import { applyChange, type LiveEvent } from "../../api/live.ts";
import { failure } from "../errors.ts";
import { followEvents } from "../event-stream.ts";
import { changeLines } from "./lines.ts";
import { narrowing } from "./narrow.ts";
import { clockText, screenLines } from "./screen.ts";
import { openTerminal, type Terminal } from "./terminal.ts";
import type { View } from "./view.ts";

export type WatchSettings = {
  readonly only: string | null;
  readonly once: boolean;
  readonly json: boolean;
  readonly plain: boolean;
  readonly colour: boolean;
};

/** What one way of showing does. */
type Display = {
  event(event: LiveEvent, view: View, before: View | null): void;
  away(view: View): void;
};

const frameEveryMs = 50;
const signals = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

/** Shows what happens until somebody ends it, or once. Rejects with a CliError when there is nothing to be shown. */
export async function watch(home: string, settings: WatchSettings): Promise<void> {
  const ended = new AbortController();
  const end = () => ended.abort();
  for (const signal of signals) process.once(signal, end);
  let view: View | null = null;
  const display = openDisplay(settings, () => view, end);
  try {
    await followEvents(
      home,
      {
        event(event) {
          const before: View | null = view;
          const live = event.type === "snapshot" ? event : before && applyChange(before.live, event);
          if (!live) throw new Error("The daemon's first event was no snapshot");
          if (!before) refuseUnknown(settings.only, live.hotlines);
          const clockOffsetMs = Date.parse(event.at) - Date.now();
          view = { live, only: settings.only, awaySince: null, clockOffsetMs };
          display.event(event, view, before);
          if (settings.once) end();
        },
        away() {
          if (!view) return;
          view = { ...view, awaySince: Date.now() };
          display.away(view);
        },
      },
      ended.signal,
    );
  } finally {
    display.close();
    for (const signal of signals) process.off(signal, end);
  }
}

function refuseUnknown(only: string | null, hotlines: readonly { id: string }[]): void {
  if (only === null || hotlines.some(({ id }) => id === only)) return;
  const known = hotlines.map(({ id }) => id).join(", ");
  throw failure(`there is no hotline "${only}"; there is: ${known || "none yet"}`);
}

function openDisplay(
  settings: WatchSettings,
  view: () => View | null,
  end: () => void,
): Display & { close(): void } {
  if (settings.json) return jsonLines(settings.only);
  if (settings.once) return oneScreen(settings.colour);
  return settings.plain ? plainLines() : fullScreen(settings.colour, view, end);
}

const print = (line: string) => process.stdout.write(`${line}\n`);

function jsonLines(only: string | null): Display & { close(): void } {
  const narrow = only === null ? (event: LiveEvent) => event : narrowing(only);
  return {
    event(event) {
      const narrowed = narrow(event);
      if (narrowed) print(JSON.stringify(narrowed));
    },
    away: ({ awaySince }) => print(JSON.stringify({ type: "away", at: new Date(awaySince!).toISOString() })),
    close: () => undefined,
  };
}

function oneScreen(colour: boolean): Display & { close(): void } {
  return {
    event(_event, view) {
      const columns = process.stdout.columns || 120;
      // Title and foot are for a window.
      const lines = screenLines(view, { columns, rows: Number.POSITIVE_INFINITY }, colour, Date.now());
      print(lines.slice(1, -1).join("\n"));
    },
    away: () => undefined,
    close: () => undefined,
  };
}

function plainLines(): Display & { close(): void } {
  return {
    event(_event, view, before) {
      const now = Date.now();
      if (before && before.awaySince !== null) print(`${clockText(now)} the daemon is back`);
      for (const line of changeLines(before, view, now)) print(line);
    },
    away: ({ awaySince }) => print(`${clockText(awaySince!)} the daemon is away, trying again; calls go on`),
    close: () => undefined,
  };
}

/** Draws at most twenty times a second, and at every full second, since times go on by themselves. */
function fullScreen(colour: boolean, view: () => View | null, end: () => void): Display & { close(): void } {
  let terminal: Terminal | null = null;
  let drawnAtMs = 0;
  let timer: NodeJS.Timeout | null = null;
  const draw = () => {
    if (timer) clearTimeout(timer);
    timer = null;
    const now = view();
    if (!terminal || !now) return;
    drawnAtMs = Date.now();
    terminal.draw(screenLines(now, terminal.size(), colour, drawnAtMs));
    timer = setTimeout(draw, 1_000 - (drawnAtMs % 1_000));
  };
  const soon = () => {
    if (timer) clearTimeout(timer);
    timer = setTimeout(draw, Math.max(0, drawnAtMs + frameEveryMs - Date.now()));
  };
  return {
    event() {
      // The window is taken only once there is something to show: what goes wrong before stays readable.
      terminal ??= openTerminal({ quit: end, resized: draw });
      soon();
    },
    away: soon,
    close() {
      if (timer) clearTimeout(timer);
      timer = null;
      terminal?.close();
    },
  };
}
