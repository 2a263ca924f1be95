/**
 * What a screen reader is told of the expression, and when: the page shows each change, but one who listens hears of it
 * only when it lasts, and not too often. Pure: labels and time in, what is said out.
 */

/** A label as it is told: the expression, and why it is unknown. @typedef {{emotion: string, reason: string | null}} Told */

/**
 * All times are epoch milliseconds. `said` stays until something else is said.
 * @typedef {{current: Told | null, since: number, said: Told | null, saidAt: number}} Announcer
 */

export const LASTING_MS = 2000;
export const APART_MS = 10_000;

/** @type {Announcer} */
export const SILENT = { current: null, since: 0, said: null, saidAt: -Infinity };

/**
 * What is to be said once a label was seen, or some time went by with the last one still standing.
 * @param {Announcer} announcer
 * @param {Told | null} label null while there is none
 * @param {number} now
 * @returns {Announcer}
 */
export function listened(announcer, label, now) {
  if (label === null) return announcer.current === null ? announcer : { ...announcer, current: null, since: now };
  const lasting = same(label, announcer.current);
  const next = lasting ? announcer : { ...announcer, current: { emotion: label.emotion, reason: label.reason }, since: now };
  if (now - next.since < LASTING_MS || now - next.saidAt < APART_MS || same(next.current, next.said)) return next;
  return { ...next, said: next.current, saidAt: now };
}

/**
 * @param {Told | null} one
 * @param {Told | null} other
 */
function same(one, other) {
  return one?.emotion === other?.emotion && one?.reason === other?.reason;
}
