/** Samples to decibels, and a meter that jumps up and comes down slowly. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { decibels, FLOOR_DB, Level } from "../../web/static/js/level.js";

const SILENCE = new Float32Array(512);
const sine = (/** @type {number} */ peak) => Float32Array.from({ length: 512 }, (_, at) => peak * Math.sin((at * Math.PI) / 16));

test("a sine of full scale is 3 dB under a square wave of it", () => {
  assert.ok(Math.abs(decibels(sine(1)) + 3.01) < 0.01);
  assert.equal(decibels(new Float32Array(512).fill(-1)), 0);
});

test("a tenth of the height is 20 dB less", () => {
  assert.ok(Math.abs(decibels(sine(1)) - decibels(sine(0.1)) - 20) < 0.01);
});

test("silence, and no samples at all, are the floor", () => {
  assert.deepEqual([decibels(SILENCE), decibels([]), decibels(sine(1e-6))], [FLOOR_DB, FLOOR_DB, FLOOR_DB]);
});

test("a voice moves the meter at once, and silence lets it down within a second", () => {
  const level = new Level(0);
  assert.equal(level.hear(0, SILENCE), 0);
  const loud = level.hear(50, sine(0.2));
  assert.ok(loud > 0.6 && loud < 1);
  const after = level.hear(100, SILENCE);
  assert.ok(after < loud && after > loud - 0.2);
  assert.equal(level.hear(1100, SILENCE), 0);
});

test("the meter is never over its top", () => {
  assert.equal(new Level(0).hear(10, sine(1)), 1);
});
