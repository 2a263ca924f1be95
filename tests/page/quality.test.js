/** The level of quality follows the link: down when it is in trouble, up after it, and still when nothing changes. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { encodingOf, lowest, settingAt } from "../../web/static/js/quality-level.js";
import { asProfile, RULES, rulesWith } from "../../web/static/js/quality-rules.js";
import { Quality } from "../../web/static/js/quality.js";

const PING = 200;
const VGA = { width: 640, height: 480 };

/**
 * What happens on the link: an array of stretches, each with its length in milliseconds.
 * @typedef {{for: number, roundTrip?: number | null, loss?: number, lag?: number, limitation?: string, available?: number}} Stretch
 */

/**
 * Replay a trace: a ping every 200 ms, its answer a round trip later, statistics every half second and the receiver's
 * report every second.
 * @param {Stretch[]} trace
 * @param {{profile?: import("../../web/static/js/quality-rules.js").Profile, from?: Quality, at?: number}} [options]
 */
function replay(trace, { profile = "auto", from, at = 0 } = {}) {
  const quality = from ?? new Quality(RULES, profile, at);
  /** @type {{at: number, roundTrip: number, lag: number}[]} */
  let coming = [];
  /** @type {{at: number, level: number}[]} */
  const levels = [];
  let now = at;
  for (const stretch of trace) {
    const { roundTrip = 20, loss = 0, lag = 5, limitation = "none", available = 2e6 } = stretch;
    for (const end = now + stretch.for; now < end; now += PING) {
      for (const answer of coming.filter((one) => one.at <= now)) quality.answered(answer.at, answer.roundTrip, answer.lag);
      coming = coming.filter((one) => one.at > now);
      if (now % 1000 === 0) quality.measured(now, /** @type {any} */ ({ loss, available, limitation }));
      else if (now % 600 === 0) quality.measured(now, /** @type {any} */ ({ loss: null, available, limitation }));
      levels.push({ at: now, level: quality.decide(now) });
      quality.pinged();
      if (roundTrip !== null) coming.push({ at: now + roundTrip, roundTrip, lag });
    }
  }
  return { quality, levels, now };
}

/** @param {{level: number}[]} levels */
function changes(levels) {
  return levels.filter(({ level }, index) => index > 0 && level !== levels[index - 1].level).length;
}

/** @param {{at: number, level: number}[]} levels @param {(level: number) => boolean} is */
function firstAt(levels, is) {
  return levels.find(({ level }) => is(level))?.at ?? Infinity;
}

const GOOD = { for: 10_000 };

test("a good link stays at the best for as long as it is good", () => {
  const { levels } = replay([{ for: 600_000 }]);
  assert.equal(changes(levels), 0);
  assert.equal(levels.at(-1)?.level, 0);
});

test("round trips of 400 ms are stepped down for within 2.5 s, and the picture is back after they are over", () => {
  const { levels } = replay([GOOD, { for: 3000, roundTrip: 400 }, { for: 60_000 }]);
  const down = firstAt(levels, (level) => level > 0);
  assert.ok(down > 10_000 && down <= 12_500, `down at ${down}`);
  assert.equal(levels.at(-1)?.level, 0);
  const after = levels.filter(({ at }) => at > 15_000);
  assert.ok(after.every(({ level }, index) => index === 0 || level <= after[index - 1].level), "it only rises");
});

test("steps are at least 200 ms apart and of one level", () => {
  const { levels } = replay([GOOD, { for: 10_000, roundTrip: 700, loss: 0.3, lag: 500 }]);
  const apart = levels.slice(1).map(({ level }, index) => level - levels[index].level);
  assert.ok(apart.every((step) => step === 0 || step === 1));
  assert.equal(levels.at(-1)?.level, lowest(RULES));
  const quality = new Quality(RULES, "auto", 0);
  for (let now = 0; now < 5000; now += 50) quality.answered(now, 400, 0);
  assert.deepEqual([5000, 5100, 5199, 5200, 5300, 5400].map((now) => quality.decide(now)), [1, 1, 1, 2, 2, 3]);
});

test("between 180 and 250 ms nothing moves", () => {
  const low = replay([GOOD, { for: 4000, roundTrip: 400 }, { for: 4000, roundTrip: 215 }]);
  const { levels } = replay([{ for: 60_000, roundTrip: 215 }], { from: low.quality, at: low.now });
  assert.ok(levels[0].level > 0);
  assert.equal(changes(levels), 0);
});

test("each report of loss is one step, and a single one is made good", () => {
  const once = replay([GOOD, { for: 1000, loss: 0.12 }, { for: 1000 }]);
  assert.equal(once.levels.at(-1)?.level, 1);
  assert.equal(once.quality.because, "loss");
  const later = replay([{ for: 20_000 }], { from: once.quality, at: once.now });
  assert.equal(later.levels.at(-1)?.level, 0);
  assert.equal(later.quality.because, null);
  assert.equal(replay([GOOD, { for: 4000, loss: 0.12 }]).levels.at(-1)?.level, 4);
});

test("a few lost packets are no trouble", () => {
  assert.equal(changes(replay([{ for: 60_000, loss: 0.015 }]).levels), 0);
});

test("the encoder's beginning to lack bandwidth and an estimate that falls are a step", () => {
  const lacking = replay([GOOD, { for: 20_000, limitation: "bandwidth" }]).levels.map(({ level }) => level);
  assert.deepEqual([Math.max(...lacking), lacking.at(-1)], [1, 0]);
  assert.equal(replay([GOOD, { for: 1000, available: 600_000 }]).levels.at(-1)?.level, 1);
  assert.equal(replay([{ for: RULES.warmUp, limitation: "bandwidth" }]).levels.at(-1)?.level, 0);
  // What began while the call was set up and went on after is no news, and what begins anew is.
  const early = replay([{ for: 2 * RULES.warmUp, limitation: "bandwidth" }]);
  assert.equal(changes(early.levels), 0);
  const anew = replay([{ for: 1000 }, { for: 1000, limitation: "bandwidth" }], { from: early.quality, at: early.now });
  assert.equal(anew.levels.at(-1)?.level, 1);
});

test("one hiccup of the server, which it tells of for two seconds, is no trouble", () => {
  assert.equal(changes(replay([GOOD, { for: 2000, lag: 400 }, GOOD]).levels), 0);
});

test("a server that stays busy is spared by a step in two seconds", () => {
  const busy = replay([GOOD, { for: 8000, lag: 300 }]);
  assert.equal(busy.levels.at(-1)?.level, 3);
  assert.equal(busy.quality.because, "load");
});

test("a second without an answer protects the call at once, and answers end it", () => {
  const silent = replay([GOOD, { for: 2000, roundTrip: null }]);
  const at = firstAt(silent.levels, (level) => level === lowest(RULES));
  assert.ok(at > 10_820 && at <= 11_200, `protected at ${at}`);
  assert.ok(silent.quality.protecting);
  const after = replay([{ for: 60_000 }], { from: silent.quality, at: silent.now });
  assert.ok(!after.quality.protecting);
  assert.equal(after.levels.at(-1)?.level, 0);
});

test("a page that pings seldom is not taken for a silent server", () => {
  const quality = new Quality(RULES, "auto", 0);
  for (let now = 0; now < 20_000; now += 1100) {
    assert.equal(quality.decide(now), 0);
    quality.pinged();
    quality.answered(now + 5, 5, 0);
  }
});

test("on a link that carries only some of it, tries become rare", () => {
  // Above level 4 it is too much: each second there loses packets.
  const quality = new Quality(RULES, "auto", 0);
  const climbs = [];
  let before = 0;
  for (let now = 0; now < 600_000; now += PING) {
    quality.pinged();
    quality.answered(now, 30, 5);
    if (now % 1000 === 0) {
      const loss = quality.level < 4 ? 0.1 : 0;
      quality.measured(now, /** @type {any} */ ({ loss, available: null, limitation: "none" }));
    }
    const level = quality.decide(now);
    if (level < before) climbs.push(now);
    before = level;
  }
  assert.ok(climbs.filter((at) => at > 300_000).length <= 6, `${climbs}`);
  assert.ok(climbs.length > 3, "it goes on trying");
});

test("a profile holds its level whatever the link does, but for silence", () => {
  for (const profile of /** @type {const} */ (["high", "medium", "low"])) {
    const { levels, quality, now } = replay([GOOD, { for: 5000, roundTrip: 600, loss: 0.2 }], { profile });
    assert.ok(levels.every(({ level }) => level === RULES.levels[profile]), profile);
    const silent = replay([{ for: 2000, roundTrip: null }, { for: 20_000 }], { from: quality, at: now });
    assert.equal(Math.max(...silent.levels.map(({ level }) => level)), lowest(RULES));
    assert.equal(silent.levels.at(-1)?.level, RULES.levels[profile]);
  }
});

test("a profile chosen in a call holds at once, and automatic goes on from there", () => {
  const { quality, now } = replay([GOOD]);
  quality.choose("low");
  assert.equal(quality.decide(now), RULES.levels.low);
  quality.choose("auto");
  assert.equal(quality.decide(now), RULES.levels.low - 1);
  assert.equal(quality.because, null);
});

test("the levels run from the best to the least of every value", () => {
  assert.deepEqual(settingAt(0, RULES), { quality: 0.9, bitrate: 2_500_000, frameRate: 30, scale: 1 });
  assert.deepEqual(settingAt(lowest(RULES), RULES), { quality: 0.4, bitrate: 300_000, frameRate: 8, scale: 0.6 });
  assert.deepEqual(settingAt(1, RULES), { quality: 0.85, bitrate: 2_280_000, frameRate: 28, scale: 1 });
  assert.equal(settingAt(4, RULES).scale, 0.95);
});

test("no picture becomes smaller than 320×240, upright or not", () => {
  const least = settingAt(lowest(RULES), RULES);
  const divided = (/** @type {{width?: number, height?: number}} */ source) => encodingOf(least, source, RULES).scaleResolutionDownBy;
  assert.equal(divided(VGA), 1 / 0.6);
  assert.equal(divided({ width: 400, height: 300 }), 1.25);
  assert.equal(divided({ width: 300, height: 400 }), 1.25);
  assert.equal(divided({ width: 160, height: 120 }), 1);
  assert.equal(divided({}), 1 / 0.6);
});

test("rules can be changed one by one, and profiles are four", () => {
  assert.deepEqual({ ...rulesWith({ slow: 400 }) }, { ...RULES, slow: 400 });
  assert.ok(Object.isFrozen(RULES));
  assert.deepEqual(["auto", "low", "best", null].map(asProfile), ["auto", "low", null, null]);
});
