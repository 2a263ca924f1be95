/** What the pages decide: moments of a session, pages of a list, how long to wait, and figures from two answers. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { listed, look, NO_CLIPS } from "../../web/static/js/pages/gallery.js";
import { waitAfter } from "../../web/static/js/live.js";
import { moments } from "../../web/static/js/pages/moments.js";
import { seen } from "../../web/static/js/pages/health.js";
import { reached } from "../../web/static/js/pages/page.js";
import { reducePast } from "../../web/static/js/pages/past.js";

const label = (end, emotion, more = {}) => (
  { at: 1000 + end, window_end: end, emotion, reason: null, provisional: false, video_name: null, ...more });
const nothing = { labels: [], turns: [], recordings: [], consents: [] };
const clip = (name) => ({ name, emotion: null, duration: null, thumbnail: null });
const session = (began_at) => ({ session_id: `s${began_at}`, began_at });

test("like labels in a row are one moment, and a pause makes two of them", () => {
  const labels = [label(1, "happy"), label(2, "happy"), label(3, "sad"), label(4, "happy"), label(30, "happy")];
  const found = moments({ ...nothing, labels });
  assert.deepEqual(found.map(({ emotion, at }) => [emotion, at]), [["happy", 1001], ["sad", 1003], ["happy", 1004], ["happy", 1030]]);
});

test("the last word on a window counts, and a run has all of its clips", () => {
  const labels = [label(1, "sad", { provisional: true }), label(1, "happy", { video_name: "a" }), label(2, "happy", { video_name: "b" })];
  const found = moments({ ...nothing, labels });
  assert.deepEqual(found.map(({ emotion, clips }) => [emotion, clips]), [["happy", ["a", "b"]]]);
});

test("questions stand with their answers, and all is in order of time", () => {
  const turn = (role, at) => ({ role, at, message_id: "m" });
  const found = moments({
    labels: [label(50, "happy")], turns: [turn("user", 1010), turn("assistant", 1012)],
    recordings: [{ began_at: 1002, ended_at: 1060 }], consents: [{ at: 1001, analysis: true, recording: true }],
  });
  assert.deepEqual(found.map(({ kind }) => kind), ["consent", "recording", "said", "seen", "recording"]);
  assert.equal(found[2].answer.at, 1012);
});

test("what is asked for in vain is asked for less often, and half a minute is the longest wait", () => {
  assert.deepEqual([0, 1, 2, 3, 9].map((failures) => waitAfter(failures)), [2000, 4000, 8000, 16000, 30000]);
});

test("a server that was gone is said to be back, for a while", () => {
  const gone = { reach: "gone", backAt: 0 };
  const back = reached(gone, 1000);
  assert.equal(back.reach, "back");
  assert.equal(reached(back, 2000).reach, "back");
  assert.equal(reached(back, 7000).reach, "live");
});

test("a new session comes in without a gap to the older ones, and one that left the newest page is gone", () => {
  const state = { reach: "live", backAt: 0, sessions: [4, 3, 2, 1].map(session), next: null };
  const answer = { sessions: [5, 4].map(session), next: "more" };
  const after = reducePast(state, { type: "answered", answer }, 0);
  assert.deepEqual(after.sessions.map(({ began_at }) => began_at), [5, 4, 3, 2, 1]);
  assert.equal(after.next, null);
  const fewer = reducePast(after, { type: "answered", answer: { sessions: [5, 3].map(session), next: "more" } }, 0);
  assert.deepEqual(fewer.sessions.map(({ began_at }) => began_at), [5, 3, 2, 1]);
});

test("a list that did not change is the same list", () => {
  const once = listed(NO_CLIPS, { videos: [clip("b"), clip("a")], next: null });
  assert.equal(listed(once, { videos: [clip("b"), clip("a")], next: null }).clips, once.clips);
  assert.notEqual(listed(once, { videos: [{ ...clip("b"), emotion: "sad" }, clip("a")], next: null }).clips, once.clips);
});

test("after a clip is deleted its older neighbour is looked at, and after the last one none", () => {
  let gallery = look(listed(NO_CLIPS, { videos: [clip("b"), clip("a")], next: null }), { type: "play", clip: clip("b") });
  gallery = look(gallery, { type: "clip_deleted", name: "b" });
  assert.equal(gallery.playing?.name, "a");
  assert.equal(look(gallery, { type: "clip_deleted", name: "a" }).playing, null);
});

test("bitrate and loss are of the time between two answers", () => {
  const call = (age_s, bytes, packets, lost) => ({ age_s, media: { video: { bytes, packets, lost } } });
  const { bitrate, loss } = seen(call(12, 250_000, 190, 10), call(10, 0, 100, 0));
  assert.deepEqual([bitrate, loss], [1_000_000, 0.1]);
});
