/** Which part of a session is shown. */

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  followed, moved, pan, reveal, SHORTEST, shown, WHOLE, zoom,
} from "../../web/static/js/river/viewport.js";

const HOUR = 3600;

test("a session that has just begun has room for its first minute", () => {
  assert.deepEqual(shown(WHOLE, 3), { from: 0, to: 60 });
});

test("the whole of a session grows with it", () => {
  assert.deepEqual(shown(WHOLE, HOUR), { from: 0, to: HOUR });
  assert.deepEqual(shown(WHOLE, HOUR + 1), { from: 0, to: HOUR + 1 });
});

test("a zoom with no point of its own stays at the moving end", () => {
  const view = zoom(WHOLE, HOUR, 60, null);
  assert.deepEqual(shown(view, HOUR), { from: HOUR - 60, to: HOUR });
  assert.deepEqual(shown(view, HOUR + 5), { from: HOUR - 55, to: HOUR + 5 });
});

test("a zoom leaves the moment it is about where it was", () => {
  let view = WHOLE;
  for (const factor of [2, 3, 1.1, 0.5]) {
    const before = shown(view, HOUR);
    view = zoom(view, HOUR, factor, 900);
    const after = shown(view, HOUR);
    const share = ({ from, to }) => (900 - from) / (to - from);
    assert.ok(Math.abs(share(before) - share(after)) < 1e-9);
  }
});

test("what is looked at in the past stays while the session goes on", () => {
  const view = zoom(WHOLE, HOUR, 10, 900);
  assert.deepEqual(shown(view, HOUR), shown(view, HOUR + 100));
});

test("a zoom goes neither closer than can be told apart nor wider than the session", () => {
  const close = shown(zoom(WHOLE, HOUR, 1e6, 900), HOUR);
  assert.ok(Math.abs(close.to - close.from - SHORTEST) < 1e-9);
  assert.deepEqual(zoom(zoom(WHOLE, HOUR, 10, 900), HOUR, 0.01, 900), WHOLE);
});

test("a pan stops at the beginning, and at the end it follows again", () => {
  const view = zoom(WHOLE, HOUR, 60, null);
  assert.deepEqual(shown(pan(view, HOUR, -600), HOUR), { from: HOUR - 660, to: HOUR - 600 });
  assert.deepEqual(shown(pan(view, HOUR, -1e6), HOUR), { from: 0, to: 60 });
  assert.equal(pan(pan(view, HOUR, -600), HOUR, 1e6).to, null);
});

test("the whole cannot be panned", () => {
  assert.equal(pan(WHOLE, HOUR, -10), WHOLE);
});

test("a moment out of sight is moved to, no further than the edge, and one in sight moves nothing", () => {
  const view = pan(zoom(WHOLE, HOUR, 60, null), HOUR, -600);
  assert.equal(reveal(view, HOUR, HOUR - 630), view);
  assert.equal(shown(reveal(view, HOUR, 100), HOUR).from, 100);
  assert.equal(shown(reveal(view, HOUR, HOUR - 300), HOUR).to, HOUR - 300);
});

test("who returns to now sees it as closely as the past", () => {
  const view = pan(zoom(WHOLE, HOUR, 60, null), HOUR, -600);
  assert.deepEqual(shown(followed(view), HOUR), { from: HOUR - 60, to: HOUR });
});

test("keys move the cursor by steps that suit the view, and within the session", () => {
  const close = zoom(WHOLE, HOUR, 60, null);
  assert.equal(moved(close, HOUR, 3500, "ArrowLeft"), 3499);
  assert.equal(moved(WHOLE, HOUR, 1000, "ArrowRight"), 1036);
  assert.equal(moved(WHOLE, HOUR, 1000, "PageDown"), 640);
  assert.equal(moved(WHOLE, HOUR, 1000, "Home"), 0);
  assert.equal(moved(WHOLE, HOUR, 1000, "End"), HOUR);
  assert.equal(moved(WHOLE, HOUR, HOUR, "ArrowRight"), HOUR);
  assert.equal(moved(WHOLE, HOUR, 1000, "x"), null);
});
