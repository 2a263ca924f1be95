/** Every value and threshold by which the sent picture follows the link, in one place. */

/** @typedef {"auto" | "high" | "medium" | "low"} Profile */
/** @typedef {Readonly<typeof VALUES>} Rules */

/** @type {readonly Profile[]} */
export const PROFILES = ["auto", "high", "medium", "low"];

/** Times are milliseconds, bitrates bits a second, loss and lasting shares between 0 and 1, sizes pixels. */
const VALUES = {
  // Round trips of the pings: the mean of the newest ones.
  roundTrips: 10,
  slow: 250,
  quick: 180,

  // The share of packets lost, in one report of the receiver.
  lossHigh: 0.05,
  lossLow: 0.02,

  // How late the server's loop is. What it tells is its worst of two seconds: only what is high for longer is more
  // than one hiccup, and each step needs that long to show.
  lagHigh: 150,
  lagLow: 75,
  lagHold: 2400,

  // The browser's own word that its encoder lacks bandwidth, or an estimate that falls to this share of what it was.
  estimateFall: 0.6,
  bandwidthHold: 2000,

  // Before that neither bandwidth nor load counts: an estimate starts low and wanders until it has found the link, and
  // setting up a call is work for the server.
  warmUp: 6000,

  // Silence: so long without an answer, and so many pings (a page in the background pings seldom).
  silence: 1000,
  silentPings: 3,

  // Steps. Down as fast as allowed; up after a calm time, which doubles with each climb that brought trouble.
  step: 200,
  climbEvery: 2000,
  calm: 2000,
  calmMost: 60_000,
  climbFails: 8000,

  // What a level means, from the best to the least. The size begins to move some levels later than the rest: with each
  // new size the server's clip begins anew.
  quality: { best: 0.9, least: 0.4, step: 0.05 },
  bitrate: { best: 2_500_000, least: 300_000 },
  interval: { best: 80, least: 300, step: 20 },
  frameRate: { best: 30, least: 8 },
  scale: { best: 1, least: 0.6, step: 0.05, after: 3 },
  smallest: { width: 320, height: 240 },

  levels: { high: 0, medium: 5, low: 10 },

  statsEvery: 500,
};

export const RULES = Object.freeze(VALUES);

/**
 * @param {Partial<Rules> | undefined} changes
 * @returns {Rules}
 */
export function rulesWith(changes) {
  return changes ? Object.freeze({ ...RULES, ...changes }) : RULES;
}

/**
 * @param {unknown} value
 * @returns {Profile | null}
 */
export function asProfile(value) {
  return PROFILES.find((profile) => profile === value) ?? null;
}
