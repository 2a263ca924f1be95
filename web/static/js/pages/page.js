/** What all pages beside the call have in their state: the language, and whether the server answers. */

import { recalled } from "../choice.js";

const BACK_SHOWN_MS = 5000;

/**
 * @typedef {object} Page
 * @property {string} language
 * @property {string} sessionId that the page is of, where it is of one
 * @property {"loading" | "live" | "gone" | "back"} reach
 * @property {number} backAt epoch milliseconds
 * @property {{code: string, message: string} | null} problem why there is no answer
 * @property {string} notDeleted why something could not be deleted
 */

/**
 * @typedef {{type: "language_chosen", language: string}
 *   | {type: "failed", problem: import("../api.js").ApiProblem}
 *   | {type: "not_deleted", message: string}} PageEvent
 */

/**
 * @param {HTMLElement} body
 * @returns {Page}
 */
export function newPage(body) {
  const config = JSON.parse(body.dataset.config ?? "{}");
  return {
    language: recalled("language") ?? navigator.language,
    sessionId: config.session_id ?? "",
    reach: "loading",
    backAt: 0,
    problem: null,
    notDeleted: "",
  };
}

/**
 * @template {Page} S
 * @param {S} state
 * @param {PageEvent} event
 * @returns {S}
 */
export function reducePage(state, event) {
  switch (event.type) {
    case "language_chosen":
      return { ...state, language: event.language };
    case "failed": {
      const { code, message } = event.problem;
      return { ...state, reach: "gone", problem: { code, message } };
    }
    case "not_deleted":
      return { ...state, notDeleted: event.message };
  }
}

/**
 * The server has answered.
 * @param {Page} state
 * @param {number} now epoch milliseconds
 * @returns {Pick<Page, "reach" | "backAt" | "problem">}
 */
export function reached({ reach, backAt }, now) {
  if (reach === "gone") return { reach: "back", backAt: now, problem: null };
  const back = reach === "back" && now - backAt < BACK_SHOWN_MS;
  return { reach: back ? "back" : "live", backAt, problem: null };
}
