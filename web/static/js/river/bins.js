/**
 * The sums of what was seen, in bins of 1 s, 2 s, 4 s and so on: whatever span is painted, some level has about as many
 * bins for it as there are pixels. Pure.
 */

/** The seven classes, then how many labels were known, how many were not, and how many clips end there. */
export const KNOWN = 7;
export const UNKNOWN = 8;
export const CLIPS = 9;
export const STRIDE = 10;

/** A week: what says more is a mistake, and would take memory for all the time before it. */
export const LONGEST = 7 * 24 * 3600;
const LEVELS = 1 + Math.ceil(Math.log2(LONGEST));
const FIRST_ROOM = 128;

/** One level: `width` seconds a bin, `count` bins, `STRIDE` numbers a bin in `data`. @typedef {{width: number, count: number, data: Float32Array}} Level */

/**
 * The bin of a moment: it reaches up to its end and includes that.
 * @param {number} seconds
 * @param {number} width seconds
 */
export function binOf(seconds, width) {
  return Math.max(0, Math.ceil(seconds / width) - 1);
}

export class Bins {
  /** @type {Level[]} */
  #levels = Array.from({ length: LEVELS }, (_, level) => ({ width: 2 ** level, count: 0, data: new Float32Array(0) }));

  /** Bytes that are taken. */
  get bytes() {
    return this.#levels.reduce((sum, { data }) => sum + data.byteLength, 0);
  }

  /**
   * The coarsest level of which a bin is no wider than this, or else the finest.
   * @param {number} seconds
   * @returns {Level}
   */
  level(seconds) {
    const level = Math.floor(Math.log2(Math.max(1, seconds)));
    return this.#levels[Math.min(level, LEVELS - 1)];
  }

  /**
   * Say anew what one second holds; the coarser bins above it follow.
   * @param {number} bin
   * @param {ArrayLike<number>} sums `STRIDE` of them
   */
  put(bin, sums) {
    const base = this.#levels[0];
    makeRoom(base, bin);
    base.data.set(sums, bin * STRIDE);
    for (let level = 1, at = bin >> 1; level < LEVELS; level += 1, at >>= 1) {
      const finer = this.#levels[level - 1];
      const coarser = this.#levels[level];
      makeRoom(coarser, at);
      addUp(finer, coarser, at);
    }
  }
}

/**
 * @param {Level} finer
 * @param {Level} coarser
 * @param {number} at the bin that is added up from the two below it
 */
function addUp(finer, coarser, at) {
  const to = at * STRIDE;
  const left = 2 * at * STRIDE;
  const both = 2 * at + 1 < finer.count;
  for (let i = 0; i < STRIDE; i += 1) {
    coarser.data[to + i] = finer.data[left + i] + (both ? finer.data[left + STRIDE + i] : 0);
  }
}

/**
 * Half as much again as there was, so that growing costs little however long it goes on.
 * @param {Level} level
 * @param {number} bin
 */
function makeRoom(level, bin) {
  const needed = (bin + 1) * STRIDE;
  if (needed > level.data.length) {
    const first = Math.max(1, Math.ceil(FIRST_ROOM / level.width)) * STRIDE;
    const data = new Float32Array(Math.max(first, needed, Math.ceil(level.count * 1.5) * STRIDE));
    data.set(level.data);
    level.data = data;
  }
  level.count = Math.max(level.count, bin + 1);
}
