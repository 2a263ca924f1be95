/** The time axis: where its marks stand, and how a moment of a session is written. Pure. */

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];
const APART_PX = 72;

/**
 * Round moments of the range, no closer than their words are wide.
 * @param {import("./viewport.js").Range} range
 * @param {number} width pixels
 * @returns {number[]} session seconds
 */
export function ticks({ from, to }, width) {
  const closest = ((to - from) / Math.max(1, width)) * APART_PX;
  const step = STEPS.find((seconds) => seconds >= closest) ?? Math.ceil(closest / 86_400) * 86_400;
  const found = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) found.push(at);
  return found;
}

/**
 * As players write it: `3:07`, `1:02:09`.
 * @param {number} seconds
 */
export function written(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const two = (/** @type {number} */ value) => String(value).padStart(2, "0");
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}
