/** The timeline's part of the state, in a call and from the history. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { begun, kept, marks, newMoments, recalled, seen, unlisted } from "../../web/static/js/moments.js";
import { initialState } from "../../web/static/js/state.js";
import { reduce } from "../../web/static/js/reduce.js";

/** @param {number} end @param {object} [changes] */
function result(end, changes = {}) {
  return {
    type: "emotion_result", emotion: "happy", reason: null, probabilities: { happy: 1 }, confidence: 1, valence: null,
    arousal: null, description: "", video_name: null, timestamp: 5000 + end, window_start: Math.max(0, end - 5),
    window_end: end, engine: "embedded", fallback_reason: null, provisional: false, latency: {}, ...changes,
  };
}

const SESSION = { session_id: "a", token: "t" };

test("each label makes another version, by which views know of it", () => {
  const before = newMoments(SESSION);
  const after = seen(before, result(1), 1_001_000);
  assert.notEqual(after.version, before.version);
  assert.equal(after.seenAt, 1_001_000);
});

test("what was said stands on the session by the page's own clock", () => {
  const moments = seen(newMoments(SESSION), result(10), 1_010_000);
  const turn = { text: "Hi", sentAt: 1_004_000, answer: "Hello", answeredAt: 1_006_500 };
  const open = { text: "And?", sentAt: 1_009_000, answer: "Half", answeredAt: 0 };
  const earlier = { text: "Before the call", sentAt: 900_000, answer: "", answeredAt: 0 };
  assert.deepEqual(marks(moments, [earlier, turn, open]), [
    { at: 4, role: "user", text: "Hi" },
    { at: 6.5, role: "assistant", text: "Hello" },
    { at: 9, role: "user", text: "And?" },
  ]);
});

test("the river stays after the call and until another begins", () => {
  let state = reduce(initialState("en"), { type: "connected", session: SESSION }, 0);
  state = reduce(state, result(1), 1000);
  state = reduce(state, { type: "ended", connection: "idle", problem: null }, 2000);
  state = reduce(state, { type: "asking" }, 3000);
  assert.equal(state.moments.river.count, 1);
  assert.deepEqual(state.moments.session, SESSION);
  state = reduce(state, { type: "connected", session: { session_id: "b", token: "t" } }, 4000);
  assert.equal(state.moments.river.count, 0);
});

test("a session that goes on keeps its river", () => {
  const moments = seen(newMoments(SESSION), result(1), 1000);
  const goesOn = begun(moments, { ...SESSION, token: "newer" });
  assert.equal(goesOn.river, moments.river);
  assert.equal(goesOn.session?.token, "newer");
});

test("a connection that was lost leaves a resumed call as it was, and gives another one a place beside it", () => {
  let state = initialState("en", {});
  for (const [id, resumed, ids] of [["a", false, ["a"]], ["a", true, ["a"]], ["b", false, ["a", "b"]]]) {
    state = reduce(state, { type: "connected", session: { session_id: id, token: "t", resumed } }, 1000);
    assert.deepEqual(state.sessions.map(({ session_id }) => session_id), ids);
    state = reduce(state, { type: "reconnecting", attempt: 1, cause: "connection_lost" }, 2000);
  }
});

test("what the history keeps of a call is on the page again after a reload", () => {
  const turn = { message_id: "m", text: "Hello", at: 10, mood: null, html: null, model: null, finish: null, error: null };
  const timeline = {
    session: { session_id: "a", ended_at: null },
    labels: [result(1), result(2)].map((label) => ({ ...label, at: 20 })),
    turns: [
      { ...turn, role: "user" },
      { ...turn, role: "assistant", text: "Hi", html: "<p>Hi</p>", finish: "complete", at: 11 },
      { ...turn, role: "user", message_id: "n", text: "Unanswered" },
    ],
    clips: [{ name: "one.webm", start: 0, end: 5, size: 7, at: 15 }],
  };
  const consent = { analysis: true, recording: true };
  const state = reduce(initialState("en", {}), { type: "recalled", session: SESSION, consent, told: [], timeline }, 0);
  assert.equal(state.moments.river.count, 2);
  assert.deepEqual(state.consent, consent);
  assert.deepEqual(state.clips.map(({ name, savedAt }) => [name, savedAt]), [["one.webm", 15_000]]);
  assert.deepEqual(state.chat.turns.map(({ id, phase, html }) => [id, phase, html]), [
    ["m", "complete", "<p>Hi</p>"], ["n", "failed", null],
  ]);
});

test("a clip that the list no longer has can still be played", () => {
  const moments = kept(seen(newMoments(SESSION), result(10), 1_010_000), { video_name: "a b.webm", start: 3, end: 8 });
  assert.deepEqual(unlisted(moments, "a b.webm"), {
    name: "a b.webm", url: "/videos/a%20b.webm", thumbnail: null, duration: 5, size: 0, savedAt: 1_008_000,
  });
  assert.equal(unlisted(moments, "other"), null);
  assert.equal(unlisted(moments, null), null);
});

test("a session of the past has the same river, with its turns by the history's clock", () => {
  const label = { ...result(10), at: 5010.2 };
  const moments = recalled({
    session: { session_id: "a" },
    labels: [{ ...result(9), at: 5009.1 }, label],
    turns: [{ at: 5004.1, role: "user", text: "Hi" }],
    clips: [{ name: "c", start: 5, end: 10, at: 5010, size: 1 }],
  });
  assert.equal(moments.river.count, 2);
  assert.equal(moments.river.clipAt(9.5)?.name, "c");
  const [{ at, text }] = marks(moments, []);
  assert.ok(Math.abs(at - 4) < 1e-6);
  assert.equal(text, "Hi");
  assert.deepEqual(moments.session, { session_id: "a", token: null });
});
