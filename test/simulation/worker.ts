import { parentPort } from "node:worker_threads";
import { Player } from "./seeds.ts";

/** Plays the blocks of seeds it is given, one after the other, until it is told to end. */
export type Block = { readonly from: number; readonly count: number };

const port = parentPort;
if (!port) throw new Error("This module runs in a worker thread only.");
const player = new Player();
port.on("message", async (block: Block | "end") => {
  if (block === "end") {
    await player.close();
    port.close();
    return;
  }
  port.postMessage(await player.playSeeds(block.from, block.count));
});
