/**
 * The data channel's messages, in and out. `webrtc/messages/` is the truth; these types mirror it.
 * No DOM here, so that the golden examples can be read without a browser.
 */

import { CONSENT_VERSION } from "./words/consent.js";

export const PROTOCOL_VERSION = 1;
export const CHANNEL = "events";

/** The seven classes, in the order in which they are shown. */
export const EMOTIONS = /** @type {const} */ ([
  "happy", "surprise", "neutral", "sad", "fear", "angry", "disgust",
]);

/** @typedef {{analysis: boolean, recording: boolean}} Consent */
/** @typedef {"analysis" | "recording"} Pausable */
/**
 * One engine; they are listed in the order in which they are asked. `progress` is the share of a load that is done,
 * `sends_to` the host that clips go to.
 * @typedef {object} Engine
 * @property {string} name
 * @property {"ready" | "loading" | "unavailable"} state
 * @property {string | null} code
 * @property {string | null} reason
 * @property {number | null} progress
 * @property {boolean} set_up
 * @property {string | null} sends_to
 */

/**
 * Whether the chat's provider can be asked; `model` is who answers, `sends_to` the host that messages go to.
 * @typedef {object} ChatState
 * @property {boolean} available
 * @property {string | null} code
 * @property {string | null} reason
 * @property {string | null} model
 * @property {string | null} sends_to
 */

/**
 * Whether what happens is kept.
 * @typedef {{available: boolean, code: string | null, reason: string | null}} HistoryState
 */

/**
 * Seconds of the ring, of a clip, and between clips; bytes of a message, characters of a chat's.
 * @typedef {object} Limits
 * @property {number} max_duration
 * @property {number} buffer_duration
 * @property {number} save_interval
 * @property {number} message_bytes
 * @property {number} chat_characters
 */

/**
 * What the server's ring holds: counts of encoded frames, durations in seconds.
 * @typedef {object} QueueInfo
 * @property {number} video_frames
 * @property {number} audio_chunks
 * @property {number} video_duration
 * @property {number} audio_duration
 * @property {number} max_duration
 */

/** @typedef {{loop_lag_ms: number, analysis_lag_s: number | null}} Load */

/**
 * @typedef {object} Welcome
 * @property {"welcome"} type
 * @property {number} version
 * @property {string} session_id
 * @property {Engine[]} engines
 * @property {ChatState} chat
 * @property {HistoryState} history
 * @property {Limits} limits
 */

/**
 * `client_ts` is this page's `performance.now()` coming back, `server_ts` the server's own clock.
 * @typedef {object} Pong
 * @property {"pong"} type
 * @property {string} session_id
 * @property {number} client_ts
 * @property {number} server_ts
 * @property {QueueInfo} queue_info
 * @property {Load} load
 */

/**
 * `analysing` and `recording` are what the consent, the wish and the pauses come to.
 * @typedef {object} SessionStatus
 * @property {"session_status"} type
 * @property {string} session_id
 * @property {Consent} consent
 * @property {boolean} analysing
 * @property {boolean} recording
 * @property {Pausable[]} paused
 * @property {QueueInfo} queue_info
 * @property {Engine[]} engines
 * @property {ChatState} chat
 * @property {HistoryState} history
 * @property {number} clips_saved
 * @property {number} recording_bytes
 * @property {number} windows_analysed
 * @property {number} windows_dropped
 */

/**
 * A box around a face, as shares of the sides of the upright picture as it was sent, before mirroring.
 * @typedef {{x: number, y: number, width: number, height: number}} FaceBox
 */

/** Milliseconds. @typedef {{decode: number, features: number, inference: number, total: number}} LatencyParts */

/**
 * An expression likely seen between `window_start` and `window_end` (session seconds); `timestamp` is epoch seconds.
 * @typedef {object} EmotionResult
 * @property {"emotion_result"} type
 * @property {string} emotion
 * @property {string | null} reason
 * @property {Record<string, number>} probabilities
 * @property {number | null} confidence
 * @property {number | null} valence
 * @property {number | null} arousal
 * @property {string} description
 * @property {string | null} video_name
 * @property {number} timestamp
 * @property {number} window_start
 * @property {number} window_end
 * @property {string} engine
 * @property {string | null} fallback_reason
 * @property {Record<string, string>} fallback_codes by engine
 * @property {boolean} provisional
 * @property {FaceBox | null} face
 * @property {LatencyParts} latency
 */

/** @typedef {{kind: "video" | "audio", start: number, end: number}} Gap */
/**
 * `start` and `end` are session seconds, `size` bytes; `thumbnail` may come to be a 404. In `gaps` frames were lost.
 * @typedef {object} ClipSaved
 * @property {"clip_saved"} type
 * @property {string} video_name
 * @property {number} start
 * @property {number} end
 * @property {number} size
 * @property {string} url
 * @property {string | null} thumbnail
 * @property {Gap[]} gaps
 */

/**
 * A recording of the whole call, or of a part of it, is on disk. `start` and `end` are session seconds, `size` bytes.
 * @typedef {object} RecordingSaved
 * @property {"recording_saved"} type
 * @property {string} recording_name
 * @property {number} start
 * @property {number} end
 * @property {number} size
 * @property {string} url
 */

/**
 * `detail` is what the machine said.
 * @typedef {{type: "notice", code: string, text: string, detail?: string | null, level: "info" | "warning" | "error"}} Notice
 */
/**
 * A message was taken. `timestamp` is epoch seconds, `mood` exactly what the model is told of the person's expressions
 * with it, `ahead` the number of messages that are answered before it.
 * @typedef {object} ChatAccepted
 * @property {"chat_accepted"} type
 * @property {string} message_id
 * @property {number} timestamp
 * @property {boolean} kept
 * @property {string | null} mood
 * @property {number} ahead
 */

/** @typedef {{type: "chat_delta", message_id: string, text: string}} ChatDelta */

/**
 * The end of an answer. `text` is all of it, `html` the same rendered and cleaned; `error` is there when `finish` is
 * `failed`; latencies are milliseconds, `timestamp` epoch seconds.
 * @typedef {object} ChatDone
 * @property {"chat_done"} type
 * @property {string} message_id
 * @property {string} text
 * @property {string} html
 * @property {"complete" | "length" | "stopped" | "failed"} finish
 * @property {{code: string, message: string} | null} error
 * @property {string | null} model
 * @property {{first: number | null, total: number}} latency
 * @property {{prompt: number, completion: number} | null} usage
 * @property {number} timestamp
 * @property {boolean} kept
 */

/**
 * The conversation is forgotten; `kept` where the history could not be told to forget it too.
 * @typedef {{type: "chat_cleared", kept: boolean}} ChatCleared
 */

/**
 * The last message of a call that the server ends.
 * @typedef {{type: "session_ended", code: "deleted" | "server_stopping" | "unheard" | "left", message: string}} SessionEnded
 */

/** `message_id` is that of a chat message that was not taken. */
/** @typedef {{type: "error", code: string, message: string, message_id?: string | null}} ServerError */

/**
 * @typedef {Welcome | SessionStatus | Pong | EmotionResult | ClipSaved | RecordingSaved | ChatAccepted | ChatDelta | ChatDone
 *   | ChatCleared | Notice | SessionEnded | ServerError} ServerMessage
 */

/**
 * @typedef {{type: "hello", version: number, language: string, consent: Consent, consent_version: string, told: readonly string[]}
 *   | {type: "set_consent", analysis: boolean, recording: boolean, consent_version: string, told: readonly string[]}
 *   | {type: "start_recording"} | {type: "stop_recording"}
 *   | {type: "pause", what: Pausable} | {type: "resume", what: Pausable}
 *   | {type: "get_session_status"}
 *   | {type: "ping", client_ts: number, quality: number}
 *   | {type: "chat", message_id: string, text: string, mood: boolean}
 *   | {type: "chat_stop", message_id: string | null}
 *   | {type: "chat_clear"}} PageMessage
 */

/** @type {ReadonlySet<string>} */
const KNOWN = new Set([
  "welcome", "session_status", "pong", "emotion_result", "clip_saved", "recording_saved",
  "chat_accepted", "chat_delta", "chat_done", "chat_cleared", "notice", "session_ended", "error",
]);

/**
 * Read what the server sent. A type this page does not know, or something that is no message at all,
 * gives null: either side may be the newer one.
 * @param {unknown} data
 * @returns {ServerMessage | null}
 */
export function parse(data) {
  if (typeof data !== "string") return null;
  let message;
  try {
    message = JSON.parse(data);
  } catch {
    return null;
  }
  return message !== null && typeof message === "object" && KNOWN.has(message.type) ? message : null;
}

/**
 * @param {PageMessage} message
 * @returns {string}
 */
export function serialise(message) {
  return JSON.stringify(message);
}

/**
 * @param {string} language
 * @param {Consent} consent
 * @param {readonly string[]} told the hosts that the words beside the boxes named
 * @returns {PageMessage}
 */
export function hello(language, consent, told) {
  // The server takes 35 characters, the longest tag that RFC 5646 (4.4.1) asks everyone to accept.
  return { type: "hello", version: PROTOCOL_VERSION, language: language.slice(0, 35), consent, consent_version: CONSENT_VERSION, told };
}

/**
 * @param {Consent} consent
 * @param {readonly string[]} told as in `hello`
 * @returns {PageMessage}
 */
export function setConsent(consent, told) {
  return { type: "set_consent", ...consent, consent_version: CONSENT_VERSION, told };
}
