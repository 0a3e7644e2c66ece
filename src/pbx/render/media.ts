import type { Config } from "../../config/load.ts";
import type { Setting } from "./text.ts";

/** What phones and trunk have in common: codecs, audio, and how a call whose hang-up got lost comes to its end. */
export function mediaSettings(config: Pick<Config, "bind" | "calls">): Setting[] {
  const anyAddress = config.bind === "0.0.0.0" || config.bind === "::";
  return [
    ["disallow", "all"],
    ["allow", "g722,alaw,ulaw"],
    ["language", "de"],
    ["direct_media", "no"],
    ["rtp_symmetric", "yes"],
    // The address in the SDP is then never looked up.
    ["media_address", anyAddress ? null : config.bind],
    ["bind_rtp_to_media_address", anyAddress ? null : "yes"],
    ["rtp_timeout", config.calls.rtpTimeoutSeconds],
    ["rtp_timeout_hold", config.calls.rtpTimeoutSeconds * 4],
    ["timers", "yes"],
    ["timers_min_se", 90],
    ["timers_sess_expires", config.calls.sessionExpiresSeconds],
    ["allow_subscribe", "no"],
    // Else each side would get a re-INVITE with the other's name and number as soon as they are connected.
    ["send_connected_line", "no"],
    ["trust_connected_line", "no"],
  ];
}
