import assert from "node:assert/strict";
import { test } from "node:test";
import type { AnnouncedHotline } from "../../src/announcements/settings.ts";
import { defaultSettings, type Hotline } from "../../src/core/hotlines.ts";
import { aroundTheClock, neverOpen, plainSchedule } from "../../src/core/hours/schedule.ts";
import type { HotlineId } from "../../src/core/ids.ts";
import { State } from "../../src/core/state.ts";
import { prepareChanged } from "../../src/daemon/announced.ts";

test("hotlines that share hours say when those open, and are told of a change of them", () => {
  const [demo, sued, nord] = ["demo", "sued", "nord"] as HotlineId[];
  const state = new State();
  const closed = plainSchedule("Europe/Berlin", neverOpen);
  const put = (hotline: Pick<Hotline, "id" | "name"> & Partial<Hotline>) =>
    state.hotlines.put(hotline.id, { ...defaultSettings, schedule: closed, ...hotline });
  put({ id: demo!, name: "Demo", schedule: plainSchedule("Europe/Berlin", aroundTheClock) });
  put({ id: sued!, name: "Süd", hoursOf: demo! });
  put({ id: nord!, name: "Nord" });
  const prepared: AnnouncedHotline[] = [];
  const forgotten: HotlineId[] = [];
  const announcements = {
    prepareHotline: async (hotline: AnnouncedHotline) => void prepared.push(hotline),
    forgetHotline: (hotline: HotlineId) => void forgotten.push(hotline),
  };
  const owner = state.hotlines.get(demo!)!;
  prepareChanged({ hotlines: new Map([[demo!, owner]]) }, state, announcements);
  assert.deepEqual(
    prepared.map(({ id }) => id),
    ["demo", "sued"],
  );
  assert.deepEqual(prepared[1]?.schedule.weekly, aroundTheClock);
  state.hotlines.delete(nord!);
  prepareChanged({ hotlines: new Map([[nord!, null]]) }, state, announcements);
  assert.deepEqual([forgotten, prepared.length], [["nord"], 2]);
});
