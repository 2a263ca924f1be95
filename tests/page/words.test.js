/** Both languages have every word, and none is left in the other's. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { NAMES, shownIn, words } from "../../web/static/js/words.js";

/** @param {unknown} value @param {string} path @returns {[string, string][]} */
function flat(value, path = "") {
  if (typeof value === "function") return [[path, value("a", "b", "c")]];
  if (typeof value === "object") return Object.entries(value).flatMap(([key, inner]) => flat(inner, `${path}.${key}`));
  return [[path, String(value)]];
}

test("a reader is shown their language, or English", () => {
  assert.deepEqual(["zh-CN", "zh", "ZH-Hant-TW", "en-GB", "fr", ""].map(shownIn), ["zh", "zh", "zh", "en", "en", "en"]);
});

test("each language has the same words", () => {
  const keys = Object.keys(NAMES).map((language) => flat(words(language)).map(([path]) => path).sort());
  assert.deepEqual(keys[0], keys[1]);
});

test("nothing is left untranslated", () => {
  const english = Object.fromEntries(flat(words("en")));
  const same = flat(words("zh")).filter(([path, text]) => text === english[path] && /[a-z]{3}/i.test(text));
  assert.deepEqual(same.map(([, text]) => text), ["Mien"]);
});
