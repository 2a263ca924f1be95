/** How far the server's clock is ahead of this page's, from pings and their answers (milliseconds). */

const KEPT = 50;

export class ServerClock {
  /** @type {{roundTrip: number, ahead: number}[]} */
  #answers = [];

  /**
   * @param {number} arrival when the answer came, epoch on this page
   * @param {number} roundTrip
   * @param {number} server when the server answered, epoch there
   */
  answered(arrival, roundTrip, server) {
    // The answer is taken to have been written halfway, as NTP does (RFC 5905, section 8).
    const ahead = server - (arrival - roundTrip / 2);
    this.#answers = [...this.#answers, { roundTrip, ahead }].slice(-KEPT);
  }

  /** By the quickest of the newest answers, which was held up least. Null before the first. */
  get ahead() {
    if (this.#answers.length === 0) return null;
    return this.#answers.reduce((best, next) => (next.roundTrip < best.roundTrip ? next : best)).ahead;
  }
}
