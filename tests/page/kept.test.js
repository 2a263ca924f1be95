/** The count of clips is of those that the server may still have. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { kept } from "../../web/static/js/kept.js";

const LISTED = Array.from({ length: 100 });

test("all are counted as long as the server keeps them all", () => {
  assert.deepEqual(kept({ clips: [1, 2], olderClips: 0 }, 600), { all: 2, older: 0 });
  assert.deepEqual(kept({ clips: LISTED, olderClips: 499 }, 600), { all: 599, older: 499 });
});

test("no more are counted than the server keeps", () => {
  assert.deepEqual(kept({ clips: LISTED, olderClips: 3500 }, 600), { all: 600, older: 500 });
  assert.deepEqual(kept({ clips: LISTED, olderClips: 0 }, 50), { all: 50, older: 0 });
});
