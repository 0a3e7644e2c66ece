import { openStore } from "../../src/store/store.ts";
import { arrival, batchOf } from "./support.ts";

/*
 * Writes calls c1, c2, … to the database it is given until it is killed, and says which are acknowledged and which
 * trouble there is, a line of JSON each. Several are under way at any time.
 */

const [path] = process.argv.slice(2);
if (!path) throw new Error("usage: write-forever.ts DATABASE");
const say = (said: Said) => process.stdout.write(`${JSON.stringify(said)}\n`);

export type Said = { readonly written: number } | { readonly trouble: string | null };

const store = await openStore({ path, onTrouble: (trouble) => say({ trouble }) });
let last = 0;

async function writeOn(): Promise<never> {
  for (;;) {
    const number = ++last;
    await store.write(batchOf({ story: [arrival(`c${number}`, number)], durable: number % 10 === 0 }));
    say({ written: number });
  }
}

await Promise.all(Array.from({ length: 8 }, writeOn));
