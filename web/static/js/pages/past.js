/** The state of the list of sessions: the newest are asked for again and again, older ones once. Pure. */

import { newPage, reached, reducePage } from "./page.js";

/**
 * A session as the server tells it. Moments are epoch seconds, `duration` seconds, `dominant_share` 0 to 1.
 * @typedef {{session_id: string, kind: "call" | "chat", language: string, began_at: number, ended_at: number | null,
 *   end_reason: string | null, duration: number | null, labels: number, turns: number, clips: number,
 *   emotions: Record<string, number>, dominant: string | null, dominant_share: number | null}} Session
 */

/**
 * @typedef {import("./page.js").Page & {sessions: Session[], next: string | null, loaded: boolean}} Past
 * `sessions` are newest first, `next` is what to ask for the older ones with.
 */

/** @typedef {{sessions: Session[], next: string | null}} Answer */

/**
 * @typedef {import("./page.js").PageEvent | {type: "answered", answer: Answer} | {type: "older", answer: Answer}
 *   | {type: "session_deleted", id: string}} PastEvent
 */

/**
 * @param {HTMLElement} body
 * @returns {Past}
 */
export function newPast(body) {
  return { ...newPage(body), sessions: [], next: null, loaded: false };
}

/**
 * @param {Past} state
 * @param {PastEvent} event
 * @param {number} now
 * @returns {Past}
 */
export function reducePast(state, event, now) {
  switch (event.type) {
    case "answered":
      return { ...state, ...reached(state, now), ...newest(state, event.answer), loaded: true };
    case "older":
      return { ...state, sessions: [...state.sessions, ...event.answer.sessions], next: event.answer.next };
    case "session_deleted":
      return { ...state, sessions: state.sessions.filter((session) => session.session_id !== event.id), notDeleted: "" };
    default:
      return reducePage(state, event);
  }
}

/**
 * The newest page in place of what it was before; what was asked for beyond it stays.
 * @param {Past} state
 * @param {Answer} answer
 */
function newest(state, { sessions, next }) {
  const last = sessions.at(-1);
  const beyond = last === undefined || next === null
    ? []
    : state.sessions.filter(({ began_at, session_id }) => (
      began_at < last.began_at || (began_at === last.began_at && session_id < last.session_id)));
  const before = new Map(state.sessions.map((session) => [session.session_id, session]));
  const page = sessions.map((session) => {
    const known = before.get(session.session_id);
    return known && JSON.stringify(known) === JSON.stringify(session) ? known : session;
  });
  return { sessions: [...page, ...beyond], next: beyond.length ? state.next : next };
}
