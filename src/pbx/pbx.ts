import { pbxUser } from "../config/secrets.ts";
import type { PbxRun } from "../core/ids.ts";
import { AmiWatch } from "./ami/watch.ts";
import { AriError, isAriError } from "./ari/errors.ts";
import { leftBehind } from "./ari/left-behind.ts";
import { Link } from "./ari/link.ts";
import { type Operations, recordingFormat } from "./ari/operations.ts";
import { Orders } from "./ari/orders.ts";
import { Phones } from "./ari/phones.ts";
import { readSnapshot, type Snapshot } from "./ari/snapshot.ts";
import { Studio } from "./ari/studio.ts";
import { Switchboard } from "./ari/switchboard.ts";
import { sightingOf } from "./ari/translate.ts";
import { Transport } from "./ari/transport.ts";
import type { AriChannel, AriEvent } from "./ari/types.ts";
import { defaultLimits, type PbxLimits } from "./limits.ts";
import { type Log, reasonOf } from "./log.ts";
import type { Pbx, PbxFindings, PbxStatus, PbxSurroundings } from "./port.ts";
import { Pulse } from "./pulse.ts";
import { Reloads } from "./reloads.ts";
import { stasisApp } from "./render/asterisk.ts";
import { trunkName } from "./render/trunk.ts";
import { Spool } from "./spool.ts";
import { lostWithAsterisk, Unseen } from "./unseen.ts";

export type PbxOptions = {
  /** Both are on this machine unless a host is given. */
  readonly host?: string;
  readonly ari: { readonly port: number; readonly password: string };
  /** Null: without AMI. Calls do not need it. */
  readonly ami: { readonly port: number; readonly password: string } | null;
  /** Where the dialplan notes the ends of calls, see spool.ts; null: nowhere. */
  readonly endedCalls: string | null;
  readonly log: Log;
  readonly limits?: Partial<PbxLimits>;
};

/** How long a snapshot waits for AMI, which connects about as fast as ARI. */
const amiPatienceMs = 500;

/** The whole of Asterisk as the loop sees it: calls over ARI, the rest over AMI. */
export function createPbx(options: PbxOptions, surroundings: PbxSurroundings): Pbx {
  return new AsteriskPbx(options, surroundings);
}

class AsteriskPbx implements Pbx {
  readonly #log: Log;
  readonly #surroundings: PbxSurroundings;
  readonly #link: Link;
  readonly #ami: AmiWatch | null;
  readonly #phones: Phones;
  readonly #board: Switchboard;
  readonly #orders: Orders;
  readonly #studio: Studio;
  readonly #reloads: Reloads;
  readonly #fallbackReloads: Reloads;
  /** Asterisk refuses a reload while another one runs. */
  #reloading: Promise<void> = Promise.resolve();
  readonly #pulse: Pulse;
  readonly #unseen: Unseen | null;
  readonly #looking: Pulse;
  readonly #handOverMs: number;

  constructor(options: PbxOptions, surroundings: PbxSurroundings) {
    const limits = { ...defaultLimits, ...options.limits };
    this.#log = options.log;
    this.#surroundings = surroundings;
    this.#phones = new Phones(surroundings);
    this.#board = new Switchboard(
      this.#phones,
      {
        tell: surroundings.tell,
        lastHeard: surroundings.lastHeard,
        musicAgain: (call) => this.#orders.musicAgain(call),
        hangUpOther: (channel) => this.#orders.hangUpOther(channel),
        checkFarewell: (channel) => this.#orders.checkFarewell(channel),
        checkJoin: (bridge, call, leg) => this.#orders.checkJoin(bridge, call, leg),
        replaced: () => this.#link.replaced(),
        otherGone: (channel) => this.#unseen?.channelGone(channel),
      },
      limits,
      options.log,
    );
    this.#link = this.#makeLink(options, limits);
    const operations = () => this.#link.operations;
    this.#orders = new Orders(this.#board, operations, surroundings, stasisApp, options.log);
    this.#studio = new Studio(operations, surroundings, options.log);
    this.#reloads = new Reloads(() => this.#inTurn(() => this.#reload()), limits.reloadGapMs);
    this.#fallbackReloads = new Reloads(() => this.#inTurn(() => this.#reloadFallback()), limits.reloadGapMs);
    this.#pulse = new Pulse(() => signOfLife(this.#connected()), limits.signOfLifeEveryMs);
    this.#unseen =
      options.endedCalls === null
        ? null
        : new Unseen(new Spool(options.endedCalls, surroundings.spoolTrouble), surroundings, options.log);
    this.#looking = new Pulse(async () => this.#unseen?.look(), limits.spoolLookEveryMs);
    this.#handOverMs = limits.handOverMs;
    this.#ami = makeAmi(options, limits, (message) => surroundings.onTrouble("ami", message));
  }

  start(): void {
    this.#link.start();
    this.#ami?.start();
  }

  async stop(): Promise<void> {
    this.#pulse.stop();
    this.#looking.stop();
    this.#unseen?.stop();
    // Who calls from here on hears music at once.
    await this.#link.operations?.setGlobal(signVariable, "0").catch(() => {});
    await this.#orders.idle();
    this.#board.stop();
    await Promise.all([this.#link.stop(), this.#ami?.stop()]);
  }

  playToPhone: Pbx["playToPhone"] = (call) => this.#studio.play(call);

  recordFromPhone: Pbx["recordFromPhone"] = async (call, longestMs) =>
    `${await this.#studio.record(call, longestMs)}.${recordingFormat}`;

  stopStudio(): void {
    this.#studio.stop("The hotline's daemon is stopping; try again when it runs.");
  }

  carryOut: Pbx["carryOut"] = (effect) => this.#orders.carryOut(effect);

  ordersDone(): Promise<void> {
    return this.#orders.idle();
  }

  status(): PbxStatus {
    return {
      connected: this.#link.isUp,
      requestsWaiting: this.#link.requestsWaiting,
      amiConnected: this.#ami?.isUp ?? false,
      version: this.#link.version,
    };
  }

  async examine(): Promise<PbxFindings | null> {
    const { operations } = this.#link;
    if (!operations) return null;
    try {
      const [modules, endpoints] = await Promise.all([operations.allModules(), operations.allPhones()]);
      const trunk = endpoints.find(({ resource }) => resource === trunkName);
      const state = trunk?.state;
      return {
        modules: modules.filter(({ status }) => status === "Running").map(({ name }) => name),
        trunk: !trunk ? "none" : state === "online" || state === "offline" ? state : "unknown",
      };
    } catch (error) {
      // It was lost meanwhile, which shows in the status.
      if (error instanceof AriError) return null;
      throw error;
    }
  }

  reloadPhones(): Promise<void> {
    return this.#reloads.ask();
  }

  reloadFallback(): Promise<void> {
    return this.#fallbackReloads.ask();
  }

  async forgetContacts(endpoint: string): Promise<void> {
    const operations = this.#connected();
    const contacts = (await this.#ami?.contacts()) ?? [];
    for (const contact of contacts.filter((one) => one.endpoint === endpoint)) {
      await operations.deleteContact(contact.id).catch((error: unknown) => {
        if (!isAriError(error, "not_found")) throw error;
      });
    }
  }

  #makeLink({ host, ari, log }: PbxOptions, limits: PbxLimits): Link {
    const { password } = ari;
    const transport = new Transport({
      origin: `http://${host ?? "127.0.0.1"}:${ari.port}`,
      user: pbxUser,
      password,
      timeoutMs: limits.requestTimeoutMs,
      connectionsMax: limits.connectionsMax,
      waitingMax: limits.waitingRequestsMax,
    });
    const handlers = {
      onOpen: (operations: Operations, startedAt: string) => this.#opened(operations, startedAt),
      onEvent: (event: AriEvent) => this.#seen(event),
      onLost: () => {
        this.#pulse.stop();
        this.#looking.stop();
        this.#board.stop();
        this.#studio.stop("The connection to Asterisk was lost.");
        this.#surroundings.tell({ type: "pbx_lost" });
      },
      onTrouble: (message: string | null) => this.#surroundings.onTrouble("asterisk", message),
    };
    return new Link({ ...limits, user: pbxUser, password, app: stasisApp }, transport, handlers, log);
  }

  async #opened(operations: Operations, startedAt: string): Promise<() => void> {
    const openedMs = Date.now();
    const unproven = this.#ami?.unproven(amiPatienceMs) ?? Promise.resolve([]);
    await this.#fetchWaiting(operations);
    const snapshot = await readSnapshot(operations, stasisApp);
    const notes = (await this.#unseen?.read()) ?? { arrivals: [], ends: [] };
    const ended = notes.ends.map(({ channel }) => channel).filter(this.#surroundings.isKnown);
    const left = await leftBehind(operations, snapshot, ended);
    const unprovenPhones = await unproven;
    return () => {
      const { callers, legs, elsewhere } = snapshot;
      const ours = new Set<string>([...callers.map(({ call }) => call), ...legs.map(({ leg }) => leg)]);
      const alive = new Set([...ours, ...elsewhere]);
      this.#unseen?.tellKnown(notes.ends, ours, left);
      this.#tell(startedAt as PbxRun, snapshot, unprovenPhones);
      this.#sweep(operations, snapshot);
      this.#studio.sweep(snapshot.studios);
      this.#ami?.qualify(unprovenPhones);
      this.#pulse.start();
      const lost = lostWithAsterisk(notes, alive, openedMs, Date.parse(startedAt));
      this.#unseen?.connected(openedMs, lost);
      this.#looking.start();
    };
  }

  /**
   * Who called while we were away waits in the dialplan. Let them all come before the list is read: then it has them in the
   * order of their arrival, and nobody is rung for one who came later.
   */
  async #fetchWaiting(operations: Operations): Promise<void> {
    const untilMs = performance.now() + this.#handOverMs;
    while ((await operations.allChannels()).some(waitsInDialplan)) {
      if (performance.now() > untilMs) return;
      await signOfLife(operations);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  #tell(run: PbxRun, snapshot: Snapshot, unprovenPhones: readonly string[]): void {
    const { callers, legs, talks, elsewhere, endpoints } = snapshot;
    this.#board.reset(snapshot);
    this.#surroundings.tell({
      type: "pbx_snapshot",
      run,
      callers: callers.map(({ call, number, from, arrivedMs }) => ({ call, number, from, arrivedMs })),
      legs,
      talks,
      phones: this.#phones.reset(endpoints, unprovenPhones),
      elsewhere,
    });
  }

  /** One after the other: many at once, shortly after a reconnect, have brought Asterisk down (asterisk#1201). */
  async #sweep(operations: Operations, { deadBridges }: Snapshot): Promise<void> {
    for (const bridge of deadBridges) await operations.destroyBridge(bridge).catch(() => {});
  }

  #seen(event: AriEvent): void {
    try {
      const sighting = sightingOf(event);
      if (!this.#studio.take(sighting)) this.#board.take(sighting);
    } catch (error) {
      this.#log.error({ type: event.type, why: reasonOf(error) }, "an event from Asterisk could not be read");
    }
  }

  #inTurn(reload: () => Promise<unknown>): Promise<void> {
    const turn = this.#reloading.then(async () => {
      await reload();
    });
    this.#reloading = turn.catch(() => {});
    return turn;
  }

  async #reloadFallback(): Promise<void> {
    const operations = this.#connected();
    // First who is rung, then where they are named.
    // The queues last: once they are there, so is all the rest.
    await operations.reloadModule("pbx_config.so");
    await operations.reloadModule("app_queue.so");
  }

  async #reload(): Promise<void> {
    const operations = this.#connected();
    await operations.reloadModule("res_pjsip.so");
    await operations.reloadModule("pbx_config.so");
    // A phone's first state may have been told before the agent was known here.
    await this.#phones.refresh(() => operations.allPhones());
  }

  #connected(): Operations {
    const { operations } = this.#link;
    if (!operations) throw new Error("not connected to Asterisk");
    return operations;
  }
}

/** The dialplan looks at it before it hands a call to us, see asterisk-config/extensions.conf. */
const signVariable = "DAEMON_SEEN";

const signOfLife = (to: Operations) => to.setGlobal(signVariable, String(Math.floor(Date.now() / 1000)));

const waitsInDialplan = ({ dialplan }: AriChannel) => dialplan.context === "away";

function makeAmi(
  { host, ami, log }: PbxOptions,
  limits: PbxLimits,
  onTrouble: (message: string | null) => void,
): AmiWatch | null {
  if (!ami) return null;
  return new AmiWatch(
    {
      host: host ?? "127.0.0.1",
      port: ami.port,
      user: pbxUser,
      password: ami.password,
      eventMask: "system,security",
      actionTimeoutMs: limits.requestTimeoutMs,
      pingEveryMs: limits.amiPingEveryMs,
      backoffFirstMs: limits.backoffFirstMs,
      backoffLongestMs: limits.backoffLongestMs,
      outageMs: limits.outageMs,
    },
    log,
    onTrouble,
  );
}
