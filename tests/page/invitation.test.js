/** The code that an invitation carries in the fragment of its address. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { codeIn } from "../../web/static/js/invitation.js";

test("the code is read as it was written", () => {
  assert.equal(codeIn("#k7m2p9xy"), "k7m2p9xy");
  assert.equal(codeIn("#My%20Code%231%2F%C3%A4"), "My Code#1/ä");
});

test("what is no code is none", () => {
  assert.deepEqual(["", "#", "#%20", "#%E4", "#%", `#${"x".repeat(201)}`].map(codeIn), ["", "", "", "", "", ""]);
});
