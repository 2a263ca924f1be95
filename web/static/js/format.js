/** Numbers and times as a person of some language reads them. */

/**
 * @param {string} language
 * @param {number} share 0 to 1
 */
export function percent(language, share) {
  return new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 }).format(share);
}

/**
 * @param {string} language
 * @param {number} value
 * @param {number} [digits] after the point
 */
export function decimal(language, value, digits = 1) {
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat(language, options).format(value);
}

/**
 * @param {string} language
 * @param {number} value -1 to 1
 */
export function signed(language, value) {
  const options = /** @type {const} */ ({
    signDisplay: "exceptZero", minimumFractionDigits: 2, maximumFractionDigits: 2,
  });
  return new Intl.NumberFormat(language, options).format(value);
}

/**
 * @param {string} language
 * @param {number} bytes
 */
export function size(language, bytes) {
  const mega = bytes >= 999_500;
  return new Intl.NumberFormat(language, {
    style: "unit",
    unit: mega ? "megabyte" : "kilobyte",
    maximumFractionDigits: mega ? 1 : 0,
  }).format(bytes / (mega ? 1e6 : 1e3));
}

/**
 * A span of time, in the unit that suits it.
 * @param {string} language
 * @param {number} milliseconds
 */
export function span(language, milliseconds) {
  const long = milliseconds >= 999.5;
  return new Intl.NumberFormat(language, {
    style: "unit",
    unit: long ? "second" : "millisecond",
    maximumFractionDigits: long ? 1 : 0,
  }).format(long ? milliseconds / 1000 : milliseconds);
}

/**
 * @param {string} language
 * @param {number} bits a second
 */
export function bitrate(language, bits) {
  // The symbols are the same everywhere; Intl would translate half of them.
  return bits >= 999_500 ? `${decimal(language, bits / 1e6)} Mbit/s` : `${decimal(language, bits / 1e3, 0)} kbit/s`;
}

/**
 * To the minute.
 * @param {string} language
 * @param {number} epochMs
 */
export function hour(language, epochMs) {
  return new Intl.DateTimeFormat(language, { timeStyle: "short" }).format(epochMs);
}

/**
 * @param {string} language
 * @param {number} epochMs
 */
export function clock(language, epochMs) {
  return new Intl.DateTimeFormat(language, { timeStyle: "medium" }).format(epochMs);
}

/**
 * Day and hour.
 * @param {string} language
 * @param {number} epochMs
 */
export function day(language, epochMs) {
  return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(epochMs);
}

/**
 * How long something lasted, in the two units that tell it best.
 * @param {string} language
 * @param {number} seconds
 */
export function lasted(language, seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const parts = /** @type {const} */ ([
    ["hour", Math.floor(whole / 3600)],
    ["minute", Math.floor(whole / 60) % 60],
    ["second", whole % 60],
  ]);
  const first = parts.findIndex(([, value]) => value > 0);
  return (first < 0 ? parts.slice(2) : parts.slice(first, first + 2).filter(([, value], at) => at === 0 || value > 0))
    .map(([unit, value]) => new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "narrow" }).format(value))
    .join(" ");
}

/**
 * Bits in a second.
 * @param {string} language
 * @param {number} bitsPerSecond
 */
export function rate(language, bitsPerSecond) {
  const mega = bitsPerSecond >= 999_500;
  const value = bitsPerSecond / (mega ? 1e6 : 1e3);
  return `${decimal(language, value, mega ? 1 : 0)} ${mega ? "Mb/s" : "kb/s"}`;
}

/**
 * Bytes of which there are many.
 * @param {string} language
 * @param {number} bytes
 */
export function volume(language, bytes) {
  if (bytes < 1e9) return size(language, bytes);
  return new Intl.NumberFormat(language, { style: "unit", unit: "gigabyte", maximumFractionDigits: 1 }).format(bytes / 1e9);
}

/**
 * Day, hour, minute and second.
 * @param {string} language
 * @param {number} epochMs
 */
export function moment(language, epochMs) {
  return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "medium" }).format(epochMs);
}
