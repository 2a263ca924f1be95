/** Round trips and silence on the data channel, decided from times alone (milliseconds, any one clock). */

const SILENCE_MS = 3000;
// A page that was stalled or asleep wakes with old pongs still queued: a few more pings let them be read first.
const UNANSWERED_PINGS = 4;

export class Heartbeat {
  #lastAnswer;
  #unanswered = 0;

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
   * @returns {boolean}
   */
  isSilent(now) {
    return now - this.#lastAnswer > SILENCE_MS && this.#unanswered >= UNANSWERED_PINGS;
  }
}
