/** Why a part of the server does not do its work is said in the reader's language, and what has no words as it came. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { faultInFull, faultOf, passedOver } from "../../web/static/js/fault.js";

const LOCKED = { code: "history_locked", reason: "another program holds the history in /a locked" };
const LATER = { code: "of_a_newer_server", reason: "something else" };

test("a known code is said in the reader's language, with the server's sentence beside it", () => {
  assert.deepEqual(faultOf("zh", LOCKED), { text: "被其他程序占用", detail: LOCKED.reason });
  assert.equal(faultInFull("en", LOCKED), `another program holds it — ${LOCKED.reason}`);
});

test("an unknown one is said as the server said it", () => {
  assert.deepEqual(faultOf("zh", LATER), { text: "something else", detail: "" });
  assert.equal(faultInFull("zh", LATER), "something else");
  assert.equal(faultInFull("en", { code: null, reason: null }), "");
});

test("who was passed over is told with why, but for those whom nobody has set up", () => {
  const reason = "lddu: not set up; qwen: it did not answer within 60 s";
  const told = { fallback_reason: reason, fallback_codes: { lddu: "not_set_up", qwen: "too_slow" } };
  assert.equal(passedOver("en", told), "qwen: no answer in time");
  assert.equal(passedOver("zh", told), "qwen: 未能及时回答");
  assert.equal(passedOver("en", { fallback_reason: null, fallback_codes: {} }), "");
  const newer = { fallback_reason: "qwen: something else", fallback_codes: { qwen: LATER.code } };
  assert.equal(passedOver("zh", newer), "qwen: something else");
});
