/** Every word that the page shows, in each language that it speaks. An area of the page has a file in `words/`. */

import * as call from "./words/call.js";
import * as chat from "./words/chat.js";
import * as clips from "./words/clips.js";
import * as consent from "./words/consent.js";
import * as devices from "./words/devices.js";
import * as expression from "./words/expression.js";
import * as faults from "./words/faults.js";
import * as face from "./words/face.js";
import * as library from "./words/library.js";
import * as monitor from "./words/monitor.js";
import * as pages from "./words/pages.js";
import * as problems from "./words/problems.js";
import * as quality from "./words/quality.js";
import * as sessions from "./words/sessions.js";
import * as timeline from "./words/timeline.js";

const en = {
  ...call.en,
  ...consent.en,
  ...expression.en,
  ...clips.en,
  ...devices.en,
  ...face.en,
  ...faults.en,
  ...timeline.en,
  ...quality.en,
  ...chat.en,
  ...library.en,
  ...sessions.en,
  ...monitor.en,
  ...problems.en,
  ...pages.en,
};

/** @typedef {typeof en} Words */

/** @type {{en: Words, zh: Words}} */
const LANGUAGES = {
  en,
  zh: {
    ...call.zh,
    ...consent.zh,
    ...expression.zh,
    ...clips.zh,
    ...devices.zh,
    ...face.zh,
    ...faults.zh,
    ...timeline.zh,
    ...quality.zh,
    ...chat.zh,
    ...library.zh,
    ...sessions.zh,
    ...monitor.zh,
    ...problems.zh,
    ...pages.zh,
  },
};

/** @typedef {keyof typeof LANGUAGES} Language */

/** Each language by its own name. @type {Record<Language, string>} */
export const NAMES = { en: "English", zh: "中文" };

/**
 * The language that the page is shown in to somebody who reads `language`.
 * @param {string} language a BCP 47 tag
 * @returns {Language}
 */
export function shownIn(language) {
  const primary = language.split("-")[0].toLowerCase();
  return primary in LANGUAGES ? /** @type {Language} */ (primary) : "en";
}

/**
 * @param {string} language a BCP 47 tag
 * @returns {Words}
 */
export function words(language) {
  return LANGUAGES[shownIn(language)];
}
