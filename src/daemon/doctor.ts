import type { DoctorFacts } from "../api/doctor.ts";
import { programVersion } from "../config/version.ts";
import type { WallMs } from "../core/time.ts";
import type { AdministrationParts } from "./asking.ts";
import { backupObject } from "./backup.ts";
import { isoTime } from "./views.ts";

/** Read at the start: what is on disk may be newer than what runs. */
const version = programVersion();

/** The database is looked at for so long. */
const examinationMs = 5_000;

/** What only the daemon can know of its health. */
export async function doctorFacts(parts: AdministrationParts): Promise<DoctorFacts> {
  const { state, store, pbx, announcements, alarms } = parts;
  const [examination, findings, [backup]] = await Promise.all([
    store.examine(examinationMs),
    pbx.examine(),
    store.changes({ limit: 1, object: backupObject }),
  ]);
  const [copy] = store.copies();
  return {
    version,
    pid: process.pid,
    pbx: { ...pbx.status(), modules: findings?.modules ?? null, trunk: findings?.trunk ?? null },
    phones: [...state.agents.values()].map(({ id, phone, duty }) => ({
      agent: id,
      phone,
      loggedIn: duty.kind !== "logged_out",
    })),
    hotlines: [...state.hotlines.values()].map((hotline) => {
      const { id } = hotline;
      const all = announcements.list(id);
      const missing = all.filter(({ lengthMs }) => lengthMs === 0).map(({ name }) => name);
      return {
        id,
        timeZone: state.schedule(hotline).timeZone,
        soundsMissing: missing,
        soundsUnderWay: announcements.isPreparing(id),
        sounds: all.length,
      };
    }),
    store: {
      backlog: store.backlog(),
      ...examination,
      damage: [...examination.damage],
      lastBackup: backup ? isoTime(backup.atMs) : null,
      lastCopy: copy ? isoTime(copy.madeAtMs as WallMs) : null,
    },
    alarms: alarms.list().map(({ code, message }) => ({ code, message })),
  };
}
