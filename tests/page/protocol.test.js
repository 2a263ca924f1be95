/** What the server says is read, and what a deleted session leaves on the page: nothing. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { parse } from "../../web/static/js/protocol.js";
import { reduce } from "../../web/static/js/reduce.js";
import { initialState } from "../../web/static/js/state.js";

const GOLDEN = JSON.parse(readFileSync(new URL("../golden/messages.json", import.meta.url), "utf8"));

/** @param {string} session @param {number} end */
const saved = (session, end) => ({
  type: "clip_saved", video_name: `2027_${session}.${end}.webm`, start: end - 5, end, size: 9, url: "", thumbnail: null,
});

/** A call in which something was said and kept, after one that was lost. */
function called() {
  const begun = (/** @type {string} */ id) => ({ type: "connected", session: { session_id: id, token: "t" } });
  const said = { type: "said", id: "m", text: "Hi", retries: null };
  const events = [begun("a"), saved("a", 5), begun("b"), saved("b", 6), said];
  return events.reduce((state, event) => reduce(state, /** @type {any} */ (event), 0), initialState("en"));
}

test("every example of what a server says is known", () => {
  for (const message of GOLDEN.server) assert.deepEqual(parse(JSON.stringify(message)), message);
});

test("a deleted session takes its clips, its river and its conversation with it, and no others", () => {
  const state = reduce(called(), { type: "session_ended", code: "deleted", message: "" }, 0);
  assert.deepEqual(state.clips.map(({ name }) => name), ["2027_a.5.webm"]);
  assert.deepEqual([state.moments.session, state.chat.turns], [null, []]);
});

test("a call that ended for another reason leaves what it brought", () => {
  const state = called();
  for (const code of /** @type {const} */ (["server_stopping", "unheard"])) {
    assert.equal(reduce(state, { type: "session_ended", code, message: "" }, 0), state);
  }
});

test("why a call is called again is held for as long as that goes on", () => {
  const lost = reduce(called(), { type: "reconnecting", attempt: 1, cause: "server_stopping" }, 0);
  const again = reduce(lost, { type: "reconnecting", attempt: 2, cause: "server_unreachable" }, 0);
  assert.deepEqual([again.attempt, again.cause], [2, "server_stopping"]);
});
