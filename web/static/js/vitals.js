/** The link's part of the state: how it is in a person's words, and the figures behind them. Pure. */

/** @typedef {import("./tuner.js").Tuning} Tuning */

/** How the connection is, said as a person would. @typedef {"good" | "fair" | "poor"} Verdict */

/**
 * Times are milliseconds.
 * @typedef {object} Vitals
 * @property {import("./quality-rules.js").Profile} profile what the person chose for the sent picture
 * @property {Tuning | null} tuning
 * @property {Verdict | null} verdict null until it is known
 * @property {number} better since when it has been better than that, epoch; 0 where it is not
 * @property {string | null} engine that gave the newest label
 * @property {import("./protocol.js").LatencyParts | null} latency of the newest label, on the server
 * @property {number | null} shown from the end of the newest label's window to its being on this page
 */

/** A link that got better is said to be after so long; one that got worse is at once. */
const BETTER_AFTER_MS = 3000;

const POOR = { roundTrip: 500, loss: 0.1, level: 8 };
const FAIR = { roundTrip: 200, loss: 0.02, level: 1 };
const RANK = { good: 0, fair: 1, poor: 2 };

/**
 * @param {import("./quality-rules.js").Profile} profile
 * @returns {Vitals}
 */
export function newVitals(profile) {
  return { profile, tuning: null, verdict: null, better: 0, engine: null, latency: null, shown: null };
}

/**
 * @param {Vitals} vitals
 * @param {Tuning} tuning
 * @param {number} now
 * @returns {Vitals}
 */
export function tuned(vitals, tuning, now) {
  const next = { ...vitals, tuning };
  const judged = judge(tuning);
  if (judged === null) return next;
  if (vitals.verdict === null || RANK[judged] >= RANK[vitals.verdict]) return { ...next, verdict: judged, better: 0 };
  const better = vitals.better || now;
  if (now - better < BETTER_AFTER_MS) return { ...next, better };
  return { ...next, verdict: judged, better: 0 };
}

/**
 * A label is about to be shown.
 * @param {Vitals} vitals
 * @param {import("./protocol.js").EmotionResult} result
 * @param {number} now
 * @returns {Vitals}
 */
export function labelled(vitals, { engine, latency, timestamp }, now) {
  const ahead = vitals.tuning?.clockAhead ?? null;
  const shown = ahead === null ? null : Math.max(0, now - (timestamp * 1000 - ahead));
  return { ...vitals, engine, latency, shown };
}

/**
 * @param {Tuning} tuning
 * @returns {Verdict | null}
 */
function judge({ roundTrip, sample, level, because, protecting }) {
  if (protecting) return "poor";
  if (roundTrip === null) return null;
  const loss = sample?.lastLoss ?? 0;
  // A level that the person chose says nothing about the link.
  const eased = because !== null ? level : sample?.limitation === "bandwidth" ? FAIR.level : 0;
  const is = (/** @type {typeof POOR} */ than) => (
    roundTrip >= than.roundTrip || loss >= than.loss || eased >= than.level
  );
  if (is(POOR)) return "poor";
  return is(FAIR) ? "fair" : "good";
}
