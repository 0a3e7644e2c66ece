/** A rule of the house, broken on purpose: one piece of the source is replaced by another. */
export type BrokenRule = {
  readonly name: string;
  readonly file: string;
  /** Must be there exactly once. */
  readonly text: string;
  readonly instead: string;
};

export const brokenRules: readonly BrokenRule[] = [
  {
    name: "callers of the same moment are served in the wrong order",
    file: "src/core/distribution/distribute.ts",
    text: "return difference === 0 ? call.id < other.call.id : difference < 0;",
    instead: "return difference === 0 ? call.id > other.call.id : difference < 0;",
  },
  {
    name: "agents of the same moment are rung in the wrong order",
    file: "src/core/sorted-list.ts",
    text: "if (a.second !== b.second) return a.second < b.second;\n  return a.id < b.id;",
    instead: "if (a.second !== b.second) return a.second < b.second;\n  return a.id > b.id;",
  },
  {
    name: "the newest caller is served first",
    file: "src/core/distribution/distribute.ts",
    text: "return difference === 0 ? call.id < other.call.id : difference < 0;",
    instead: "return difference === 0 ? call.id < other.call.id : difference > 0;",
  },
  {
    name: "the priority of a hotline is forgotten",
    file: "src/core/distribution/distribute.ts",
    text: "if (hotline.priority !== other.hotline.priority) return hotline.priority > other.hotline.priority;",
    instead: "",
  },
  {
    name: "the phones of the losers ring on",
    file: "src/core/offers/offers.ts",
    text: 'if (id !== winner.id && other.work.kind === "offered")',
    instead: 'if (id !== winner.id && other.work.kind === "offered" && agents.length < 3)',
  },
  {
    name: "an agent is free before the phone has stopped ringing",
    file: "src/core/offers/offers.ts",
    text: 'turn.putAgent({ ...agent, work: { kind: "releasing", leg: work.leg, deadlineMs } });',
    instead: 'void deadlineMs; turn.putAgent({ ...agent, work: { kind: "idle" } });',
  },
  {
    name: "a phone keeps ringing for a caller who has left",
    file: "src/core/callers/leaving.ts",
    text: 'releaseOffers(turn, call, "cancelled");',
    instead: "",
  },
  {
    name: "who went down with Asterisk has hung up",
    file: "src/core/reconcile.ts",
    text: "if ((call.run ?? event.run) !== event.run) callLost(turn, call, lostAt);",
    instead: "if (lostAt.wallMs < 0) callLost(turn, call, lostAt);",
  },
  {
    name: "a connection that breaks loses the calls",
    file: "src/core/reconcile.ts",
    text: "if ((call.run ?? event.run) !== event.run) callLost(turn, call, lostAt);",
    instead: "if (!aliveCallers.has(call.id)) callLost(turn, call, lostAt);",
  },
  {
    name: "a silent phone is rung again first",
    file: "src/core/offers/offers.ts",
    text: 'release(turn, { ...missed, idleSince: turn.now.monotonicMs }, work, "no_answer", "no_answer");',
    instead: 'release(turn, missed, work, "no_answer", "no_answer");',
  },
  {
    name: "nobody rests after declining",
    file: "src/core/offers/consequences.ts",
    text: 'return resting("declined", declinedRestMs);',
    instead: 'return { kind: "none" };',
  },
  {
    name: "a phone that stays out of reach is tried again as soon as the first time",
    file: "src/core/limits.ts",
    text: "unreachableRestMs = { first: seconds(30), longest: seconds(120) }",
    instead: "unreachableRestMs = { first: seconds(30), longest: seconds(30) }",
  },
  {
    name: "a phone that stays busy rests no longer than twenty seconds",
    file: "src/core/limits.ts",
    text: "busyRestMs = { first: seconds(10), longest: seconds(300) }",
    instead: "busyRestMs = { first: seconds(10), longest: seconds(20) }",
  },
  {
    name: "nobody is paused after misses",
    file: "src/core/offers/consequences.ts",
    text: 'return { ...counted, misses: 0, duty: { kind: "paused", reason: "no answer" } };',
    instead: "return counted;",
  },
  {
    name: "the last who is ready is paused too",
    file: "src/core/offers/consequences.ts",
    text: "if (isLastReady(turn, agent)) {",
    instead: "if (!agent && isLastReady(turn, agent)) {",
  },
  {
    name: "a ring group charges misses",
    file: "src/core/offers/consequences.ts",
    text: 'if (!hotline || hotline.strategy === "ring-all") return rang;',
    instead: "if (!hotline) return rang;",
  },
  {
    name: "an agent is asked again before the others",
    file: "src/core/offers/offers.ts",
    text: "tried: [...call.tried, agent.id],",
    instead: "tried: [agent.id],",
  },
  {
    name: "what is said about an old bridge counts for the present one",
    file: "src/core/offers/offers.ts",
    text: 'if (call.phase.claim.bridge !== event.bridge) return ignored("offer_already_over");',
    instead: "",
  },
  {
    name: "the second to pick up gets the caller too",
    file: "src/core/offers/offers.ts",
    text: 'if (phase.claim.kind !== "none") {',
    instead: 'if (phase.claim.kind !== "none" && phase.agents.length > 2) {',
  },
  {
    name: "a failed conversation leaves its bridge open",
    file: "src/core/offers/offers.ts",
    text: 'if (lostWinner) turn.order({ type: "close_bridge", call: id, bridge: claim.bridge });',
    instead: "",
  },
  {
    name: "wrap-up is over at once",
    file: "src/core/offers/work.ts",
    text: "untilMs: after(at, lengthMs),",
    instead: "untilMs: at,",
  },
  {
    name: "a hang-up that is never confirmed is never asked for",
    file: "src/core/deadlines.ts",
    text: 'case "releasing":\n      return work.deadlineMs;',
    instead: 'return work.deadlineMs;\n    case "releasing":\n      return null;',
  },
  {
    name: "after a new connection callers who have left stay",
    file: "src/core/reconcile.ts",
    text: "if (!aliveCallers.has(call.id)) callerLeft(turn, call.id);",
    instead: 'if (!aliveCallers.has(call.id) && call.phase.kind === "ended") callerLeft(turn, call.id);',
  },
  {
    name: "agents are rung while Asterisk is away",
    file: "src/core/step.ts",
    text: 'if (state.loose.pbx === "up" && distribute(turn)) watchDesks(turn);',
    instead: "if (distribute(turn)) watchDesks(turn);",
  },
  {
    name: "a call that moves on begins its waiting time anew",
    file: "src/core/callers/arrival.ts",
    text: "hotline: hotline.id,\n    hereSince,",
    instead: "hotline: hotline.id,\n    waitingSince: hereSince,\n    hereSince,",
  },
  {
    name: "skills are not looked at",
    file: "src/core/distribution/choose.ts",
    text: "tier <= open && wanted.requires.every((skill) => skills.includes(skill)),",
    instead: "void skills === undefined && tier <= open,",
  },
  {
    name: "the greeting need not be heard",
    file: "src/core/callers/hearing.ts",
    text: 'const phase: Call["phase"] = hotline.greetingMustFinish',
    instead: 'const phase: Call["phase"] = hotline.greetingMustFinish && hotline.overflow.length === 0',
  },
  {
    name: "a ring group is joined for any of its callers",
    file: "src/core/distribution/distribute.ts",
    text: "ringing.sort((a, b) => (comesBefore(a, b) ? -1 : 1));",
    instead: "",
  },
  {
    name: "the tiers join at once",
    file: "src/core/callers/due.ts",
    text: "const sinceEntering = (call.tiersJoined + 1) * hotline.nextTierAfterMs;",
    instead: "const sinceEntering = 0;",
  },
  {
    name: "each change of the settings puts off the next tier",
    file: "src/core/callers/due.ts",
    text: "return Math.max(at, turn.now.monotonicMs) as MonotonicMs;",
    instead: "return at > turn.now.monotonicMs ? at : after(turn.now.monotonicMs, hotline.nextTierAfterMs);",
  },
  {
    name: "the day never ends",
    file: "src/core/day.ts",
    text: "if (agent.today.dayStartMs !== today.fromMs)",
    instead: "if (agent.today.dayStartMs === 0)",
  },
  {
    name: "calls are not counted",
    file: "src/core/offers/offers.ts",
    text: "calls: winner.today.calls + 1",
    instead: "calls: winner.today.calls",
  },
  {
    name: "who comes later starts with no talk time",
    file: "src/core/day.ts",
    text: "lowest(({ talkMs }) => talkMs),",
    instead: "agent.today.talkMs,",
  },
  {
    name: "the old place is not given back",
    file: "src/core/places.ts",
    text: "return place.keptUntilMs > turn.now.monotonicMs ? place.waitingSince : null;",
    instead: "return null;",
  },
  {
    name: "an old place is given back twice",
    file: "src/core/places.ts",
    text: "  turn.state.oldPlaces.delete(id);\n",
    instead: "",
  },
  {
    name: "the greeting need not be heard after a move",
    file: "src/core/overflow/steps.ts",
    text: 'if (target.greetingMustFinish) welcome(turn, here, target, "greeting");\n  else if',
    instead: "if",
  },
  {
    name: "a greeting that a broken connection cut off need not be heard",
    file: "src/core/reconcile.ts",
    text: 'if (now.phase.kind === "listening") welcome(turn, now, hotlineOf(turn, now), "greeting");',
    instead: 'if (now.phase.kind === "listening") playMusic(turn, { ...now, phase: { kind: "waiting" } });',
  },
  {
    name: "a caller who leaves has two ends",
    file: "src/core/callers/leaving.ts",
    text: 'case "ended":\n      break;',
    instead: 'case "ended":\n      tellEnd(turn, call, call.phase.result);\n      break;',
  },
  {
    name: "orders go out before they are written",
    file: "src/daemon/loop.ts",
    text: "      await ready;\n",
    instead: "      void ready;\n",
  },
  {
    name: "changes are acknowledged before they are written",
    file: "src/daemon/loop.ts",
    text: "const committed = write(batch);",
    instead: "const committed = write(batch); settled?.resolve(verdict);",
  },
  {
    name: "a slow disk holds up calls",
    file: "src/daemon/loop.ts",
    text: "const commitWaitMs = 50;",
    instead: "const commitWaitMs = 1_000;",
  },
  {
    name: "calls that are over stay in the database",
    file: "src/store/write-batch.ts",
    text: "else this.#sql.deleteLiveCall.run(id);",
    instead: "else if (this.#sql.deleteLiveCall.readonly) this.#sql.deleteLiveCall.run(id);",
  },
  {
    name: "a batch that was written already is written again",
    file: "src/store/write-group.ts",
    text: "if (number <= lastWritten) continue;",
    instead: "",
  },
  {
    name: "one time in an agent's row is forgotten when the machine has been restarted",
    file: "src/store/rebase-clock.ts",
    text: "return times[path] ? ((value + byMs) as Value) : value;",
    instead: 'return times[path] && path !== "agent.idleSince" ? ((value + byMs) as Value) : value;',
  },
  {
    name: "after a restart of the machine only changed rows are written by its new clock",
    file: "src/daemon/restore.ts",
    text: "return { loaded, carriedOver: { changes,",
    instead: "return { loaded, carriedOver: null && { changes,",
  },
  {
    name: "the hours of the night before go on into a holiday",
    file: "src/core/hours/schedule.ts",
    text: "if (holiday !== null) said.push({ open: false,",
    instead:
      "if (holiday !== null) said.push({ open: spansOf(schedule, addDays(today, -1), dayHours).some(({ toMs }) => at < toMs),",
  },
  {
    name: "holidays go before exceptions",
    file: "src/core/hours/schedule.ts",
    text: "const exception = exceptionOn(schedule, today);\n  if (exception) {",
    instead:
      "const exception = holidayOn(schedule, today) === null ? exceptionOn(schedule, today) : null;\n  if (exception) {",
  },
  {
    name: "a closing for now has no end",
    file: "src/core/hours/schedule.ts",
    text: 'if (adHoc.kind !== "none" && (adHoc.untilMs === null || at < adHoc.untilMs)) {',
    instead: 'if (adHoc.kind !== "none") {',
  },
  {
    name: "what the hours say is taken to hold beyond the end of a closing for now",
    file: "src/core/hours/schedule.ts",
    text: 'if (schedule.adHoc.kind !== "none" && schedule.adHoc.untilMs !== null) edges.push(schedule.adHoc.untilMs);',
    instead: "",
  },
  {
    name: "a closing until the next opening ends when it is closed anyway",
    file: "src/core/hours/change.ts",
    text: 'nextOpening(schedule, now, "regular")',
    instead: "nextClosing(schedule, now)",
  },
  {
    name: "an exception takes the place of all that it touches",
    file: "src/core/hours/change.ts",
    text: "const after = each.to > to ? [{ ...each, from: addDays(to, 1) }] : [];",
    instead: "const after: DateException[] = [];",
  },
  {
    name: "other weekly hours from a day on count at once",
    file: "src/core/hours/change.ts",
    text: "if (from === null || from === today) {",
    instead: "if (from === null || from >= today) {",
  },
  {
    name: "shared hours come with the other hotline's closing",
    file: "src/core/hours/opening-cache.ts",
    text: "...openingUntil({ ...hours, adHoc }, at)",
    instead: "...openingUntil(hours, at)",
  },
  {
    name: "who waits at closing time is sent away at once",
    file: "src/core/watch.ts",
    text: "const releaseAtMs = closingGraceMs === null ? null : after(since, closingGraceMs);",
    instead: "const releaseAtMs = closingGraceMs === null ? null : since;",
  },
  {
    name: "who waits at closing time is never told",
    file: "src/core/watch.ts",
    text: 'if (closing.kind === "released" && releaseAtClosing(turn, hotline)) watch(turn, hotline);',
    instead: "",
  },
];
