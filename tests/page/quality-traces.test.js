/**
 * The level of quality over what real calls in Chromium told it, as tests/browser/traces.py recorded them: good for ten
 * seconds, with one trouble of the link for four, and good again.
 */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { RULES } from "../../web/static/js/quality-rules.js";
import { Quality } from "../../web/static/js/quality.js";

/**
 * Milliseconds since the call began. `trouble` is from when until when, null where there was none. What was told is
 * `[at]` before a ping, `[at, round trip, lag]` with an answer, `[at, loss, available, limitation]` of the statistics.
 * @typedef {{trouble: [number, number] | null, told: any[][]}} Trace
 */

const FOLDER = new URL("../golden/quality/", import.meta.url);
/** @type {Map<string, Trace>} */
const TRACES = new Map(readdirSync(FOLDER).map((file) => (
  [file.replace(".json", ""), JSON.parse(readFileSync(new URL(file, FOLDER), "utf8"))]
)));
const TROUBLED = [...TRACES].filter(([, { trouble }]) => trouble !== null);

/**
 * @param {Trace} trace
 * @returns {{at: number, level: number}[]} one each ping
 */
function replay({ told }) {
  const quality = new Quality(RULES, "auto", 0);
  const levels = [];
  for (const [at, ...given] of told) {
    if (given.length === 0) {
      levels.push({ at, level: quality.decide(at) });
      quality.pinged();
    } else if (given.length === 2) {
      quality.answered(at, given[0], given[1]);
    } else {
      const [loss, available, limitation] = given;
      quality.measured(at, /** @type {any} */ ({ loss, available, limitation }));
    }
  }
  return levels;
}

/**
 * The steps, 1 down and -1 up.
 * @param {{at: number, level: number}[]} levels
 */
function steps(levels) {
  return levels
    .slice(1)
    .map(({ at, level }, index) => ({ at, by: level - levels[index].level }))
    .filter(({ by }) => by !== 0);
}

test("there is a call without trouble, and one each with a slow, a narrow and a lossy link", () => {
  assert.deepEqual([...TRACES.keys()].sort(), ["calm", "lossy", "narrow", "slow"]);
  assert.deepEqual(TROUBLED.map(([name]) => name).sort(), ["lossy", "narrow", "slow"]);
  for (const { told } of TRACES.values()) {
    // Some thirty seconds, five pings a second, most of them answered, two looks a second.
    const [pings, answers, looks] = [1, 3, 4].map((length) => told.filter((entry) => entry.length === length).length);
    assert.ok(pings > 150 && answers > 0.6 * pings && looks > 50, `${[pings, answers, looks]}`);
  }
});

test("a good call never steps down", () => {
  assert.deepEqual(steps(replay(/** @type {Trace} */ (TRACES.get("calm")))), []);
});

for (const [name, trace] of TROUBLED) {
  const [began, over] = /** @type {[number, number]} */ (trace.trouble);
  const levels = replay(trace);

  test(`${name}: nothing moves before the trouble, and it is stepped down for within 2.5 s`, () => {
    const [first] = steps(levels);
    assert.ok(first.by > 0 && first.at > began && first.at <= began + 2500, `${JSON.stringify(first)} of ${began}`);
  });

  test(`${name}: after it the picture rises, and only rises`, () => {
    const after = steps(levels).filter(({ at }) => at > over + 2500);
    assert.ok(after.length > 0 && after.every(({ by }) => by < 0), JSON.stringify(after));
  });

  test(`${name}: down and up again is one movement, without a step back in either`, () => {
    const turns = steps(levels).filter(({ by }, index, all) => index > 0 && Math.sign(by) !== Math.sign(all[index - 1].by));
    assert.ok(turns.length === 1 && turns[0].by < 0, JSON.stringify(steps(levels)));
  });
}
