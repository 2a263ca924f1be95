/** The state of one session's review. Pure. */

import { newMoments, recalled } from "../moments.js";
import { listed, look, NO_CLIPS } from "./gallery.js";
import { moments } from "./moments.js";
import { newPage, reached, reducePage } from "./page.js";

/** @typedef {import("./past.js").Session} Session */
/** @typedef {import("./moments.js").Timeline & import("../moments.js").Timeline & {session: Session}} Timeline */

/**
 * @typedef {import("./page.js").Page & {gallery: import("./gallery.js").Gallery,
 *   recordings: import("../state.js").Recording[], session: Session | null,
 *   timeline: Timeline | null, river: import("../moments.js").Moments, moments: import("./moments.js").Moment[], shown: number,
 *   end: "" | "missing" | "deleted"}} Review
 * `shown` is how many of the moments; `end` says that nothing of it is kept, and why.
 */

/**
 * @typedef {import("./page.js").PageEvent | import("./gallery.js").GalleryEvent
 *   | {type: "answered", session: Session, clips: {videos: import("./gallery.js").Clip[], next: string | null},
 *     recordings: {recordings: {name: string, url: string, timestamp: number, size: number}[]}}
 *   | {type: "recording_deleted", name: string}
 *   | {type: "river", change: Partial<import("../moments.js").Moments>}
 *   | {type: "timeline", timeline: Timeline} | {type: "more"} | {type: "deleted"}} ReviewEvent
 */

const STEP = 200;

/**
 * @param {HTMLElement} body
 * @returns {Review}
 */
export function newReview(body) {
  const page = newPage(body);
  return {
    ...page,
    gallery: NO_CLIPS, recordings: [], session: null, timeline: null, river: newMoments(), moments: [], shown: STEP,
    end: page.sessionId === "" ? "missing" : "",
  };
}

/**
 * @param {Review} state
 * @param {ReviewEvent} event
 * @param {number} now
 * @returns {Review}
 */
export function reduceReview(state, event, now) {
  switch (event.type) {
    case "answered":
      return {
        ...state, ...reached(state, now), session: event.session, gallery: listed(state.gallery, event.clips),
        recordings: event.recordings.recordings.map(({ name, url, timestamp, size }) => (
          { name, url, size, duration: null, savedAt: timestamp * 1000 }
        )),
      };
    case "recording_deleted":
      return { ...state, recordings: state.recordings.filter(({ name }) => name !== event.name), notDeleted: "" };
    case "timeline":
      return {
        ...state,
        timeline: event.timeline,
        river: { ...recalled(event.timeline), view: state.river.view, cursor: state.river.cursor },
        moments: moments(event.timeline),
      };
    case "river":
      return { ...state, river: { ...state.river, ...event.change } };
    case "more":
      return { ...state, shown: state.shown + STEP };
    case "deleted":
      return { ...state, end: "deleted", notDeleted: "" };
    case "failed":
      if (event.problem.code !== "no_such_session") return reducePage(state, event);
      return { ...state, reach: "live", end: state.end || "missing" };
    case "play":
    case "step":
    case "clip_deleted":
      return { ...state, gallery: look(state.gallery, event), notDeleted: "" };
    default:
      return reducePage(state, event);
  }
}

/**
 * Whether the timeline that is shown lacks something that the session is said to have.
 * @param {Review} state
 */
export function behind({ session, timeline }) {
  if (session === null) return false;
  return timeline === null || JSON.stringify(session) !== JSON.stringify(timeline.session);
}
