/** What each message of the server, and each event of the page, makes of the state. Pure: state and time in, state out. */

import { listened, SILENT } from "./announcer.js";
import * as conversation from "./conversation.js";
import * as devices from "./devices.js";
import * as moments from "./moments.js";
import * as vitals from "./vitals.js";
import { faceAfter } from "./outline.js";
import { trailAfter } from "./trail.js";

/** @typedef {import("./protocol.js").ServerMessage} ServerMessage */
/** @typedef {import("./state.js").State} State */

/**
 * What happens on the page itself.
 * @typedef {{type: "asking"}
 *   | {type: "connecting", stream: MediaStream}
 *   | {type: "previewing", stream: MediaStream}
 *   | {type: "reconnecting", attempt: number, cause: string}
 *   | {type: "devices_found", infos: readonly {kind: string, deviceId: string, label: string}[]}
 *   | {type: "device", kind: devices.Kind, change: Partial<devices.Source>}
 *   | {type: "connected", session: (import("./moments.js").Session & {resumed?: boolean}) | null}
 *   | {type: "recalled", session: import("./moments.js").Session, consent: import("./protocol.js").Consent,
 *     told: readonly string[], timeline: import("./moments.js").Timeline}
 *   | {type: "ended", connection: "idle" | "lost" | "failed", problem: import("./state.js").ProblemShown | null}
 *   | {type: "consented", consent: import("./protocol.js").Consent, told: readonly string[]}
 *   | {type: "withdrawing", asked: boolean}
 *   | {type: "call_deleted"}
 *   | {type: "round_trip", milliseconds: number}
 *   | {type: "tuned", tuning: import("./tuner.js").Tuning}
 *   | {type: "profile_chosen", profile: import("./quality-rules.js").Profile}
 *   | {type: "language_chosen", language: string}
 *   | {type: "clip_deleted", name: string}
 *   | {type: "recording_deleted", name: string}
 *   | {type: "clips_filtered", emotion: string | null}
 *   | {type: "play", name: string | null}
 *   | {type: "said", id: string, text: string, retries: string | null}
 *   | {type: "clearing"}
 *   | {type: "mood_chosen", told: boolean}
 *   | {type: "outline_chosen", shown: boolean}
 *   | {type: "show", panel: import("./state.js").Panel}
 *   | {type: "problem", problem: import("./state.js").ProblemShown}
 *   | {type: "timeline", change: Partial<Pick<import("./moments.js").Moments, "view" | "cursor" | "said">>}
 *   | {type: "dismiss", what: "problem" | "notice"}} PageEvent
 */
/** @typedef {ServerMessage | PageEvent} Event */

export const CLIPS_LISTED = 100;
const RECORDINGS_LISTED = 20;
const EMOTIONS_KEPT = 2 * CLIPS_LISTED;
const STALE_AFTER_MS = 5000;
const SMOOTHING = 0.2;

/**
 * @typedef {{[T in Event["type"]]: (state: State, event: Extract<Event, {type: T}>, now: number) => State}} Reducers
 */

/** @type {Reducers} */
const reducers = {
  welcome: (state, welcome) => ({
    ...state,
    engines: welcome.engines,
    chat: conversation.welcomed(state.chat, welcome, state.resumed),
  }),

  session_status: (state, status) => ({
    ...state,
    status,
    engines: status.engines,
    chat: conversation.told(state.chat, status),
    queue: status.queue_info,
    // What was seen before analysis stopped is no answer to "now".
    result: status.analysing ? state.result : null,
    considered: status.analysing ? state.considered : null,
    face: status.analysing ? state.face : null,
    announcer: status.analysing ? state.announcer : SILENT,
    stale: status.analysing && state.stale,
  }),

  pong: (state, { queue_info }, now) => ({
    ...state,
    queue: queue_info,
    announcer: listened(state.announcer, state.stale ? null : state.result, now),
    stale: state.result !== null && now - state.resultAt > STALE_AFTER_MS,
  }),

  emotion_result: (state, result, now) => {
    const clipEmotions = result.video_name === null
      ? state.clipEmotions
      : newestEntries({ ...state.clipEmotions, [result.video_name]: result.emotion }, EMOTIONS_KEPT);
    const next = {
      ...state,
      clipEmotions,
      face: faceAfter(state.face, result),
      moments: moments.seen(state.moments, result, now),
      ...consider(state, result, now),
    };
    if (!supersedes(result, state.result)) return next;
    // What a better engine says of the same window comes later by its nature.
    const first = result.window_end !== state.result?.window_end;
    return {
      ...next,
      result,
      resultAt: now,
      stale: false,
      vitals: first ? vitals.labelled(state.vitals, result, now) : state.vitals,
      announcer: listened(state.announcer, result, now),
      trail: trailAfter(state.trail, result, now),
    };
  },

  clip_saved: (state, saved, now) => {
    const { video_name, url, thumbnail, start, end, size } = saved;
    const clip = { name: video_name, url, thumbnail, duration: end - start, size, savedAt: now };
    const clips = [clip, ...state.clips.filter(({ name }) => name !== video_name)];
    const olderClips = state.olderClips + Math.max(0, clips.length - CLIPS_LISTED);
    return {
      ...state, clips: clips.slice(0, CLIPS_LISTED), olderClips, moments: moments.kept(state.moments, saved),
    };
  },

  recording_saved: (state, { recording_name, url, start, end, size }, now) => {
    const saved = { name: recording_name, url, duration: end - start, size, savedAt: now };
    return { ...state, recordings: [saved, ...state.recordings].slice(0, RECORDINGS_LISTED) };
  },

  chat_accepted: (state, message) => ({ ...state, chat: conversation.accepted(state.chat, message) }),
  chat_delta: (state, message) => ({ ...state, chat: conversation.grown(state.chat, message) }),
  chat_done: (state, message, now) => ({
    ...state,
    chat: conversation.answered(state.chat, message, now),
    unread: state.panel !== "chat",
  }),
  chat_cleared: (state, { kept }) => ({ ...state, chat: conversation.cleared(state.chat, kept), unread: false }),

  notice: (state, { code, text, detail, level }) => ({
    ...(withdrawn[code]?.(state) ?? state),
    notice: { code, text, detail: detail ?? "", level },
  }),
  // What is deleted is not left on the page either.
  session_ended: (state, { code }) => (code === "deleted" ? forgotten(state, state.sessions.slice(-1)) : state),
  error: (state, { code, message, message_id }, now) => (
    message_id == null
      ? { ...state, problem: { code, detail: message } }
      : { ...state, chat: conversation.refused(state.chat, message_id, { code, message }, now) }
  ),

  asking: (state) => ({ ...state, connection: "asking", problem: null, notice: null }),
  connecting: (state, { stream }) => ({ ...state, connection: "connecting", stream }),
  previewing: (state, { stream }) => ({ ...state, connection: "idle", stream }),
  reconnecting: (state, { attempt, cause }, now) => (
    state.connection === "reconnecting"
      ? { ...state, attempt }
      : { ...hungUp(state, now), connection: "reconnecting", attempt, cause, problem: null }
  ),
  connected: (state, { session }) => ({
    ...state,
    connection: "connected",
    resumed: session?.resumed === true,
    attempt: 0,
    sessions: sessionsWith(state, session),
    moments: moments.begun(state.moments, session),
  }),
  ended: (state, { connection, problem }, now) => ({
    ...hungUp(state, now),
    connection,
    problem,
    attempt: 0,
    stream: null,
    devices: devices.closed(state.devices),
  }),
  devices_found: (state, { infos }) => ({ ...state, devices: devices.found(state.devices, infos) }),
  device: (state, { kind, change }) => ({ ...state, devices: devices.changed(state.devices, kind, change) }),
  recalled: (state, { session, consent, told, timeline }) => {
    const newest = timeline.clips.slice(-CLIPS_LISTED).reverse();
    return {
      ...state,
      consent,
      told,
      moments: moments.recalled(timeline, session.token),
      chat: conversation.recalled(state.chat, timeline.turns),
      clips: newest.map(moments.clipOf),
      olderClips: Math.max(0, timeline.clips.length - CLIPS_LISTED),
    };
  },
  call_deleted: (state) => forgotten(state, state.sessions),
  withdrawing: (state, { asked }) => ({ ...state, withdrawing: asked }),
  consented: (state, { consent, told }) => ({
    ...state,
    consent,
    told,
    withdrawing: false,
    problem: consent.recording && state.problem?.code === "consent_required" ? null : state.problem,
  }),
  round_trip: (state, { milliseconds }) => ({
    ...state,
    roundTrip: state.roundTrip === null
      ? milliseconds
      : state.roundTrip + SMOOTHING * (milliseconds - state.roundTrip),
  }),
  tuned: (state, { tuning }, now) => ({ ...state, vitals: vitals.tuned(state.vitals, tuning, now) }),
  profile_chosen: (state, { profile }) => ({ ...state, vitals: { ...state.vitals, profile } }),
  language_chosen: (state, { language }) => ({ ...state, language }),
  clip_deleted: (state, { name }) => ({
    ...state,
    clips: state.clips.filter((clip) => clip.name !== name),
    playing: state.playing === name ? null : state.playing,
  }),
  recording_deleted: (state, { name }) => ({
    ...state,
    recordings: state.recordings.filter((recording) => recording.name !== name),
  }),
  clips_filtered: (state, { emotion }) => ({ ...state, clipFilter: emotion }),
  play: (state, { name }) => ({ ...state, playing: name }),
  said: (state, event, now) => ({ ...state, chat: conversation.said(state.chat, event, now) }),
  clearing: (state) => ({ ...state, chat: conversation.clearing(state.chat) }),
  mood_chosen: (state, { told }) => ({ ...state, chat: { ...state.chat, mood: told } }),
  outline_chosen: (state, { shown }) => ({ ...state, outline: shown }),
  show: (state, { panel }) => ({ ...state, panel, unread: panel === "chat" ? false : state.unread }),
  problem: (state, { problem }) => ({ ...state, problem }),
  timeline: (state, { change }) => ({ ...state, moments: { ...state.moments, ...change } }),
  dismiss: (state, { what }) => ({ ...state, [what]: null }),
};

/**
 * @param {State} state
 * @param {Event} event
 * @param {number} now epoch milliseconds
 * @returns {State}
 */
export function reduce(state, event, now) {
  const reducer = /** @type {(state: State, event: Event, now: number) => State} */ (reducers[event.type]);
  return reducer ? reducer(state, event, now) : state;
}

/**
 * What leaves the page with what the server deletes as a consent is withdrawn, by the notice that tells of it.
 * @type {Record<string, (state: State) => State>}
 */
const withdrawn = {
  labels_deleted: withoutLabels,
  labels_deleted_later: withoutLabels,
  clips_deleted: withoutClips,
  clips_deleted_later: withoutClips,
};

/**
 * Without what was seen in this session, and what the assistant was told of it.
 * @param {State} state
 * @returns {State}
 */
function withoutLabels(state) {
  const others = Object.entries(state.clipEmotions).filter(([name]) => !isOwn(state, name));
  return {
    ...state,
    result: null,
    considered: null,
    face: null,
    trail: [],
    announcer: SILENT,
    stale: false,
    clipEmotions: Object.fromEntries(others),
    clipFilter: null,
    moments: moments.withoutLabels(state.moments),
    chat: conversation.withoutMoods(state.chat),
  };
}

/**
 * Without the clips and recordings of this session; those of one before it are still there.
 * @param {State} state
 * @returns {State}
 */
function withoutClips(state) {
  const clips = state.clips.filter(({ name }) => !isOwn(state, name));
  const playing = clips.some(({ name }) => name === state.playing) ? state.playing : null;
  const recordings = state.recordings.filter(({ name }) => !isOwn(state, name));
  return { ...state, clips, recordings, olderClips: 0, playing, moments: moments.withoutClips(state.moments) };
}

/**
 * How many clips of this session the page lists.
 * @param {State} state
 */
export function ownClips(state) {
  return state.clips.filter(({ name }) => isOwn(state, name)).length + state.olderClips;
}

/**
 * Whether a clip is of this session.
 * @param {State} state
 * @param {string} name
 */
function isOwn({ moments: { session } }, name) {
  return name.includes(`_${session?.session_id}.`);
}

/**
 * The sessions of the call: where the connection was only lost, it is still the same one.
 * @param {State} state
 * @param {import("./moments.js").Moments["session"]} session
 */
function sessionsWith({ connection, sessions }, session) {
  const before = connection === "reconnecting"
    ? sessions.filter(({ session_id }) => session_id !== session?.session_id)
    : [];
  return session === null ? before : [...before, session];
}

/**
 * Without the river and the conversation, and without the clips of these sessions; those of others are still there.
 * @param {State} state
 * @param {readonly import("./moments.js").Session[]} gone
 * @returns {State}
 */
function forgotten(state, gone) {
  const sessions = state.sessions.filter((session) => !gone.includes(session));
  const stays = (/** @type {{name: string}} */ { name }) => !gone.some(({ session_id }) => name.includes(`_${session_id}.`));
  const clips = state.clips.filter(stays);
  const recordings = state.recordings.filter(stays);
  const playing = clips.some(({ name }) => name === state.playing) ? state.playing : null;
  const chat = conversation.cleared({ ...state.chat, clearing: null }, false);
  return { ...state, sessions, clips, recordings, olderClips: 0, playing, moments: moments.newMoments(), chat };
}

/**
 * What the server said of "now" is over with its connection.
 * @param {State} state
 * @param {number} now epoch milliseconds
 * @returns {State}
 */
function hungUp(state, now) {
  return {
    ...state,
    chat: conversation.hungUp(state.chat, now),
    notice: null,
    withdrawing: false,
    status: null,
    queue: null,
    roundTrip: null,
    vitals: vitals.newVitals(state.vitals.profile),
    result: null,
    considered: null,
    face: null,
    trail: [],
    announcer: SILENT,
    stale: false,
  };
}

/**
 * Who gives first words, and the last word of anybody else: where a better engine fails, the first word is said again
 * as the last, and is no second opinion.
 * @param {State} state
 * @param {import("./protocol.js").EmotionResult} result
 * @param {number} now epoch milliseconds
 */
function consider(state, result, now) {
  if (result.provisional) return { firstEngine: result.engine };
  if (result.engine === state.firstEngine || !supersedes(result, state.considered)) return {};
  return { considered: result, consideredAt: now };
}

/**
 * A later window wins; of the same window, the considered answer wins over the provisional one.
 * @param {import("./protocol.js").EmotionResult} next
 * @param {import("./protocol.js").EmotionResult | null} current
 */
function supersedes(next, current) {
  if (current === null || next.window_end > current.window_end) return true;
  return next.window_end === current.window_end && (current.provisional || !next.provisional);
}

/**
 * @param {Record<string, string>} entries in the order in which they came
 * @param {number} limit
 * @returns {Record<string, string>}
 */
function newestEntries(entries, limit) {
  const all = Object.entries(entries);
  return all.length <= limit ? entries : Object.fromEntries(all.slice(-limit));
}
