/** The outline lies around the face as the mirrored, letter-boxed preview shows it. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { contained, faceAfter, outlined } from "../../web/static/js/outline.js";

const FACE = { x: 0.1, y: 0.4, width: 0.2, height: 0.2 };
const PICTURE = { width: 640, height: 480 };

test("a picture lies in the middle of a frame of another shape", () => {
  assert.deepEqual(contained({ width: 1000, height: 480 }, PICTURE), { left: 180, top: 0, width: 640, height: 480 });
  assert.deepEqual(contained({ width: 320, height: 400 }, PICTURE), { left: 0, top: 80, width: 320, height: 240 });
});

test("a face on the picture's left is outlined on the right", () => {
  const area = outlined(FACE, PICTURE, PICTURE);
  assert.ok(area);
  assert.ok(area.left < 640 * 0.7 && area.left > 640 * 0.6);
  assert.ok(area.left + area.width > 640 * 0.9 && area.left + area.width < 640);
  assert.ok(area.top < 480 * 0.4 && area.top + area.height > 480 * 0.6);
});

test("mirrored, the same face is outlined as far from the middle", () => {
  const other = outlined({ ...FACE, x: 1 - FACE.x - FACE.width }, PICTURE, PICTURE);
  const area = outlined(FACE, PICTURE, PICTURE);
  assert.ok(area && other);
  assert.ok(Math.abs(area.left + area.width + other.left - 640) < 1e-9);
});

test("the outline moves and shrinks with a letter-boxed picture", () => {
  const whole = outlined(FACE, PICTURE, PICTURE);
  const boxed = outlined(FACE, { width: 320, height: 400 }, PICTURE);
  assert.ok(whole && boxed);
  assert.ok(Math.abs(boxed.left - whole.left / 2) < 1e-9 && Math.abs(boxed.top - (80 + whole.top / 2)) < 1e-9);
  assert.ok(Math.abs(boxed.width - whole.width / 2) < 1e-9);
});

test("no part of it leaves the picture", () => {
  const area = outlined({ x: 0, y: 0, width: 1, height: 1 }, { width: 1000, height: 480 }, PICTURE);
  assert.deepEqual(area, { left: 180, top: 0, width: 640, height: 480 });
});

test("there is no outline before there is a picture or room", () => {
  assert.equal(outlined(FACE, PICTURE, { width: 0, height: 0 }), null);
  assert.equal(outlined(FACE, { width: 0, height: 0 }, PICTURE), null);
});

/** @param {number} window_end @param {object | null} face */
const result = (window_end, face) => /** @type {any} */ ({ window_end, face });

test("an engine that looks for no faces takes none away from the same window", () => {
  const seen = faceAfter(null, result(5, FACE));
  assert.equal(faceAfter(seen, result(5, null)), seen);
  assert.equal(faceAfter(seen, result(4, null)), seen);
});

test("a later window without a face takes the outline away", () => {
  assert.equal(faceAfter(faceAfter(null, result(5, FACE)), result(6, null))?.box, null);
  assert.equal(faceAfter(null, result(5, undefined))?.box, null);
});
