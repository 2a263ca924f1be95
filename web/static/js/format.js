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
