import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import type { State } from "../core/state.ts";
import { type Address, type Signs, serveSigns } from "../http/signs.ts";
import type { PbxStatus } from "../pbx/port.ts";
import type { Alarms } from "./alarms.ts";
import { type StartTimer, systemTimer } from "./clock.ts";
import type { Metrics } from "./metrics.ts";

export type SignsParts = {
  readonly state: State;
  readonly pbx: { status(): PbxStatus };
  readonly alarms: Alarms;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly startTimer?: StartTimer;
};

const alarm = "http";
/** A port that somebody else has is tried again. */
const tryAgainMs = 10_000;

/**
 * Gives signs of life to monitoring at `address`. Calls do not depend on it: when the port cannot be had, there is an alarm,
 * and it is tried again. Resolves after the first try, with what ends it.
 */
export async function startSigns(address: Address, parts: SignsParts): Promise<() => Promise<void>> {
  const { alarms, log } = parts;
  const startTimer = parts.startTimer ?? systemTimer;
  let app: FastifyInstance | null = null;
  let stopped = false;
  let cancel: () => void = () => undefined;
  const listen = async () => {
    try {
      const listening = await serveSigns(address, signsOf(parts), log);
      if (stopped) return await listening.close();
      app = listening;
      alarms.clear(alarm);
    } catch (error) {
      alarms.raise(alarm, unavailable(address, error as NodeJS.ErrnoException));
      if (!stopped) cancel = startTimer(() => void listen(), tryAgainMs);
    }
  };
  await listen();
  return async () => {
    stopped = true;
    cancel();
    await app?.close();
  };
}

function signsOf({ state, pbx, alarms, metrics }: SignsParts): Signs {
  return {
    alarms: () => alarms.list().map(({ code }) => code),
    obstacles: () => {
      if (!pbx.status().connected) return ["Asterisk cannot be reached."];
      return state.loose.pbx === "up" ? [] : ["What lives in Asterisk has not been compared yet."];
    },
    metrics: () => metrics.text(),
  };
}

function unavailable({ bind, port }: Address, error: NodeJS.ErrnoException): string {
  const why = error.code === "EADDRINUSE" ? "another program has that port" : error.message;
  return (
    `Monitoring cannot ask ${bind}:${port} (http in hotline.yaml): ${why}. ` +
    `Calls go on; tried again every ${tryAgainMs / 1000} s.`
  );
}
