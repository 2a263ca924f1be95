/** When the page tries to connect again, and when it gives up. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Backoff, isFinal, isUnasked } from "../../web/static/js/reconnect.js";

/**
 * Attempts that each fail after `takes` milliseconds, until it is given up.
 * @param {Backoff} backoff
 * @param {number} takes
 * @param {number} [since]
 */
function attempts(backoff, takes, since = 0) {
  const times = [];
  let now = since;
  for (let wait = backoff.wait(now); wait !== null; wait = backoff.wait(now)) {
    now += backoff.tried ? wait : 0;
    times.push(now);
    backoff.attempt(now);
    now += takes;
  }
  return times;
}

test("where the server is there it waits a second four times, then two and then four seconds, for a minute", () => {
  const seconds = attempts(new Backoff(0), 0).map((time) => time / 1000);
  assert.deepEqual(seconds, [0, 1, 2, 3, 4, 6, 8, 10, 14, 18, 22, 26, 30, 34, 38, 42, 46, 50, 54, 58]);
});

test("where it is not it is knocked every 400 ms, for a minute", () => {
  const backoff = new Backoff(0);
  let knocks = 0;
  for (let now = 0, wait; (wait = backoff.knock(now)) !== null; now += wait) knocks += 1;
  assert.equal(knocks, 150);
});

test("attempts that take long are fewer, in the same minute", () => {
  const times = attempts(new Backoff(0), 10_000);
  assert.deepEqual(times.map((time) => time / 1000), [0, 11, 22, 33, 44, 56]);
});

test("a network that came back is worth an attempt at once, but not two within a second", () => {
  const backoff = new Backoff(0);
  assert.equal(backoff.hope(100), 0);
  backoff.attempt(100);
  assert.equal(backoff.hope(400), 700);
  assert.equal(backoff.hope(5000), 0);
});

test("an attempt that the server did not hear of is soon followed by another", () => {
  assert.deepEqual(["no_candidates", "server_unreachable", "offer_refused"].map(isUnasked), [true, true, false]);
  const backoff = new Backoff(0);
  backoff.attempt(100);
  assert.equal(backoff.spacing(500), 600);
  backoff.unasked();
  assert.equal(backoff.spacing(500), 0);
  assert.equal(backoff.knock(500), 400);
});

test("after a long sleep there is a new minute", () => {
  const backoff = new Backoff(0);
  backoff.attempt(1000);
  assert.equal(backoff.wait(3_600_000), null);
  assert.equal(backoff.hope(3_600_000), 0);
  assert.notEqual(backoff.wait(3_600_000), null);
});

test("attempts are counted", () => {
  const backoff = new Backoff(0);
  attempts(backoff, 0);
  assert.equal(backoff.tried, 20);
});

test("an attempt is not repeated where a person has to act, and is where a server is full or away", () => {
  assert.deepEqual(["access_code_required", "version_unsupported"].map(isFinal), [true, true]);
  assert.deepEqual(["server_unreachable", "too_many_sessions", "offer_refused"].map(isFinal), [false, false, false]);
});
