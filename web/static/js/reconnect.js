/**
 * When to try again after a connection was lost, decided from times alone (milliseconds, any one clock): it is knocked at
 * the server's door every now and then, and once somebody is there a connection is attempted.
 */

const KNOCK_MS = 400;
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

/** What ends an attempt before the server has heard of it: an interface that has just come up has no address for us yet. */
const UNASKED = new Set(["no_candidates", "server_unreachable"]);

/** @param {string} code of a problem */
export function isUnasked(code) {
  return UNASKED.has(code);
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
   * After an attempt that failed although the server was there.
   * @param {number} now
   * @returns {number | null} how long to wait for the next attempt; null when it is time to give up
   */
  wait(now) {
    return this.#within(now, WAITS_MS[Math.min(Math.max(0, this.#tried - 1), WAITS_MS.length - 1)]);
  }

  /**
   * While the server is not there.
   * @param {number} now
   * @returns {number | null} how long to wait before it is knocked again; null when it is time to give up
   */
  knock(now) {
    return this.#within(now, KNOCK_MS);
  }

  /** @param {number} now */
  attempt(now) {
    this.#tried += 1;
    this.#last = now;
  }

  /**
   * Something changed for the better, as when the network came back: there is a new minute from now on.
   * @param {number} now
   * @returns {number} how long to wait before it is knocked, which this is worth
   */
  hope(now) {
    this.#since = now;
    return this.spacing(now);
  }

  /** The attempt asked the server for nothing: it is worth another as soon as it is known of. */
  unasked() {
    this.#last = -Infinity;
  }

  /**
   * @param {number} now
   * @returns {number} how long to wait until the server takes another offer
   */
  spacing(now) {
    return Math.max(0, this.#last + SPACING_MS - now);
  }

  /**
   * @param {number} now
   * @param {number} wait
   */
  #within(now, wait) {
    return now + wait - this.#since > GIVE_UP_AFTER_MS ? null : wait;
  }
}
