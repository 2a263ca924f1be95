/** The figures of the connection's panel, as a person reads them. Pure. */

import { bitrate, decimal, percent, span } from "./format.js";
import { words } from "./words.js";

/** @typedef {import("./vitals.js").Vitals} Vitals */

/**
 * The parts of the time from a window's end to its label, which add up. Milliseconds.
 * @param {Vitals} vitals
 * @returns {Record<"waiting" | "decode" | "features" | "inference" | "delivery" | "shown", number | null>}
 */
export function latencyParts({ latency, shown }) {
  if (latency === null) {
    return { waiting: null, decode: null, features: null, inference: null, delivery: null, shown: null };
  }
  const { decode, features, inference, total } = latency;
  return {
    waiting: Math.max(0, total - decode - features - inference),
    decode,
    features,
    inference,
    delivery: shown === null ? null : Math.max(0, shown - total),
    shown,
  };
}

/**
 * @param {string} language
 * @param {Vitals} vitals
 * @returns {Record<keyof import("./words.js").Words["quality"]["rows"], string>}
 */
export function figures(language, vitals) {
  const { quality } = words(language);
  const { sample, roundTrip, load } = vitals.tuning ?? { sample: null, roundTrip: null, load: null };
  const parts = latencyParts(vitals);
  /** @type {<T>(value: T | null | undefined, text: (value: T) => string) => string} */
  const known = (value, text) => (value === null || value === undefined ? quality.none : text(value));
  const time = (/** @type {number | null | undefined} */ value) => known(value, (ms) => span(language, ms));
  return {
    bitrate: known(sample?.bitrate, (bits) => bitrate(language, bits)),
    picture: known(sample?.width, (width) => (
      quality.picture(width, sample?.height ?? 0, decimal(language, sample?.frameRate ?? 0, 0))
    )),
    loss: known(sample?.lastLoss, (share) => percent(language, share)),
    roundTrip: time(roundTrip),
    jitter: time(sample?.jitter),
    serverLag: time(load?.loop_lag_ms),
    analysisLag: known(load?.analysis_lag_s, (seconds) => span(language, seconds * 1000)),
    engine: vitals.engine ?? quality.none,
    waiting: time(parts.waiting),
    decode: time(parts.decode),
    features: time(parts.features),
    inference: time(parts.inference),
    delivery: time(parts.delivery),
    shown: time(parts.shown),
  };
}
