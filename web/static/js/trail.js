/** The way through the moods of the last half minute. Pure: results and time in, points out. */

/**
 * `valence` and `arousal` are -1 to 1, `arousal` null where no voice was heard; `at` is epoch milliseconds.
 * @typedef {{valence: number, arousal: number | null, at: number, windowEnd: number}} Step
 */

/** `faded` is 0 for now and 1 for what is about to go; `x` and `y` are shares from the upper left of the pad. */
/** @typedef {{x: number, y: number, faded: number, silent: boolean}} Mark */

export const LASTS_MS = 30_000;
/** Five looks a second, for as long as a trail lasts. */
const MOST = 150;

/**
 * A better answer for the window that was answered last takes its place; one for an older window comes too late.
 * @param {readonly Step[]} trail oldest first
 * @param {import("./protocol.js").EmotionResult} result
 * @param {number} now epoch milliseconds
 * @returns {readonly Step[]}
 */
export function trailAfter(trail, { valence, arousal, window_end }, now) {
  const newest = trail.at(-1);
  if (newest && window_end < newest.windowEnd) return trail;
  const before = newest?.windowEnd === window_end ? trail.slice(0, -1) : trail;
  const recent = before.filter(({ at }) => now - at < LASTS_MS);
  if (valence == null) return newest?.windowEnd === window_end ? trail : recent;
  return [...recent, { valence, arousal: arousal ?? null, at: now, windowEnd: window_end }].slice(-MOST);
}

/**
 * @param {readonly Step[]} trail
 * @param {number} now epoch milliseconds
 * @returns {Mark[]} oldest first
 */
export function marks(trail, now) {
  return trail
    .filter(({ at }) => now - at < LASTS_MS)
    .map(({ valence, arousal, at }) => ({
      x: (1 + within(valence)) / 2,
      y: (1 - within(arousal ?? 0)) / 2,
      faded: Math.max(0, now - at) / LASTS_MS,
      silent: arousal === null,
    }));
}

/** @param {number} value */
function within(value) {
  return Math.min(1, Math.max(-1, value));
}
