/** How loud a microphone is, for an eye to follow: samples and time in, a level out. Pure. */

/** What a meter shows as nothing: the noise of a quiet room. Decibels below full scale. */
export const FLOOR_DB = -60;
/** What a meter shows as all: a voice close to the microphone. */
const CEILING_DB = -10;
/** The meter jumps up at once and comes down as slowly as this, so that a word can be seen. Its whole height a second. */
const FALL_PER_S = 1.6;

/**
 * Root mean square in decibels; full scale, a square wave of 1, is 0.
 * @param {ArrayLike<number>} samples -1 to 1
 * @returns {number} not below the floor
 */
export function decibels(samples) {
  let sum = 0;
  for (let index = 0; index < samples.length; index += 1) sum += samples[index] ** 2;
  const power = samples.length ? sum / samples.length : 0;
  return power > 0 ? Math.max(FLOOR_DB, 10 * Math.log10(power)) : FLOOR_DB;
}

export class Level {
  #value = 0;
  #at;

  /** @param {number} now milliseconds, any one clock */
  constructor(now) {
    this.#at = now;
  }

  /**
   * @param {number} now
   * @param {ArrayLike<number>} samples the newest sound
   * @returns {number} 0 to 1
   */
  hear(now, samples) {
    const share = (decibels(samples) - FLOOR_DB) / (CEILING_DB - FLOOR_DB);
    const fallen = this.#value - (FALL_PER_S * Math.max(0, now - this.#at)) / 1000;
    this.#at = now;
    this.#value = Math.min(1, Math.max(share, fallen, 0));
    return this.#value;
  }
}
