/** The trail keeps half a minute of moods, fades, and has one point for each window. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { LASTS_MS, marks, trailAfter } from "../../web/static/js/trail.js";

/** @param {number} window_end @param {number | null} valence @param {number | null} [arousal] */
const result = (window_end, valence, arousal = 0) => /** @type {any} */ ({ window_end, valence, arousal });

test("an hour's trail holds no more than its last half minute", () => {
  /** @type {any} */
  let trail = [];
  for (let second = 0; second < 3600; second += 1) trail = trailAfter(trail, result(second, 0), second * 1000);
  assert.equal(trail.length, LASTS_MS / 1000);
  assert.equal(trail[0].at, 3600_000 - LASTS_MS);
});

test("a flood of answers is held in bounds", () => {
  /** @type {any} */
  let trail = [];
  for (let at = 0; at < 1000; at += 1) trail = trailAfter(trail, result(at, 0), at);
  assert.equal(trail.length, 150);
});

test("a better answer takes the place of the first for its window, and an old one comes too late", () => {
  const first = trailAfter([], result(5, -1), 1000);
  assert.deepEqual(trailAfter(first, result(5, 1), 1200).map(({ valence }) => valence), [1]);
  assert.equal(trailAfter(first, result(4, 1), 1200), first);
});

test("what could not be told leaves the trail as it was", () => {
  const trail = trailAfter([], result(5, 0.5), 1000);
  assert.deepEqual(trailAfter(trail, result(6, null), 2000), trail);
  assert.deepEqual(trailAfter(trail, result(5, null), 1100), trail);
});

test("pleasant is right, lively is up, and points fade", () => {
  const trail = trailAfter(trailAfter([], result(1, -1, -1), 0), result(2, 1, 1), 15_000);
  assert.deepEqual(marks(trail, 15_000), [
    { x: 0, y: 1, faded: 0.5, silent: false },
    { x: 1, y: 0, faded: 0, silent: false },
  ]);
  assert.deepEqual(marks(trail, LASTS_MS), [{ x: 1, y: 0, faded: 0.5, silent: false }]);
});

test("without a voice a point is half way up, and says so", () => {
  assert.deepEqual(marks(trailAfter([], result(1, 0, null), 0), 0), [{ x: 0.5, y: 0.5, faded: 0, silent: true }]);
});
