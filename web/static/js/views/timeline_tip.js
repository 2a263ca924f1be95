/** The tip beside the cursor: what was likely seen, when that was, and what was said just then. */

import { clock, percent } from "../format.js";
import { written } from "../river/axis.js";
import { words } from "../words.js";
import { byId, setText } from "./dom.js";

/** @typedef {import("../river/painter.js").Mark} Mark */

/** A turn this near to the cursor is shown in its tip. */
const NEAR_PX = 8;

export class TimelineTip {
  #tip = byId("river-tip", HTMLElement);
  #label = byId("river-tip-label", HTMLElement);
  #time = byId("river-tip-time", HTMLElement);
  #turn = byId("river-tip-turn", HTMLElement);

  /**
   * @param {string} language
   * @param {import("../moments.js").Moments} moments
   * @param {Mark[]} marks
   * @param {import("../river/viewport.js").Range} range
   * @param {number} width pixels
   */
  render(language, { river, cursor }, marks, { from, to }, width) {
    this.#tip.hidden = cursor === null || cursor < from || cursor > to;
    if (cursor === null || this.#tip.hidden) return;
    const { timeline } = words(language);
    const seen = river.at(cursor);
    if (seen) this.#label.dataset.emotion = seen.emotion;
    else delete this.#label.dataset.emotion;
    setText(this.#label, labelAt(language, river, cursor));
    const parts = [written(cursor)];
    if (river.origin !== null) parts.push(clock(language, 1000 * (river.origin + cursor)));
    if (seen?.provisional) parts.push(timeline.firstLook);
    if (river.clipAt(cursor)) parts.push(timeline.clip);
    setText(this.#time, parts.join(" · "));
    setText(this.#turn, said(timeline, nearest(marks, cursor, (NEAR_PX * (to - from)) / Math.max(1, width))));
    const x = ((cursor - from) / (to - from)) * width;
    const half = this.#tip.offsetWidth / 2;
    this.#tip.style.left = `${Math.round(Math.min(width - 2 * half, Math.max(0, x - half)))}px`;
  }
}

/**
 * @param {Mark[]} marks
 * @param {number} cursor
 * @param {number} reach seconds
 */
function nearest(marks, cursor, reach) {
  /** @type {Mark | null} */
  let found = null;
  for (const mark of marks) {
    const away = Math.abs(mark.at - cursor);
    if (away <= reach && (found === null || away < Math.abs(found.at - cursor))) found = mark;
  }
  return found;
}

/**
 * @param {import("../words.js").Words["timeline"]} timeline
 * @param {Mark | null} mark
 */
function said(timeline, mark) {
  if (mark === null) return "";
  return mark.role === "user" ? timeline.you(mark.text) : timeline.assistant(mark.text);
}

/**
 * What was likely seen at a moment, in words.
 * @param {string} language
 * @param {import("../river/model.js").River} river
 * @param {number} at session seconds
 */
export function labelAt(language, river, at) {
  const { timeline, emotions, reasons, reasonUnknown } = words(language);
  const seen = river.at(at);
  if (seen === null) return timeline.nothing;
  const name = emotions[seen.emotion] ?? seen.emotion;
  if (seen.share === null) return timeline.unknown(name, reasons[seen.reason ?? ""] ?? reasonUnknown);
  return timeline.seen(name, percent(language, seen.share));
}
