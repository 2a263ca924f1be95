/** The library's state: what is asked for and what came. Pure. */

import { listed, look, NO_CLIPS } from "./gallery.js";
import { newPage, reached, reducePage } from "./page.js";

/** @typedef {import("./gallery.js").Clip} Clip */

/**
 * @typedef {import("./page.js").Page & {gallery: import("./gallery.js").Gallery, emotion: string, session: string,
 *   most: number}} Library
 * `emotion` and `session` are what is asked for, empty for all; `most` is how many.
 */

/**
 * @typedef {import("./page.js").PageEvent | import("./gallery.js").GalleryEvent
 *   | {type: "answered", answer: {videos: Clip[], next: string | null}}
 *   | {type: "filter", emotion: string} | {type: "every_session"} | {type: "more"}} LibraryEvent
 */

export const STEP = 60;
/** As many as the server lists at once. */
export const MOST = 600;

/**
 * @param {HTMLElement} body
 * @param {URLSearchParams} query
 * @returns {Library}
 */
export function newLibrary(body, query) {
  return {
    ...newPage(body),
    gallery: NO_CLIPS,
    emotion: "",
    session: query.get("session") ?? "",
    most: STEP,
  };
}

/** @param {Library} state */
export function listPath({ emotion, session, most }) {
  const query = new URLSearchParams({ limit: String(most) });
  if (emotion) query.set("emotion", emotion);
  if (session) query.set("session_id", session);
  return `/api/videos?${query}`;
}

/**
 * @param {Library} state
 * @param {LibraryEvent} event
 * @param {number} now
 * @returns {Library}
 */
export function reduceLibrary(state, event, now) {
  switch (event.type) {
    case "answered":
      return { ...state, ...reached(state, now), gallery: listed(state.gallery, event.answer) };
    case "filter":
      return { ...state, emotion: event.emotion, most: STEP };
    case "every_session":
      return { ...state, session: "", most: STEP };
    case "more":
      return { ...state, most: Math.min(MOST, state.most + STEP) };
    case "play":
    case "step":
    case "clip_deleted":
      return { ...state, gallery: look(state.gallery, event), notDeleted: "" };
    default:
      return reducePage(state, event);
  }
}
