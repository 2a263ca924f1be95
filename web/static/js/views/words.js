/** Fills the template's fixed words: `data-words="camera.start"` is the text, `data-words-label` the accessible name. */

import { words } from "../words.js";
import { setText } from "./dom.js";

/**
 * @param {Document} page
 * @param {string} language
 */
export function fillWords(page, language) {
  const all = words(language);
  for (const element of page.querySelectorAll("[data-words]")) {
    setText(element, lookUp(all, element.getAttribute("data-words")));
  }
  for (const element of page.querySelectorAll("[data-words-label]")) {
    element.setAttribute("aria-label", lookUp(all, element.getAttribute("data-words-label")));
  }
  for (const element of page.querySelectorAll("[data-words-hint]")) {
    element.setAttribute("title", lookUp(all, element.getAttribute("data-words-hint")));
  }
}

/**
 * @param {object} all
 * @param {string | null} path
 * @returns {string}
 */
function lookUp(all, path) {
  /** @type {unknown} */
  let found = all;
  for (const key of path?.split(".") ?? []) found = /** @type {Record<string, unknown>} */ (found)?.[key];
  if (typeof found !== "string") throw new Error(`no words for ${path}`);
  return found;
}
