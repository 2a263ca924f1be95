/** Round trips and silence of the server, decided from times alone (milliseconds, any one clock). */

/** After a break of three seconds the call is to go on. What the server says of the media comes first then. */
const SILENCE_MS = 4000;
// A page that was stalled or asleep wakes with old pongs still queued: a few more pings let them be read first.
const UNANSWERED_PINGS = 4;

export class Heartbeat {
  #lastAnswer;
  #unanswered = 0;
  #received = 0;

  /** @param {number} now */
  constructor(now) {
    this.#lastAnswer = now;
  }

  ping() {
    this.#unanswered += 1;
  }

  /**
   * @param {number} now
   * @param {number} clientTs what the ping carried
   * @returns {number} the round trip
   */
  pong(now, clientTs) {
    this.#lastAnswer = now;
    this.#unanswered = 0;
    return Math.max(0, now - clientTs);
  }

  /**
   * @param {number} now
   * @param {number} bytes received over the connection so far, those about the media among them
   */
  received(now, bytes) {
    if (bytes > this.#received) {
      this.#received = bytes;
      this.#lastAnswer = now;
      this.#unanswered = 0;
    }
  }

  /**
   * @param {number} now
   * @returns {boolean}
   */
  isSilent(now) {
    return now - this.#lastAnswer > SILENCE_MS && this.#unanswered >= UNANSWERED_PINGS;
  }
}
