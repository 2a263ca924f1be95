/** When to try again after a connection was lost, decided from times alone (milliseconds, any one clock). */

const WAITS_MS = [1000, 1000, 1000, 1000, 2000, 2000, 2000, 4000];
const GIVE_UP_AFTER_MS = 60_000;
/** The server takes one offer a second from an address for any length of time. */
const SPACING_MS = 1000;

/** What trying again cannot cure. */
const FINAL = new Set([
  "access_code_required", "wrong_host", "wrong_origin", "version_unsupported", "no_webrtc", "insecure_origin",
]);

/** @param {string} code of a problem */
export function isFinal(code) {
  return FINAL.has(code);
}

export class Backoff {
  #since;
  #tried = 0;
  #last = -Infinity;

  /** @param {number} now when the connection was lost */
  constructor(now) {
    this.#since = now;
  }

  /** How many attempts were made. */
  get tried() {
    return this.#tried;
  }

  /**
   * @param {number} now
   * @returns {number | null} how long to wait for the next attempt; null when it is time to give up
   */
  wait(now) {
    const wait = WAITS_MS[Math.min(this.#tried, WAITS_MS.length - 1)];
    return now + wait - this.#since > GIVE_UP_AFTER_MS ? null : wait;
  }

  /** @param {number} now */
  attempt(now) {
    this.#tried += 1;
    this.#last = now;
  }

  /**
   * Something changed for the better, as when the network came back: there is a new minute from now on.
   * @param {number} now
   * @returns {number} how long to wait for the attempt that this is worth
   */
  hope(now) {
    this.#since = now;
    return Math.max(0, this.#last + SPACING_MS - now);
  }
}
