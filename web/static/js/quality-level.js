/** What a level of quality means for the encoder. Level 0 is the best. Pure. */

/** @typedef {import("./quality-rules.js").Rules} Rules */

/**
 * Bits a second, frames a second; `scale` is the share of the picture's width that is sent, `quality` the one figure
 * that stands for the level.
 * @typedef {{quality: number, bitrate: number, frameRate: number, scale: number}} Setting
 */
/** @typedef {{maxBitrate: number, maxFramerate: number, scaleResolutionDownBy: number}} Encoding */

/**
 * The level of least quality.
 * @param {Rules} rules
 */
export function lowest({ quality, interval, scale }) {
  return Math.max(stepsOf(quality), stepsOf(interval), scale.after + stepsOf(scale));
}

/**
 * @param {number} level
 * @param {Rules} rules
 * @returns {Setting}
 */
export function settingAt(level, rules) {
  const quality = Math.max(rules.quality.least, rules.quality.best - level * rules.quality.step);
  const interval = Math.min(rules.interval.least, rules.interval.best + level * rules.interval.step);
  const smaller = Math.max(0, level - rules.scale.after);
  return {
    quality: round(quality, 100),
    bitrate: round(across(quality, rules.quality, rules.bitrate), 1),
    frameRate: round(across(interval, rules.interval, rules.frameRate), 1),
    scale: round(Math.max(rules.scale.least, rules.scale.best - smaller * rules.scale.step), 100),
  };
}

/**
 * The setting for a camera of this size, which may be too small to be sent any smaller.
 * @param {Setting} setting
 * @param {{width?: number, height?: number}} source pixels
 * @param {Rules} rules
 * @returns {Encoding}
 */
export function encodingOf(setting, { width = 0, height = 0 }, { smallest }) {
  // A phone held upright has the long side up.
  const long = Math.max(width, height) / Math.max(smallest.width, smallest.height);
  const short = Math.min(width, height) / Math.min(smallest.width, smallest.height);
  const most = width && height ? Math.max(1, Math.min(long, short)) : Infinity;
  return {
    maxBitrate: setting.bitrate,
    maxFramerate: setting.frameRate,
    scaleResolutionDownBy: Math.min(1 / setting.scale, most),
  };
}

/** @param {{best: number, least: number, step: number}} range */
function stepsOf({ best, least, step }) {
  return Math.round(Math.abs(best - least) / step);
}

/**
 * @param {number} value
 * @param {{best: number, least: number}} from
 * @param {{best: number, least: number}} to
 */
function across(value, from, to) {
  return to.least + ((value - from.least) / (from.best - from.least)) * (to.best - to.least);
}

/**
 * @param {number} value
 * @param {number} parts of one
 */
function round(value, parts) {
  return Math.round(value * parts) / parts;
}
