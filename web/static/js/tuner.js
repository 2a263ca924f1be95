/** Keeps the sent picture to what the link carries: measures, has it decided, and tells the encoder. */

import { Encoder } from "./encoder.js";
import { read, sampleOf } from "./link.js";
import { encodingOf, settingAt } from "./quality-level.js";
import { Quality } from "./quality.js";
import { ServerClock } from "./server-clock.js";

/** @typedef {import("./quality-rules.js").Profile} Profile */
/** @typedef {import("./protocol.js").Pong} Pong */

/**
 * How the link is and what was made of it. Milliseconds.
 * @typedef {object} Tuning
 * @property {import("./link.js").Sample | null} sample
 * @property {number} level
 * @property {number} quality
 * @property {boolean} protecting
 * @property {import("./quality.js").Trouble | null} because
 * @property {number | null} roundTrip
 * @property {import("./protocol.js").Load | null} load
 * @property {number | null} clockAhead of the server's clock
 */

export class Tuner {
  #connection;
  #rules;
  #quality;
  #clock = new ServerClock();
  #encoder;
  #applied = "";
  /** @type {import("./protocol.js").Load | null} */
  #load = null;
  /** @type {import("./link.js").Reading | null} */
  #reading = null;
  /** @type {import("./link.js").Sample | null} */
  #sample = null;
  #measuring = false;
  #measuredAt = -Infinity;
  #tell;

  /**
   * @param {RTCPeerConnection} connection
   * @param {RTCRtpSender | null} video
   * @param {import("./quality-rules.js").Rules} rules
   * @param {Profile} profile
   * @param {(tuning: Tuning) => void} tell
   */
  constructor(connection, video, rules, profile, tell) {
    this.#connection = connection;
    this.#rules = rules;
    this.#quality = new Quality(rules, profile, performance.now());
    this.#encoder = video && new Encoder(video);
    this.#tell = tell;
    this.#apply();
  }

  /** @param {Profile} profile */
  choose(profile) {
    this.#quality.choose(profile);
    this.#apply();
    this.#report();
  }

  /**
   * Before each ping.
   * @param {number} now milliseconds on the clock of `performance.now()`
   * @returns {number} the quality in use
   */
  tick(now) {
    const before = this.#quality.level;
    this.#quality.decide(now);
    this.#quality.pinged();
    this.#apply();
    if (this.#quality.level !== before) this.#report();
    if (now - this.#measuredAt >= this.#rules.statsEvery) void this.#measure(now);
    return this.#setting.quality;
  }

  /**
   * @param {number} now
   * @param {number} roundTrip milliseconds
   * @param {Pong} pong
   */
  answered(now, roundTrip, pong) {
    this.#load = pong.load;
    this.#clock.answered(Date.now(), roundTrip, pong.server_ts * 1000);
    this.#quality.answered(now, roundTrip, pong.load.loop_lag_ms);
  }

  /** Bytes that have come over the connection, as last measured. */
  get received() {
    return this.#reading?.pair.bytesReceived ?? 0;
  }

  get #setting() {
    return settingAt(this.#quality.level, this.#rules);
  }

  /** Each time anew: the camera may have been changed, or turned with the phone. */
  #apply() {
    if (!this.#encoder) return;
    const encoding = encodingOf(this.#setting, this.#encoder.source, this.#rules);
    const key = Object.values(encoding).join();
    if (key === this.#applied) return;
    this.#applied = key;
    void this.#encoder.apply(encoding);
  }

  /** @param {number} now */
  async #measure(now) {
    if (this.#measuring) return;
    this.#measuring = true;
    this.#measuredAt = now;
    try {
      const stats = /** @type {Map<string, Record<string, any>>} */ (await this.#connection.getStats());
      const reading = read(stats.values());
      this.#sample = sampleOf(this.#reading, reading, this.#sample);
      this.#reading = reading;
      this.#quality.measured(performance.now(), this.#sample);
      this.#report();
    } catch {
      // Nothing is measured of a connection that has just closed.
    } finally {
      this.#measuring = false;
    }
  }

  #report() {
    this.#tell({
      sample: this.#sample,
      level: this.#quality.level,
      quality: this.#setting.quality,
      protecting: this.#quality.protecting,
      because: this.#quality.because,
      roundTrip: this.#quality.roundTrip,
      load: this.#load,
      clockAhead: this.#clock.ahead,
    });
  }
}
