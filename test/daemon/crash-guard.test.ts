import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import pino from "pino";
import { type HomePaths, homePaths } from "../../src/config/paths.ts";
import type { Event } from "../../src/core/events.ts";
import type { CallId } from "../../src/core/ids.ts";
import { State } from "../../src/core/state.ts";
import { callAbout } from "../../src/core/subject.ts";
import type { MonotonicMs, WallMs } from "../../src/core/time.ts";
import type { Clock } from "../../src/daemon/clock.ts";
import { CrashGuard } from "../../src/daemon/crash-guard.ts";
import { sortOut } from "../../src/daemon/set-aside.ts";
import { connectedCall, forwardedCall, forwardingCall, loadedOf, waitingCall } from "../store/support.ts";

const log = pino({ level: "silent" });
const about = (call: string): Event => ({ type: "caller_left", call: call as CallId });

function home(t: TestContext): HomePaths {
  const folder = mkdtempSync(join(tmpdir(), "crash-guard-"));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "run"));
  return homePaths(folder);
}

let seconds = 100;
const clock = (bootId = "boot"): Clock => ({
  bootId,
  now: () => ({ monotonicMs: (seconds++ * 1000) as MonotonicMs, wallMs: Date.now() as WallMs }),
});

/** One life of the daemon, up to the moment of its end. */
function live(paths: HomePaths, events: readonly Event[], bootId?: string): CrashGuard {
  const guard = new CrashGuard(paths, clock(bootId), log);
  guard.aboutWhom((what) => callAbout(new State(), what));
  for (const event of events) guard.beginning(event);
  guard.stop();
  return guard;
}

/** What runit's `finish` writes. */
function ended(paths: HomePaths, code: number, signal: number, frozenForSeconds = 0): void {
  writeFileSync(paths.daemonEnd, `${String(code).padStart(4)} ${String(signal).padStart(4)}\n`);
  const seen = new Date(Date.now() - frozenForSeconds * 1000);
  writeFileSync(paths.daemonAlive, "");
  utimesSync(paths.daemonAlive, seen, seen);
}

test("stopped, killed and shut down are no crashes, nor is a start that could not be", (t) => {
  const paths = home(t);
  for (const [code, signal] of [
    [0, 0],
    [1, 0],
    [127, 0],
    [-1, 9],
    [-1, 15],
    [-1, 2],
  ] as const) {
    live(paths, [about("c1")]);
    ended(paths, code, signal);
    assert.equal(live(paths, []).death, null, `${code} ${signal}`);
  }
  const guard = live(paths, []);
  guard.startFailed(new Error("Port 8080 is taken."));
  assert.equal(live(paths, []).death, null);
});

test("an exception names what was looked at; the third life of that kind does without it", (t) => {
  const paths = home(t);
  for (const kind of ["as_usual", "as_usual", "as_usual", "without"]) {
    const { plan, death } = live(paths, [about("c1")]);
    assert.equal(plan.kind, kind);
    if (plan.kind === "without") {
      assert.equal(plan.call, "c1");
      assert.match(death?.how ?? "", /TypeError: planted/);
      assert.equal(death?.last?.what, "caller_left");
    }
    const guard = new CrashGuard(paths, clock(), log);
    guard.aboutWhom((what) => callAbout(new State(), what));
    guard.beginning(about("c1"));
    process.emit("uncaughtExceptionMonitor" as never, new TypeError("planted") as never);
    guard.stop();
  }
});

test("a crash without a word: from the second life on it is known who was looked at", (t) => {
  const paths = home(t);
  live(paths, [about("c1")]);
  ended(paths, -1, 11);
  assert.deepEqual(live(paths, [about("c1"), about("c2")]).death, {
    call: null,
    how: "it was ended by signal 11",
    last: null,
  });
  ended(paths, -1, 6 | 0x80);
  assert.equal(live(paths, [about("c3"), { type: "pbx_lost" }, about("c2")]).death?.call, "c2");
  ended(paths, -1, 11);
  const third = live(paths, []);
  assert.deepEqual(third.plan, { kind: "without", call: "c2" });
});

test("who was killed for not moving has crashed", (t) => {
  const paths = home(t);
  live(paths, []);
  ended(paths, -1, 9, 11);
  assert.match(live(paths, []).death?.how ?? "", /did not move/);
});

test("after a boot of the machine all begins anew; what people are told stays", (t) => {
  const paths = home(t);
  for (let lives = 0; lives < 3; lives++) {
    live(paths, []);
    ended(paths, -1, 11);
  }
  const guard = live(paths, []);
  assert.equal(guard.plan.kind, "taken_anew");
  guard.tellForADay("told");
  ended(paths, -1, 11);
  const later = live(paths, [], "another boot");
  assert.equal(later.plan.kind, "as_usual");
  assert.equal(later.told?.message, "told");
});

test("files cut off in the middle, or of no use, keep nobody from starting", (t) => {
  const paths = home(t);
  for (const file of [paths.daemonLast, paths.daemonEnd, paths.daemonCrashes]) writeFileSync(file, '{"boo');
  assert.equal(live(paths, []).plan.kind, "as_usual");
  rmSync(join(paths.home, "run"), { recursive: true });
  assert.equal(live(paths, []).plan.kind, "as_usual");
});

test("what is written always takes the same room", (t) => {
  const paths = home(t);
  live(paths, []);
  const sizes = () =>
    [paths.daemonLast, paths.daemonEnd, paths.daemonCrashes].map((file) => readFileSync(file).length);
  const before = sizes();
  ended(paths, -1, 11);
  live(paths, [about("c1")]);
  assert.deepEqual(sizes(), before);
});

test("a conversation is never given to the fallback", () => {
  const calls = [waitingCall, connectedCall, forwardingCall, forwardedCall];
  const sorted = (plan: Parameters<typeof sortOut>[1]) => {
    const { loaded, setAside } = sortOut(loadedOf(calls), plan);
    return [
      loaded.calls.map(({ id }) => id).join(" "),
      setAside.map((each) => `${each.call} ${each.caller}`),
    ];
  };
  assert.deepEqual(sorted({ kind: "as_usual" }), ["c1 c2 c3 c4", []]);
  assert.deepEqual(sorted({ kind: "without", call: waitingCall.id }), ["c2 c3 c4", ["c1 to_fallback"]]);
  assert.deepEqual(sorted({ kind: "without", call: connectedCall.id }), ["c1 c3 c4", ["c2 taken_anew"]]);
  assert.deepEqual(sorted({ kind: "without", call: forwardedCall.id }), ["c1 c2 c3 c4", []]);
  assert.deepEqual(sorted({ kind: "taken_anew" }), ["c2 c4", ["c1 taken_anew", "c3 taken_anew"]]);
  assert.deepEqual(sorted({ kind: "to_fallback" }), ["c2 c4", ["c1 to_fallback", "c3 to_fallback"]]);
  assert.deepEqual(sorted({ kind: "without", call: "c9" as CallId }), ["c1 c2 c3 c4", ["c9 to_fallback"]]);
});
