import Module, { createRequire } from "node:module";
import type AriClient from "ari-client";

/*
 * ari-client without `request`. That package and what it brings along are four fifths of what ari-client loads, while people
 * wait for a daemon that starts again; it is used once, to ask whether Asterisk can be reached, which openConnection() has
 * asked by then. What follows goes through our transport all the same.
 */

const load = createRequire(createRequire(import.meta.url).resolve("ari-client"));

function leaveOutRequest(): void {
  const file = load.resolve("request");
  const instead = new Module(file);
  instead.loaded = true;
  instead.exports = (_url: string, done: (error: null) => void) => setImmediate(done, null);
  load.cache[file] = instead;
}

leaveOutRequest();

export const ariClient = load("ari-client") as typeof AriClient;
