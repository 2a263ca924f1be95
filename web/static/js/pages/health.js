/** The state of the monitor: what the server said last, and what of it can only be told from two answers. Pure. */

import { newPage, reached, reducePage } from "./page.js";

/**
 * `label_ms` is milliseconds from a window's end to its label.
 * @typedef {import("../protocol.js").Engine & {pid: number | null, waiting: number, answered: number, restarts: number,
 *   label_ms: {count: number, p50: number, p95: number} | null}} Engine
 */
/** @typedef {{packets: number, lost: number, bytes: number, jitter_ms: number}} Reception */

/**
 * A call as `/status` has it. `age_s` and `analysis_lag_s` are seconds.
 * @typedef {{session_id: string, state: string, published: boolean, age_s: number, analysing: boolean, recording: boolean,
 *   ring_bytes: number, clips_saved: number, windows_analysed: number, windows_dropped: number, frames_dropped: number,
 *   messages_dropped: number, analysis_lag_s: number | null, queue_info: {video_duration: number, audio_duration: number},
 *   media: Partial<Record<"video" | "audio", Reception>>}} Call
 */

/**
 * @typedef {{version: string, max_sessions: number, loop_lag_ms: number, loop_lag_p99_ms: number,
 *   analysis: {engines: Engine[], waiting: number}, chat: import("../protocol.js").ChatState,
 *   history: import("../protocol.js").HistoryState, sessions: Call[],
 *   machine: {cpus: number, load: number, memory_bytes: number | null, disk_free_bytes: number | null}}} Status
 */

/** @typedef {{ready: boolean, full: boolean, reasons: string[], codes: string[], degraded: string[], degraded_codes: string[]}} Readiness */
/** @typedef {Call & {bitrate: number | null, loss: number | null}} CallSeen bits in a second, and 0 to 1 */

/**
 * @typedef {import("./page.js").Page & {status: Status | null, readiness: Readiness | null, calls: CallSeen[]}} Health
 */

/** @typedef {import("./page.js").PageEvent | {type: "answered", status: Status, readiness: Readiness}} HealthEvent */

/**
 * @param {HTMLElement} body
 * @returns {Health}
 */
export function newHealth(body) {
  return { ...newPage(body), status: null, readiness: null, calls: [] };
}

/**
 * @param {Health} state
 * @param {HealthEvent} event
 * @param {number} now
 * @returns {Health}
 */
export function reduceHealth(state, event, now) {
  if (event.type !== "answered") return reducePage(state, event);
  const before = new Map(state.status?.sessions.map((call) => [call.session_id, call]));
  const calls = event.status.sessions.map((call) => seen(call, before.get(call.session_id)));
  return { ...state, ...reached(state, now), status: event.status, readiness: event.readiness, calls };
}

/**
 * A call with what came in since it was last told; of its whole life where it was not told before.
 * @param {Call} call
 * @param {Call | undefined} before
 * @returns {CallSeen}
 */
export function seen(call, before) {
  const now = total(call);
  const then = before ? total(before) : { packets: 0, lost: 0, bytes: 0 };
  const seconds = call.age_s - (before?.age_s ?? 0);
  const packets = now.packets - then.packets;
  const lost = Math.max(0, now.lost - then.lost);
  return {
    ...call,
    bitrate: seconds > 0 ? Math.max(0, now.bytes - then.bytes) * 8 / seconds : null,
    loss: packets + lost > 0 ? lost / (packets + lost) : null,
  };
}

/** @param {Call} call */
function total({ media }) {
  const sum = { packets: 0, lost: 0, bytes: 0 };
  for (const { packets, lost, bytes } of Object.values(media)) {
    sum.packets += packets;
    sum.lost += lost;
    sum.bytes += bytes;
  }
  return sum;
}
