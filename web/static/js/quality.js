/** Which level of quality the link carries, decided from times and samples alone (milliseconds, any one clock). */

import { lowest } from "./quality-level.js";

/** @typedef {import("./quality-rules.js").Profile} Profile */
/** @typedef {import("./quality-rules.js").Rules} Rules */
/** @typedef {"silent" | "slow" | "loss" | "bandwidth" | "load"} Trouble */

export class Quality {
  #rules;
  #lowest;
  /** @type {Profile} */
  #profile;
  #level;
  #protecting = false;
  /** @type {Trouble | null} */
  #because = null;

  #began;
  #lastAnswer;
  #unanswered = 0;
  /** @type {number[]} */
  #roundTrips = [];

  /** Told by a report and not stepped down for yet. @type {Set<Trouble>} */
  #told = new Set();
  /** When each was last told. @type {Partial<Record<Trouble, number>>} */
  #toldAt = {};
  #loss = 0;
  #lag = 0;
  /** @type {number | null} */
  #busySince = null;
  #lacking = false;
  /** The highest estimate since it last fell. */
  #estimate = 0;

  #stepped = -Infinity;
  #climbed = -Infinity;
  /** @type {number | null} */
  #calmSince = null;
  #calmNeeded;

  /**
   * @param {Rules} rules
   * @param {Profile} profile
   * @param {number} now
   */
  constructor(rules, profile, now) {
    this.#rules = rules;
    this.#lowest = lowest(rules);
    this.#profile = profile;
    this.#level = this.#home();
    this.#calmNeeded = rules.calm;
    this.#began = this.#lastAnswer = now;
  }

  /** 0 is the best. */
  get level() {
    return this.#level;
  }

  /** Whether it is at its least because the server does not answer. */
  get protecting() {
    return this.#protecting;
  }

  /** Why the level is lower than it could be; null where nothing but the person's choice lowers it. */
  get because() {
    return this.#because;
  }

  /** Milliseconds, of the newest pings; null before the first answer. */
  get roundTrip() {
    const { length } = this.#roundTrips;
    return length === 0 ? null : this.#roundTrips.reduce((sum, one) => sum + one, 0) / length;
  }

  /** @param {Profile} profile */
  choose(profile) {
    this.#profile = profile;
    if (!this.#protecting) this.#because = null;
    // Automatic goes on from where it is, and so does a call that is being protected.
    if (profile !== "auto" && !this.#protecting) this.#level = this.#home();
  }

  pinged() {
    this.#unanswered += 1;
  }

  /**
   * @param {number} now
   * @param {number} roundTrip milliseconds
   * @param {number} lag of the server's loop, milliseconds
   */
  answered(now, roundTrip, lag) {
    this.#lastAnswer = now;
    this.#unanswered = 0;
    this.#roundTrips = [...this.#roundTrips, roundTrip].slice(-this.#rules.roundTrips);
    this.#lag = lag;
    const settled = now - this.#began >= this.#rules.warmUp;
    this.#busySince = settled && lag > this.#rules.lagHigh ? this.#busySince ?? now : null;
    if (this.#busySince !== null && now - this.#busySince >= this.#rules.lagHold) {
      this.#tell("load", now, this.#rules.lagHold);
    }
  }

  /**
   * @param {number} now
   * @param {import("./link.js").Sample} sample
   */
  measured(now, { loss, available, limitation }) {
    const { lossHigh, bandwidthHold, warmUp, estimateFall } = this.#rules;
    if (loss !== null) {
      this.#loss = loss;
      if (loss > lossHigh) this.#tell("loss", now, 0);
    }
    // Once it lacks bandwidth the encoder adapts by itself, and may stay so long after: only the beginning is news, and
    // none where that was while the call was set up.
    const began = limitation === "bandwidth" && !this.#lacking;
    this.#lacking = limitation === "bandwidth";
    if (now - this.#began < warmUp) return;
    const fell = available !== null && available < estimateFall * this.#estimate;
    if (fell || began) this.#tell("bandwidth", now, bandwidthHold);
    if (available !== null) this.#estimate = fell ? available : Math.max(this.#estimate, available);
  }

  /**
   * @param {number} now
   * @returns {number} the level from now on
   */
  decide(now) {
    if (now - this.#lastAnswer > this.#rules.silence && this.#unanswered >= this.#rules.silentPings) {
      this.#protect(now);
    } else if (this.#profile !== "auto" && !this.#protecting) {
      this.#told.clear();
    } else {
      if (this.#profile === "auto") this.#protecting = false;
      const trouble = this.#trouble();
      if (trouble !== null) this.#fall(now, trouble);
      else this.#rise(now);
    }
    return this.#level;
  }

  /** The level of the profile where nothing is wrong. */
  #home() {
    return this.#profile === "auto" ? 0 : this.#rules.levels[this.#profile];
  }

  /**
   * @param {Trouble} trouble
   * @param {number} now
   * @param {number} hold how long it is the same trouble
   */
  #tell(trouble, now, hold) {
    if (now - (this.#toldAt[trouble] ?? -Infinity) < hold) return;
    this.#toldAt[trouble] = now;
    this.#told.add(trouble);
  }

  /** @returns {Trouble | null} */
  #trouble() {
    const mean = this.#full() ? this.roundTrip : null;
    // The mean remembers what the last step has eased already; the newest one does not.
    const newest = this.#roundTrips.at(-1) ?? 0;
    if (mean !== null && mean > this.#rules.slow && newest > this.#rules.slow) return "slow";
    for (const trouble of this.#told) return trouble;
    return null;
  }

  /** @param {number} now */
  #protect(now) {
    this.#protecting = true;
    this.#because = "silent";
    this.#level = this.#lowest;
    this.#stepped = now;
    this.#calmSince = null;
    this.#told.clear();
  }

  /**
   * @param {number} now
   * @param {Trouble} trouble
   */
  #fall(now, trouble) {
    this.#calmSince = null;
    this.#because = trouble;
    if (now - this.#climbed < this.#rules.climbFails) {
      this.#calmNeeded = Math.min(2 * this.#calmNeeded, this.#rules.calmMost);
      this.#climbed = -Infinity; // one failure, however many steps it takes
    }
    if (now - this.#stepped < this.#rules.step) return;
    this.#told.clear();
    if (this.#level >= this.#lowest) return;
    this.#level += 1;
    this.#stepped = now;
  }

  /** @param {number} now */
  #rise(now) {
    if (!this.#isCalm()) {
      this.#calmSince = null;
      return;
    }
    this.#protecting = false;
    this.#calmSince ??= now;
    if (now - this.#climbed >= this.#rules.climbFails && this.#climbed > -Infinity) {
      this.#calmNeeded = this.#rules.calm; // it held
      this.#climbed = -Infinity;
    }
    if (this.#profile !== "auto") {
      this.#level = this.#home();
    } else if (this.#level > 0 && this.#mayClimb(now)) {
      this.#level -= 1;
      this.#stepped = this.#climbed = now;
    }
    if (this.#level <= this.#home()) this.#because = null;
  }

  /** @param {number} now */
  #mayClimb(now) {
    const calm = now - (this.#calmSince ?? now) >= this.#calmNeeded;
    return calm && now - this.#stepped >= this.#rules.climbEvery;
  }

  #isCalm() {
    const { quick, lossLow, lagLow } = this.#rules;
    const mean = this.roundTrip;
    return this.#full() && mean !== null && mean < quick
      && this.#loss <= lossLow && this.#lag <= lagLow;
  }

  #full() {
    return this.#roundTrips.length >= this.#rules.roundTrips;
  }
}
