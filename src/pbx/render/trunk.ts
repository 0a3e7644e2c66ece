import type { Config } from "../../config/load.ts";
import { mediaSettings } from "./media.ts";
import { file, section } from "./text.ts";

/** Name of the trunk's endpoint: `PJSIP/<number>@trunk`. */
export const trunkName = "trunk";

/** The text of `rendered/pjsip_trunk.conf`: where citizens' calls come from. Known by its address, so it needs no password. */
export function renderTrunk(config: Pick<Config, "bind" | "calls" | "trunk">): string {
  const trunk = config.trunk;
  if (trunk === null) return file("There is no trunk: no calls from or to outside.");
  return file(
    "The trunk.",
    section(trunkName, [
      ["type", "endpoint"],
      ["context", "from-trunk"],
      // By its address only: else anybody who writes this name into a header would pass for it.
      ["identify_by", "ip"],
      ["aors", trunkName],
      ...mediaSettings(config),
      // A citizen's phone cannot transfer the call, least of all to a number that costs money.
      ["allow_transfer", "no"],
      ["trust_id_inbound", "yes"],
      ["trust_id_outbound", "yes"],
      ["send_pai", "yes"],
    ]),
    section(trunkName, [
      ["type", "aor"],
      ["contact", `sip:${trunk.sendTo.host}:${trunk.sendTo.port}`],
    ]),
    section(trunkName, [
      ["type", "identify"],
      ["endpoint", trunkName],
      ["srv_lookups", "no"],
      ...trunk.acceptFrom.map((network) => ["match", network] as const),
    ]),
  );
}
