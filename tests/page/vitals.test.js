/** What is said of the link, and how long a label takes. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { figures, latencyParts } from "../../web/static/js/figures.js";
import { ServerClock } from "../../web/static/js/server-clock.js";
import { labelled, newVitals, tuned } from "../../web/static/js/vitals.js";

/** @param {Partial<import("../../web/static/js/tuner.js").Tuning>} [difference] */
function tuning(difference) {
  return {
    sample: null, level: 0, quality: 0.9, protecting: false, because: null, roundTrip: 20, load: null, clockAhead: null,
    ...difference,
  };
}

/** @param {Parameters<typeof tuning>[0]} difference */
function verdict(difference) {
  return tuned(newVitals("auto"), tuning(difference), 0).verdict;
}

const LATENCY = { decode: 10, features: 20, inference: 5, total: 50 };
const RESULT = /** @type {any} */ ({ engine: "embedded", latency: LATENCY, timestamp: 1000.5 });

test("a verdict is what a person would say", () => {
  assert.equal(verdict({}), "good");
  assert.equal(verdict({ roundTrip: null }), null);
  assert.equal(verdict({ roundTrip: 220 }), "fair");
  assert.equal(verdict({ roundTrip: 700 }), "poor");
  assert.equal(verdict({ level: 2, because: "loss" }), "fair");
  assert.equal(verdict({ level: 9, because: "slow" }), "poor");
  assert.equal(verdict({ protecting: true, roundTrip: null }), "poor");
});

test("a small picture that the person chose is no bad connection", () => {
  assert.equal(verdict({ level: 10 }), "good");
});

test("worse is said at once, better after three seconds of it", () => {
  const at = (vitals, roundTrip, now) => (
    tuned(vitals, tuning({ roundTrip }), now)
  );
  let vitals = at(newVitals("auto"), 20, 1000);
  vitals = at(vitals, 300, 1500);
  assert.equal(vitals.verdict, "fair");
  vitals = at(at(vitals, 20, 2000), 20, 4900);
  assert.equal(vitals.verdict, "fair");
  const relapsed = at(at(vitals, 300, 4950), 20, 5100);
  assert.equal(relapsed.verdict, "fair");
  assert.equal(at(vitals, 20, 5000).verdict, "good");
});

test("the server's clock is read from the quickest answer", () => {
  const clock = new ServerClock();
  assert.equal(clock.ahead, null);
  clock.answered(10_000, 100, 15_020); // held up on the way back
  clock.answered(10_200, 10, 15_195);
  clock.answered(10_500, 300, 15_499);
  assert.equal(clock.ahead, 5000);
});

test("a label's time is counted on one clock", () => {
  const vitals = tuned(newVitals("auto"), tuning({ clockAhead: 400 }), 0);
  assert.equal(labelled(vitals, RESULT, 1_000_160).shown, 60);
  assert.equal(labelled(newVitals("auto"), RESULT, 1_000_160).shown, null);
});

test("the parts of a label's time add up to it", () => {
  const vitals = tuned(newVitals("auto"), tuning({ clockAhead: 400 }), 0);
  const { shown, ...parts } = latencyParts(labelled(vitals, RESULT, 1_000_160));
  assert.deepEqual(parts, { waiting: 15, decode: 10, features: 20, inference: 5, delivery: 10 });
  assert.equal(Object.values(parts).reduce((sum, part) => (sum ?? 0) + (part ?? 0), 0), shown);
});

test("figures are written in the person's language, and what is not known is a dash", () => {
  const unknown = figures("en", newVitals("auto"));
  assert.deepEqual(new Set(Object.values(unknown)), new Set(["–"]));
  const sample = {
    bitrate: 1_234_000, loss: null, lastLoss: 0.031, roundTrip: 20, jitter: 2, available: null, limitation: null,
    width: 640, height: 480, frameRate: 28,
  };
  const vitals = tuned(newVitals("auto"), tuning({ sample, load: { loop_lag_ms: 4, analysis_lag_s: 1.2 } }), 0);
  const { bitrate, picture, loss, roundTrip, serverLag, analysisLag } = figures("en", vitals);
  assert.deepEqual(
    [bitrate, picture, loss, roundTrip, serverLag, analysisLag],
    ["1.2 Mbit/s", "640 × 480, 28 fps", "3%", "20 ms", "4 ms", "1.2 sec"],
  );
  assert.equal(figures("zh", vitals).picture, "640 × 480，每秒 28 帧");
});
