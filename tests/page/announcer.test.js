/** A screen reader hears of an expression that lasts, and seldom. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { listened, SILENT } from "../../web/static/js/announcer.js";

const HAPPY = { emotion: "happy", reason: null };
const SAD = { emotion: "sad", reason: null };
const DARK = { emotion: "unknown", reason: "too_dark" };

/**
 * What is said, as [millisecond, emotion, reason], when a label stands at each of these times.
 * @param {(now: number) => typeof HAPPY | typeof DARK | null} label
 * @param {number} until
 */
function hear(label, until) {
  let announcer = SILENT;
  const said = [];
  for (let now = 0; now <= until; now += 200) {
    const before = announcer.said;
    announcer = listened(announcer, label(now), now);
    if (announcer.said !== before && announcer.said) said.push([now, announcer.said.emotion, announcer.said.reason]);
  }
  return said;
}

test("a label is said once, after it lasted two seconds", () => {
  assert.deepEqual(hear(() => HAPPY, 60_000), [[2000, "happy", null]]);
});

test("a label that flickers is never said", () => {
  assert.deepEqual(hear((now) => (now % 2000 < 1000 ? HAPPY : SAD), 60_000), []);
});

test("ten seconds lie between two sayings", () => {
  assert.deepEqual(hear((now) => (now % 8000 < 4000 ? HAPPY : SAD), 30_000).map(([at]) => at), [2000, 14_000, 26_000]);
});

test("a change is said as soon as it may be", () => {
  assert.deepEqual(hear((now) => (now < 3000 ? HAPPY : SAD), 30_000), [[2000, "happy", null], [12_000, "sad", null]]);
});

test("a change of the reason is a change", () => {
  const said = hear((now) => (now < 15_000 ? DARK : { emotion: "unknown", reason: "no_face" }), 30_000);
  assert.deepEqual(said, [[2000, "unknown", "too_dark"], [17_000, "unknown", "no_face"]]);
});

test("what is back after a short change is not said again", () => {
  assert.deepEqual(hear((now) => (now >= 14_000 && now < 15_000 ? SAD : HAPPY), 60_000).length, 1);
});

test("while there is no label nothing is said, and the wait begins anew", () => {
  assert.deepEqual(hear((now) => (now === 1000 ? null : HAPPY), 10_000), [[3200, "happy", null]]);
  assert.deepEqual(hear(() => null, 60_000), []);
});
