import Database from "better-sqlite3";
import { migrate, readMigrations } from "../../src/store/migrate.ts";
import { noPreparation } from "./support.ts";

/*
 * A database as the first version of the tables had it, with rows as that version wrote them: callers who talk, wait, have a
 * phone rung for them, or are being let go for one reason or another.
 */

const allDay = JSON.stringify(Array.from({ length: 7 }, () => [{ fromMinute: 0, toMinute: 1440 }]));

const rows = `
INSERT INTO hotlines VALUES ('demo', 'Bürgerhotline', 'ring-all', 20000, 10000, 2, 500, 3600000, 5000, 'Europe/Berlin',
  '${allDay}', '{"kind":"none"}');
INSERT INTO numbers VALUES ('115', 'demo');
INSERT INTO agents VALUES ('201', 'Erika Muster'), ('202', 'Max Beispiel'), ('203', 'Ayşe Probe');
INSERT INTO memberships VALUES ('201', 'demo'), ('202', 'demo'), ('203', 'demo');
INSERT INTO credentials VALUES ('201', '201', 's3cret');
INSERT INTO announcements VALUES ('demo', 'closed', 'text', 'Wir haben zu.', 'text-1', 1500);
INSERT INTO clock VALUES (1, 'boot-1', 5032500, 1795424432500, 'run-1', 28);

INSERT INTO agent_live VALUES
  ('201', '{"duty":{"kind":"on"},"phone":"reachable","work":{"kind":"talking","call":"c-talk","hotline":"demo","leg":"c-talk~1~201","since":5001800},"rest":{"kind":"none"},"idleSince":5000500,"misses":0}'),
  ('202', '{"duty":{"kind":"paused","reason":"lunch"},"phone":"reachable","work":{"kind":"wrap_up","untilMs":5042200,"leg":null,"confirmByMs":null},"rest":{"kind":"none"},"idleSince":5000800,"misses":1}'),
  ('203', '{"duty":{"kind":"on"},"phone":"reachable","work":{"kind":"offered","call":"c-ring","hotline":"demo","leg":"c-ring~1~203","progress":{"kind":"requested","ringUntilMs":5052400},"deadlineMs":5036400},"rest":{"kind":"rested","why":"busy","lengthMs":20000},"idleSince":5001100,"misses":0}');

INSERT INTO live_calls VALUES
  ('c-alone', '{"id":"c-alone","hotline":"demo","number":"115","from":null,"arrivedAt":{"monotonicMs":4971000,"wallMs":1795424371000},"giveUpAtMs":8571000,"phase":{"kind":"ended","result":{"outcome":"no_agents","endedBy":"hotline","at":{"monotonicMs":5032000,"wallMs":1795424432000},"talk":null},"deadlineMs":5152000},"hears":{"kind":"announcement","name":"no_agents","playback":"c-alone~2~play"},"attempts":0,"playbacks":2,"tried":[]}'),
  ('c-late', '{"id":"c-late","hotline":"demo","number":"115","from":null,"arrivedAt":{"monotonicMs":1432000,"wallMs":1795420832000},"giveUpAtMs":5032000,"phase":{"kind":"ended","result":{"outcome":"timed_out","endedBy":"hotline","at":{"monotonicMs":5032000,"wallMs":1795424432000},"talk":null},"deadlineMs":5152000},"hears":{"kind":"announcement","name":"timed_out","playback":"c-late~2~play"},"attempts":0,"playbacks":2,"tried":[]}'),
  ('c-over', '{"id":"c-over","hotline":"demo","number":"115","from":"+493612","arrivedAt":{"monotonicMs":5001900,"wallMs":1795424401900},"giveUpAtMs":8601900,"phase":{"kind":"ended","result":{"outcome":"answered","endedBy":"agent","at":{"monotonicMs":5032200,"wallMs":1795424432200},"talk":{"agent":"202","since":{"monotonicMs":5002200,"wallMs":1795424402200}}},"deadlineMs":5037200},"hears":{"kind":"nothing"},"attempts":2,"playbacks":1,"tried":["202"]}'),
  ('c-ring', '{"id":"c-ring","hotline":"demo","number":"115","from":null,"arrivedAt":{"monotonicMs":5032400,"wallMs":1795424432400},"giveUpAtMs":8632400,"phase":{"kind":"offering","agents":["203"],"claim":{"kind":"none"}},"hears":{"kind":"announcement","name":"greeting","playback":"c-ring~1~play"},"attempts":1,"playbacks":1,"tried":["203"]}'),
  ('c-talk', '{"id":"c-talk","hotline":"demo","number":"115","from":"+493611","arrivedAt":{"monotonicMs":5001500,"wallMs":1795424401500},"giveUpAtMs":8601500,"phase":{"kind":"connected","agent":"201","bridge":"c-talk~2~bridge","since":{"monotonicMs":5001800,"wallMs":1795424401800}},"hears":{"kind":"agent"},"attempts":2,"playbacks":1,"tried":["201"]}'),
  ('c-unknown', '{"id":"c-unknown","hotline":null,"number":"999","from":null,"arrivedAt":{"monotonicMs":5001400,"wallMs":1795424401400},"giveUpAtMs":5006400,"phase":{"kind":"ended","result":{"outcome":"unknown_number","endedBy":"hotline","at":{"monotonicMs":5001400,"wallMs":1795424401400},"talk":null},"deadlineMs":5006400},"hears":{"kind":"nothing"},"attempts":0,"playbacks":0,"tried":[]}'),
  ('c-wait', '{"id":"c-wait","hotline":"demo","number":"115","from":"+493613","arrivedAt":{"monotonicMs":5032500,"wallMs":1795424432500},"giveUpAtMs":8632500,"phase":{"kind":"waiting"},"hears":{"kind":"music"},"attempts":0,"playbacks":1,"tried":[]}');

INSERT INTO calls (id, hotline, number, arrived_ms, outcome, ended_by, ended_ms, wait_ms, talk_ms, agent) VALUES
  ('c-alone', 'demo', '115', 1795424371000, 'no_agents', 'hotline', 1795424432000, 61000, NULL, NULL),
  ('c-empty', 'demo', '115', 1795420810000, 'no_agents', 'hotline', 1795420810000, 0, NULL, NULL),
  ('c-late', 'demo', '115', 1795420832000, 'timed_out', 'hotline', 1795424432000, 3600000, NULL, NULL),
  ('c-unknown', NULL, '999', 1795424401400, 'unknown_number', 'hotline', 1795424401400, 0, NULL, NULL),
  ('c-talk', 'demo', '115', 1795424401500, NULL, NULL, NULL, 300, NULL, '201'),
  ('c-over', 'demo', '115', 1795424401900, 'answered', 'agent', 1795424432200, 300, 30000, '202'),
  ('c-ring', 'demo', '115', 1795424432400, NULL, NULL, NULL, NULL, NULL, NULL),
  ('c-wait', 'demo', '115', 1795424432500, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO call_numbers VALUES ('c-talk', '+493611'), ('c-over', '+493612'), ('c-wait', '+493613');
INSERT INTO call_events VALUES
  ('c-wait', 1, 1795424432500, 'arrived', '{"number":"115","hotline":"demo"}'),
  ('c-wait', 2, 1795424432500, 'admitted', '{"waitingAhead":1}');
`;

/** Makes it at `path`. */
export function makeFirstTables(path: string): void {
  const db = new Database(path);
  try {
    // "HOTL": else it counts as another program's.
    db.pragma(`application_id = ${0x484f544c}`);
    migrate(db, path, readMigrations().slice(0, 1), noPreparation);
    db.exec(rows);
  } finally {
    db.close();
  }
}
