/** The timeline's part of the state: the river, which part of it is looked at, and what was said about a click. */

import { River } from "./river/model.js";
import { WHOLE } from "./river/viewport.js";

/** What was said last: a code of `words/timeline.js`, with a session second or a reason where it has one. */
/** @typedef {{code: "not_recorded" | "not_kept" | "exported" | "export_failed" | "export_missing", at: number | null, detail: string}} Said */

/** What the server knows a call by, and what proves that it is one's own. @typedef {{session_id: string, token: string | null}} Session */

/**
 * @typedef {object} Moments
 * @property {River} river held once and changed in place: a copy of ten hours each second would be megabytes of waste.
 *   `version` is what tells that it is another
 * @property {number} version of the river
 * @property {number} seenAt epoch milliseconds of the last label
 * @property {Session | null} session whose river it is; it may be asked for after its
 *   end, by this machine without a token
 * @property {import("./river/painter.js").Mark[] | null} turns what was said in a session of the past; null in a call,
 *   whose chat has it
 * @property {import("./river/viewport.js").View} view
 * @property {number | null} cursor session seconds
 * @property {Said | null} said
 */

/**
 * @param {Moments["session"]} [session]
 * @returns {Moments}
 */
export function newMoments(session = null) {
  const river = new River();
  return { river, version: river.version, seenAt: 0, session, turns: null, view: WHOLE, cursor: null, said: null };
}

/**
 * A call began, or goes on: until then the last one's river stays to be looked at.
 * @param {Moments} moments
 * @param {Moments["session"]} session
 */
export function begun(moments, session) {
  const goesOn = session !== null && session.session_id === moments.session?.session_id;
  return goesOn ? { ...moments, session } : newMoments(session);
}

/**
 * @param {Moments} moments
 * @param {import("./protocol.js").EmotionResult} result
 * @param {number} now epoch milliseconds, on the clock that the chat's turns have too
 * @returns {Moments}
 */
export function seen(moments, result, now) {
  moments.river.add({ ...result, at: now / 1000 });
  return { ...moments, version: moments.river.version, seenAt: now };
}

/**
 * @param {Moments} moments
 * @param {import("./protocol.js").ClipSaved} clip
 * @returns {Moments}
 */
export function kept(moments, { video_name, start, end }) {
  moments.river.addClip({ name: video_name, start, end });
  return { ...moments, version: moments.river.version };
}

/**
 * The labels are deleted.
 * @param {Moments} moments
 * @returns {Moments}
 */
export function withoutLabels(moments) {
  moments.river.forgetLabels();
  return { ...moments, version: moments.river.version, view: WHOLE, cursor: null, said: null };
}

/**
 * The clips are deleted.
 * @param {Moments} moments
 * @returns {Moments}
 */
export function withoutClips(moments) {
  moments.river.forgetClips();
  return { ...moments, version: moments.river.version };
}

/**
 * A clip of a session of the past, as the list of clips has it.
 * @param {Timeline["clips"][number]} clip
 * @returns {import("./state.js").Clip}
 */
export function clipOf({ name, start, end, size, at }) {
  const thumbnail = `/thumbnails/${encodeURIComponent(name)}.jpg`;
  return { name, url: addressOf(name), thumbnail, duration: end - start, size, savedAt: 1000 * at };
}

/**
 * A clip of the river that is too old for the list of clips.
 * @param {Moments} moments
 * @param {string | null} name
 * @returns {import("./state.js").Clip | null}
 */
export function unlisted({ river }, name) {
  const span = name === null ? null : river.clipNamed(name);
  if (span === null) return null;
  const savedAt = 1000 * ((river.origin ?? 0) + span.end);
  return { name: span.name, url: addressOf(span.name), thumbnail: null, duration: span.end - span.start, size: 0, savedAt };
}

/** @param {string} name of a clip */
export function addressOf(name) {
  return `/videos/${encodeURIComponent(name)}`;
}

/**
 * A turn of the chat as the history keeps it. `at` is epoch seconds.
 * @typedef {{at: number, message_id: string, role: "user" | "assistant", text: string, mood: string | null,
 *   html: string | null, model: string | null, finish: string | null, error: string | null}} Kept
 */

/**
 * What the history keeps of a session, as `GET /api/sessions/<id>/timeline` tells it.
 * @typedef {object} Timeline
 * @property {{session_id: string, ended_at: number | null}} session
 * @property {import("./river/labels.js").Label[]} labels
 * @property {Kept[]} turns
 * @property {(import("./river/clips.js").Span & {size: number, at: number})[]} clips `at` is epoch seconds
 */

/**
 * The river of a session of the past.
 * @param {Timeline} timeline
 * @param {string | null} [token] null on the machine that keeps it
 * @returns {Moments}
 */
export function recalled({ session, labels, turns, clips }, token = null) {
  const moments = newMoments({ session_id: session.session_id, token });
  const { river } = moments;
  for (const label of labels) river.add(label);
  for (const clip of clips) river.addClip(clip);
  const began = river.origin ?? 0;
  const said = turns.map(({ at, role, text }) => ({ at: at - began, role, text })).filter(({ at }) => at >= 0);
  return { ...moments, version: river.version, turns: said };
}

/**
 * The chat's turns where they stand in the session.
 * @param {Moments} moments
 * @param {import("./conversation.js").Turn[]} turns of the call's chat
 * @returns {import("./river/painter.js").Mark[]}
 */
export function marks({ river, turns: past }, turns) {
  const { origin } = river;
  if (past !== null || origin === null) return past ?? [];
  /** @type {import("./river/painter.js").Mark[]} */
  const found = [];
  for (const { text, sentAt, answer, answeredAt } of turns) {
    found.push({ at: sentAt / 1000 - origin, role: "user", text });
    if (answer && answeredAt) found.push({ at: answeredAt / 1000 - origin, role: "assistant", text: answer });
  }
  return found.filter(({ at }) => at >= 0);
}
