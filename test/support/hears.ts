import type { Call } from "./call.ts";
import { poll } from "./process.ts";
import { level } from "./tones.ts";

/** Music, or an announcement: whatever it is, the line is not dead. */
export async function hearsSomething(call: Call): Promise<void> {
  const before = call.audio.packetsReceived;
  await poll("half a second of audio", 5_000, () => {
    const heard = call.recording().subarray(-4_000);
    return call.audio.packetsReceived >= before + 25 && level(heard) > 100 ? true : undefined;
  });
}
