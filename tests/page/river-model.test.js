/** The river: what it keeps of hours of labels, and what of that is painted. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { EMOTIONS } from "../../web/static/js/protocol.js";
import { ticks, written } from "../../web/static/js/river/axis.js";
import { course } from "../../web/static/js/river/bands.js";
import { CLIPS, KNOWN, STRIDE, UNKNOWN } from "../../web/static/js/river/bins.js";
import { means, River } from "../../web/static/js/river/model.js";
import { runs } from "../../web/static/js/river/runs.js";

const HOUR = 3600;

/** @param {number} end @param {object} [changes] */
function label(end, changes = {}) {
  return {
    at: 1000 + end, window_start: Math.max(0, end - 5), window_end: end, emotion: "happy", reason: null,
    probabilities: { happy: 0.75, neutral: 0.25 }, confidence: 0.5, engine: "embedded", provisional: false,
    video_name: null, ...changes,
  };
}

const dark = { emotion: "unknown", reason: "too_dark", probabilities: {}, confidence: null };

/** @param {number[]} ends @param {object} [changes] */
function river(ends, changes = {}) {
  const made = new River();
  for (const end of ends) made.add(label(end, changes));
  return made;
}

/** @param {number} count */
function seconds(count) {
  return Array.from({ length: count }, (_, i) => i + 0.9);
}

/** @param {River} made @param {number} from @param {number} to @param {number} [pixels] */
function stretches(made, from, to, pixels = 600) {
  return runs(made.level((to - from) / pixels), { from, to });
}

test("a moment has the label of the first window that ends after it", () => {
  const made = river([1, 2]);
  made.add(label(3, { emotion: "sad", probabilities: { sad: 1 } }));
  assert.equal(made.at(2)?.emotion, "happy");
  assert.equal(made.at(2.1)?.emotion, "sad");
  assert.deepEqual(made.at(0.5), {
    end: 1, emotion: "happy", reason: null, share: 0.75, confidence: 0.5, engine: "embedded", provisional: false,
  });
});

test("a moment that no window near it ends after has no label", () => {
  const made = river([1, 60]);
  assert.equal(made.at(30), null);
  assert.equal(made.at(61), null);
});

test("what could not be told says why", () => {
  const made = river([1], dark);
  assert.equal(made.at(1)?.emotion, "unknown");
  assert.equal(made.at(1)?.reason, "too_dark");
  assert.equal(made.at(1)?.share, null);
});

test("a considered answer replaces the provisional one of its window and is not replaced by it", () => {
  const first = label(7.3, { provisional: true });
  const considered = label(7.3, { emotion: "sad", probabilities: { sad: 1 }, engine: "qwen" });
  for (const order of [[first, considered], [considered, first]]) {
    const made = new River();
    for (const each of order) made.add(each);
    assert.equal(made.count, 1);
    assert.equal(made.at(7.3)?.engine, "qwen");
    const { data } = made.level(0.01);
    assert.equal(data[7 * STRIDE + KNOWN], 1);
    assert.equal(data[7 * STRIDE + EMOTIONS.indexOf("sad")], 1);
    assert.equal(data[7 * STRIDE + EMOTIONS.indexOf("happy")], 0);
  }
});

test("an answer that comes late finds its place among those that came before it", () => {
  const made = river([1, 2, 4, 5]);
  made.add(label(3, { emotion: "fear", probabilities: { fear: 1 } }));
  assert.deepEqual([2, 3, 4].map((at) => made.at(at)?.emotion), ["happy", "fear", "happy"]);
});

test("each level has the sums of the finer one, whatever order they came in", () => {
  const made = river(seconds(100).reverse());
  for (const width of [1, 2, 4, 8, 16, 32, 64]) {
    const level = made.level(width / 4);
    assert.equal(level.width, width);
    let known = 0;
    for (let bin = 0; bin < level.count; bin += 1) known += level.data[bin * STRIDE + KNOWN];
    assert.equal(known, 100);
  }
});

test("a bin's shares are the mean of its labels and come to one, also where an engine's do not", () => {
  const made = river([0.5], { probabilities: { happy: 2, neutral: 2 } });
  made.add(label(0.9, { probabilities: { sad: 0.5 } }));
  const shares = new Float32Array(EMOTIONS.length);
  means(made.level(0.01).data, 0, shares);
  assert.deepEqual(
    Object.fromEntries(EMOTIONS.map((name, i) => [name, shares[i]])),
    { happy: 0.25, surprise: 0, neutral: 0.25, sad: 0.5, fear: 0, angry: 0, disgust: 0 },
  );
});

test("an engine that names a class and gives no numbers means that class", () => {
  const made = river([1], { emotion: "angry", probabilities: {} });
  assert.equal(made.at(1)?.share, 1);
});

test("ten hours take a few megabytes, and no span of them many more bins than half its pixels", () => {
  const made = river(seconds(10 * HOUR));
  assert.equal(made.count, 36_000);
  assert.ok(made.bytes < 8e6, `${made.bytes} bytes`);
  for (const span of [10, 60, 601, HOUR, 10 * HOUR]) {
    const [run, ...others] = stretches(made, 10 * HOUR - span, 10 * HOUR, 800);
    assert.equal(others.length, 0);
    assert.ok(run.bins.length <= 400 + 12, `${run.bins.length} bins for ${span} s`);
    assert.ok(span < 1000 || run.bins.length >= 195, `${run.bins.length} bins for ${span} s`);
  }
});

test("moments that cannot be are not taken", () => {
  const made = river([Number.NaN, -1, 1e12, Number.POSITIVE_INFINITY]);
  made.addClip({ name: "a", start: 0, end: 1e12 });
  assert.equal(made.count, 0);
  assert.equal(made.end, 0);
});

test("the river flows on between windows that are near each other and breaks where nothing was looked at", () => {
  const made = river([1, 2.1, 5.4, 30, 31]);
  assert.deepEqual(stretches(made, 0, 60).map(({ from, to }) => [from, to]), [[0, 6], [29, 31]]);
});

test("what could not be told is a stretch of its own, without a gap beside it", () => {
  const made = river([1, 2, 3]);
  for (const end of [6, 7]) made.add(label(end, dark));
  made.add(label(9));
  assert.deepEqual(
    stretches(made, 0, 60).map(({ known, from, to }) => [known, from, to]),
    [[true, 0, 5], [false, 5, 8], [true, 8, 9]],
  );
  assert.equal(made.level(0.01).data[5 * STRIDE + UNKNOWN], 1);
});

test("a stretch that reaches over the edges of what is shown is painted up to them", () => {
  const [run] = stretches(river(seconds(200)), 90, 110);
  assert.ok(run.from < 90 && run.to > 110);
  assert.ok(run.bins.length < 40);
});

test("the calm lies in the middle, what is pleasant lifts the river and what is not lets it sink", () => {
  const edges = new Float32Array(EMOTIONS.length + 1);
  /** @param {Record<string, number>} shares */
  const ends = (shares) => {
    course(EMOTIONS.map((name) => shares[name] ?? 0), edges);
    return [edges[0], edges[EMOTIONS.length]];
  };
  assert.deepEqual(ends({ neutral: 1 }), [-0.5, 0.5]);
  assert.deepEqual(ends({ happy: 1 }), [-1, 0]);
  assert.deepEqual(ends({ angry: 0.5, disgust: 0.5 }), [0, 1]);
});

test("a moment is shown by the clip of which it is the last thing", () => {
  const made = river(seconds(20));
  for (const end of [7.5, 6.5, 8.5]) made.addClip({ name: `clip-${end}`, start: end - 5, end });
  assert.equal(made.clipAt(7)?.name, "clip-7.5");
  assert.equal(made.clipAt(7.5)?.name, "clip-7.5");
  assert.equal(made.clipAt(2)?.name, "clip-6.5");
  assert.equal(made.clipAt(1), null);
  assert.equal(made.clipAt(9), null);
  assert.equal(made.clipNamed("clip-8.5")?.start, 3.5);
  assert.equal(made.clipNamed("another"), null);
});

test("a clip is one, whether its label, its own message or both tell of it", () => {
  const made = new River();
  made.add(label(6, { video_name: "a" }));
  made.addClip({ name: "a", start: 1, end: 6 });
  made.addClip({ name: "b", start: 2, end: 7 });
  const { data } = made.level(0.01);
  assert.deepEqual([5, 6].map((bin) => data[bin * STRIDE + CLIPS]), [1, 1]);
});

test("the session began where the quickest label says", () => {
  const made = new River();
  assert.equal(made.origin, null);
  made.add(label(1, { at: 1001.4 }));
  made.add(label(2, { at: 1002.1 }));
  made.add(label(3, { at: 1003.9 }));
  assert.ok(Math.abs((made.origin ?? 0) - 1000.1) < 1e-6);
});

test("the version tells of whatever is another, and of nothing else", () => {
  const made = river([1]);
  const before = made.version;
  made.add(label(1, { provisional: true }));
  assert.equal(made.version, before);
  made.add(label(2));
  assert.ok(made.version > before);
});

test("the marks of the axis are round and apart, and few", () => {
  assert.deepEqual(ticks({ from: 0, to: 60 }, 600), [0, 10, 20, 30, 40, 50, 60]);
  assert.deepEqual(ticks({ from: 100, to: 160 }, 300), [105, 120, 135, 150]);
  for (const span of [10, 77, 3600, 360_000]) {
    assert.ok(ticks({ from: 5, to: 5 + span }, 640).length <= 9);
  }
});

test("a moment is written as players write it", () => {
  assert.deepEqual([0, 7.4, 187, 3729, -3].map(written), ["0:00", "0:07", "3:07", "1:02:09", "0:00"]);
});
