/** The heartbeat: when the server is taken for silent. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Heartbeat } from "../../web/static/js/heartbeat.js";

/** Ping five times a second until the server is silent or the time is up; when that was. */
function silentAt(heartbeat, until, each = () => {}) {
  for (let now = 0; now <= until; now += 200) {
    each(now);
    if (heartbeat.isSilent(now)) return now;
    heartbeat.ping();
  }
  return null;
}

test("a server that says nothing is silent after four seconds", () => {
  assert.equal(silentAt(new Heartbeat(0), 10_000), 4200);
});

test("one that answers is not", () => {
  const heartbeat = new Heartbeat(0);
  assert.equal(silentAt(heartbeat, 20_000, (now) => heartbeat.pong(now, now - 20)), null);
});

test("nor is one whose answers are held up while other bytes come", () => {
  const heartbeat = new Heartbeat(0);
  assert.equal(silentAt(heartbeat, 20_000, (now) => heartbeat.received(now, now)), null);
});

test("bytes that came long ago count once", () => {
  const heartbeat = new Heartbeat(0);
  assert.equal(silentAt(heartbeat, 20_000, (now) => heartbeat.received(now, Math.min(now, 3000))), 7200);
});

test("a page that slept is given a few pings to hear what had come", () => {
  const heartbeat = new Heartbeat(0);
  heartbeat.ping();
  assert.equal(heartbeat.isSilent(60_000), false);
  assert.equal(heartbeat.pong(60_000, 59_950), 50);
  assert.equal(heartbeat.isSilent(60_100), false);
});
