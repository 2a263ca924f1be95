/** The call that a reload interrupts, remembered by this tab for as long as the server waits for it. */

/**
 * @typedef {object} Interrupted
 * @property {import("./moments.js").Session} session
 * @property {import("./protocol.js").Consent} consent as it was given
 * @property {readonly string[]} told the hosts that were named as it was
 */

const KEY = "mien.interrupted";

/**
 * @param {Interrupted} call
 * @param {number} now epoch milliseconds
 */
export function keepInterrupted(call, now) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ call, at: now }));
  } catch {
    // Storage may be blocked: the call then ends with the page.
  }
}

/**
 * The call, once.
 * @param {number} now epoch milliseconds
 * @param {number} grace seconds for which the server waits
 * @returns {Interrupted | null}
 */
export function takeInterrupted(now, grace) {
  try {
    const { call, at } = JSON.parse(sessionStorage.getItem(KEY) ?? "{}");
    sessionStorage.removeItem(KEY);
    return call && now - at < 1000 * grace ? call : null;
  } catch {
    return null;
  }
}
