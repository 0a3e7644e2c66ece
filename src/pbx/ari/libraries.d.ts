// What is used of the two client libraries, written by hand: their own types are missing or out of date.

declare module "ari-client" {
  import type { EventEmitter } from "node:events";

  namespace ariClient {
    /** An operation of Asterisk's API under its nickname, for example channels.hangup. */
    type Operation = (parameters: Record<string, unknown>) => Promise<unknown>;

    interface Client extends EventEmitter {
      /** Opens the event socket. Sets `_ws` before it returns. */
      start(app: string): Promise<void>;
      ping(): void;
      readonly channels: Record<string, Operation>;
      readonly bridges: Record<string, Operation>;
      readonly playbacks: Record<string, Operation>;
      readonly recordings: Record<string, Operation>;
      readonly applications: Record<string, Operation>;
      readonly endpoints: Record<string, Operation>;
      readonly asterisk: Record<string, Operation>;
      /** Internals; see connection.ts for why they are needed. */
      readonly _ws: import("./connection.ts").EventSocket;
      _wsClosed?: boolean;
    }
  }

  const ariClient: {
    connect(url: string, user: string, password: string): Promise<ariClient.Client>;
  };
  export = ariClient;
}

declare module "asterisk-manager" {
  import type { EventEmitter } from "node:events";

  namespace createManager {
    interface Manager extends Pick<EventEmitter, "on"> {
      connect(port: number, host: string, callback?: () => void): void;
      login(callback: (error?: unknown) => void): void;
      action(
        action: Record<string, string>,
        callback?: (error: unknown, response: Record<string, unknown>) => void,
      ): string;
      disconnect(): void;
      isConnected(): boolean;
    }
  }

  /** Called with port null it does not connect by itself. */
  const createManager: (
    port: number | null,
    host: string,
    user: string,
    password: string,
    events: boolean,
  ) => createManager.Manager;
  export = createManager;
}
