/** What the server tells the page about itself, embedded in the body. */

/**
 * @typedef {object} Config
 * @property {{width: number, height: number, frame_rate: number}} capture
 * @property {"VP8" | "H264" | "auto"} video_codec
 * @property {{profile: import("./quality-rules.js").Profile, rules?: Partial<import("./quality-rules.js").Rules>}} [quality]
 * @property {boolean} [asks_ice_servers] whether there are ICE servers, to be asked for before each connection
 * @property {number} ping_interval_ms
 * @property {number} ring_duration seconds
 * @property {number} buffer_duration seconds
 * @property {number} save_interval seconds
 * @property {number} session_grace seconds that the server waits for a page whose connection was lost
 * @property {number} clips_max_count how many the server keeps, of all calls
 * @property {string[]} sends_to hosts that clips go on to for analysis
 * @property {{http: number, https: number}} ports of the server, 0 where it does not listen
 * @property {{name: string, sends_to: string | null}[]} asked the engines that are set up, in the order in which they are asked
 * @property {import("./protocol.js").ChatState | null} [chat] the chat's provider, as it was when the page was made
 */

/**
 * @param {HTMLElement} body
 * @returns {Config}
 */
export function readConfig(body) {
  return JSON.parse(body.dataset.config ?? "{}");
}
