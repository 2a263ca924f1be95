/** Which part of the session is shown: all of it or a span, at its moving end or at a moment of the past. Pure. */

/**
 * `span` is seconds, null for the whole session; `to` is the session second at the right edge, null for the end, wherever
 * that has got to.
 * @typedef {{readonly span: number | null, readonly to: number | null}} View
 */

/** Session seconds at the edges. @typedef {{from: number, to: number}} Range */

/** A session shorter than this has room left for what comes. */
export const SHORTEST_WHOLE = 60;
export const SHORTEST = 10;
/** This close to the right edge a zoom is about the end itself. */
const EDGE = 0.1;
/** Steps of the keyboard in a view. */
const STEPS = 100;

/** @type {View} */
export const WHOLE = { span: null, to: null };

/**
 * @param {View} view
 * @param {number} end session seconds
 * @returns {Range}
 */
export function shown(view, end) {
  const full = Math.max(SHORTEST_WHOLE, end);
  const span = Math.min(view.span ?? full, full);
  const to = view.to === null ? Math.max(end, span) : clamp(view.to, span, full);
  return { from: to - span, to };
}

/**
 * @param {View} view
 * @param {number} end
 * @param {number} factor above 1 to see more closely
 * @param {number | null} about the session second that stays where it is; null for the end, or else the middle
 * @returns {View}
 */
export function zoom(view, end, factor, about) {
  const { from, to } = shown(view, end);
  const full = Math.max(SHORTEST_WHOLE, end);
  const span = Math.max(SHORTEST, (to - from) / factor);
  if (span >= full) return WHOLE;
  if (view.to === null && (about === null || about > to - EDGE * (to - from))) return { span, to: null };
  const still = about ?? (from + to) / 2;
  const share = (still - from) / (to - from);
  return settled(span, still + (1 - share) * span, end);
}

/**
 * @param {View} view
 * @param {number} end
 * @param {number} seconds positive towards the end
 * @returns {View}
 */
export function pan(view, end, seconds) {
  const { from, to } = shown(view, end);
  return view.span === null ? view : settled(to - from, to + seconds, end);
}

/**
 * Move no further than a moment needs to be in sight.
 * @param {View} view
 * @param {number} end
 * @param {number} seconds
 * @returns {View}
 */
export function reveal(view, end, seconds) {
  const { from, to } = shown(view, end);
  if (seconds < from) return pan(view, end, seconds - from);
  return seconds > to ? pan(view, end, seconds - to) : view;
}

/**
 * At the end again, as close as before.
 * @param {View} view
 * @returns {View}
 */
export function followed({ span }) {
  return { span, to: null };
}

/**
 * Where a key takes the cursor; null for a key that does not move it.
 * @param {View} view
 * @param {number} end
 * @param {number} cursor session seconds
 * @param {string} key
 * @returns {number | null}
 */
export function moved(view, end, cursor, key) {
  const { from, to } = shown(view, end);
  const step = Math.max(1, Math.round((to - from) / STEPS));
  /** @type {Record<string, number>} */
  const places = {
    ArrowLeft: cursor - step,
    ArrowDown: cursor - step,
    ArrowRight: cursor + step,
    ArrowUp: cursor + step,
    PageUp: cursor + 10 * step,
    PageDown: cursor - 10 * step,
    Home: 0,
    End: end,
  };
  return key in places ? clamp(places[key], 0, end) : null;
}

/**
 * @param {number} span
 * @param {number} to
 * @param {number} end
 * @returns {View}
 */
function settled(span, to, end) {
  return { span, to: to >= Math.max(SHORTEST_WHOLE, end) ? null : Math.max(span, to) };
}

/** @param {number} value @param {number} low @param {number} high */
function clamp(value, low, high) {
  return Math.min(high, Math.max(low, value));
}
