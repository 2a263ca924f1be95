/** What is agreed to has a version that goes up with its words, and what is withdrawn leaves the page. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { hostsOf } from "../../web/static/js/hosts.js";
import { hello, setConsent } from "../../web/static/js/protocol.js";
import { ownClips, reduce } from "../../web/static/js/reduce.js";
import { initialState } from "../../web/static/js/state.js";
import { CONSENT_VERSION, en, zh } from "../../web/static/js/words/consent.js";

/** @param {Record<string, string | ((...values: string[]) => string)>} texts */
function spelled(texts) {
  return Object.entries(texts).sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, text]) => [name, typeof text === "function" ? text("{1}", "{2}") : text]);
}

/** @param {string} what */
const hash = (what) => createHash("sha256").update(what).digest("hex").slice(0, 8);

/** The whole life of the version: a change of the words is a new line here, never another hash in an old one. */
const VERSIONS = ["1-74a3414b", "2-15e4c73b"];

test("the version of the consent's words is that of the words in both languages", () => {
  const said = JSON.stringify([spelled(en.consent), spelled(zh.consent)]);
  assert.equal(CONSENT_VERSION, `${VERSIONS.length}-${hash(said)}`);
  assert.equal(CONSENT_VERSION, VERSIONS.at(-1));
});

test("another word in either language is another hash", () => {
  for (const texts of [en.consent, zh.consent]) {
    const before = JSON.stringify(spelled(texts));
    for (const name of Object.keys(texts)) {
      assert.notEqual(hash(before), hash(JSON.stringify(spelled({ ...texts, [name]: "other" }))));
    }
  }
});

test("the server is told the version and the hosts that were named, with each consent", () => {
  const consent = { analysis: true, recording: false };
  const beside = { consent_version: CONSENT_VERSION, told: ["gpu.lan"] };
  assert.deepEqual(hello("en", consent, ["gpu.lan"]), { type: "hello", version: 1, language: "en", consent, ...beside });
  assert.deepEqual(setConsent(consent, ["gpu.lan"]), { type: "set_consent", ...consent, ...beside });
});

test("every host is named, also one whose engine is not ready, and each once", () => {
  const engine = (/** @type {string | null} */ sends_to) => (
    { name: "remote", state: /** @type {const} */ ("unavailable"), code: null, reason: null, progress: null, set_up: true, sends_to }
  );
  assert.deepEqual(hostsOf(["gpu.lan"], [engine("gpu.lan"), engine("new.lan"), engine(null)]), ["gpu.lan", "new.lan"]);
});

/** A call with a label, a clip and a message that told of it, after one that left a clip. */
function called() {
  const begun = (/** @type {string} */ id) => ({ type: "connected", session: { session_id: id, token: "t" } });
  const clip = (/** @type {string} */ id) => (
    { type: "clip_saved", video_name: `2027_${id}.webm`, start: 0, end: 5, size: 9, url: "", thumbnail: null, gaps: [] }
  );
  const label = {
    type: "emotion_result", emotion: "happy", reason: null, probabilities: { happy: 1 }, confidence: 1, valence: 1,
    arousal: 0, description: "", video_name: "2027_b.webm", timestamp: 5, window_start: 0, window_end: 5,
    engine: "embedded", fallback_reason: null, fallback_codes: {}, provisional: false, face: null,
    latency: { decode: 0, features: 0, inference: 0, total: 0 },
  };
  const said = { type: "said", id: "m", text: "Hi", retries: null };
  const accepted = { type: "chat_accepted", message_id: "m", timestamp: 1, kept: true, mood: "mostly happy", ahead: 0 };
  return [begun("a"), clip("a"), begun("b"), clip("b"), label, said, accepted, { type: "play", name: "2027_b.webm" }]
    .reduce((state, event) => reduce(state, /** @type {any} */ (event), 0), initialState("en"));
}

/** @param {string} code */
const told = (code) => reduce(called(), { type: "notice", code, text: "", level: "info" }, 0);

test("deleted labels take with them all that the page made of them, and leave the clips", () => {
  for (const code of ["labels_deleted", "labels_deleted_later"]) {
    const state = told(code);
    assert.deepEqual([state.result, state.trail, state.clipEmotions], [null, [], {}]);
    assert.equal(state.moments.river.count, 0);
    assert.equal(state.chat.turns[0].mood, null);
    assert.deepEqual([state.clips.length, state.moments.river.clipAt(4)?.name], [2, "2027_b.webm"]);
  }
});

test("deleted clips leave the list, the player and the river, and the labels stay", () => {
  for (const code of ["clips_deleted", "clips_deleted_later"]) {
    const state = told(code);
    assert.deepEqual([state.clips.map(({ name }) => name), state.playing], [["2027_a.webm"], null]);
    assert.deepEqual([state.moments.river.clipAt(4), state.moments.river.count], [null, 1]);
    assert.equal(state.result?.emotion, "happy");
  }
});

test("clips that could not be deleted stay on the page", () => {
  assert.equal(told("clips_not_deleted").clips.length, 2);
});

test("only the clips of this call would go with the consent", () => {
  assert.equal(ownClips(called()), 1);
});

/** @param {any[]} events @param {any} [state] */
const after = (events, state = initialState("en")) => events.reduce((so, event) => reduce(so, event, 0), state);
const connected = (/** @type {string} */ id) => ({ type: "connected", session: { session_id: id, token: "t" } });

test("a call has the sessions of all its connections, and one that is started has only its own", () => {
  const again = [{ type: "reconnecting", attempt: 1, cause: "connection_lost" }, connected("b")];
  const state = after([connected("a"), ...again]);
  assert.deepEqual(state.sessions.map(({ session_id }) => session_id), ["a", "b"]);
  const anew = after([{ type: "ended", connection: "idle", problem: null }, connected("c")], state);
  assert.deepEqual(anew.sessions.map(({ session_id }) => session_id), ["c"]);
});

test("a call that is deleted leaves nothing of any of its sessions", () => {
  const again = { type: "reconnecting", attempt: 1, cause: "connection_lost" };
  const kept = ["a", "b", "other"].map((id) => (
    { type: "clip_saved", video_name: `2027_${id}.webm`, start: 0, end: 5, size: 9, url: "", thumbnail: null, gaps: [] }
  ));
  const state = after([connected("a"), again, connected("b"), ...kept, { type: "call_deleted" }]);
  assert.deepEqual([state.clips.map(({ name }) => name), state.sessions], [["2027_other.webm"], []]);
});
