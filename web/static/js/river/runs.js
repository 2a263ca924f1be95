/** What is to be painted of a range: stretches that were known, and stretches that were looked at in vain. Pure. */

import { KNOWN, STRIDE, UNKNOWN } from "./bins.js";
import { BRIDGE } from "./model.js";

/**
 * A stretch without a break, from `from` to `to` session seconds; `bins` are those of its level that hold labels.
 * @typedef {{known: boolean, from: number, to: number, bins: number[]}} Run
 */

/**
 * @param {import("./bins.js").Level} level
 * @param {import("./viewport.js").Range} range
 * @returns {Run[]} in order of time
 */
export function runs({ width, count, data }, { from, to }) {
  // What comes in from the left, and goes on to the right, of the edges.
  const first = Math.max(0, Math.floor((from - BRIDGE) / width) - 1);
  const last = Math.min(count - 1, Math.ceil((to + BRIDGE) / width));
  /** @type {Run[]} */
  const found = [];
  /** @type {Run | null} */
  let run = null;
  for (let bin = first; bin <= last; bin += 1) {
    const known = data[bin * STRIDE + KNOWN] > 0;
    if (!known && data[bin * STRIDE + UNKNOWN] === 0) continue;
    const left = bin * width;
    const near = run !== null && left - run.to <= BRIDGE;
    if (run !== null && near && run.known === known) {
      run.bins.push(bin);
    } else {
      if (run !== null && near) run.to = left;
      run = { known, from: left, to: left, bins: [bin] };
      found.push(run);
    }
    run.to = left + width;
  }
  return found;
}
