/**
 * A session as a river: what was likely seen from its first second to its last, and the clips that show it. It is fed by a
 * call as it goes on, or by all that the history keeps of one. Pure, and changed in place.
 */

import { EMOTIONS } from "../protocol.js";
import { binOf, Bins, CLIPS, KNOWN, LONGEST, STRIDE, UNKNOWN } from "./bins.js";
import { Clips } from "./clips.js";
import { Labels } from "./labels.js";

/** @typedef {import("./labels.js").Label} Label */
/** @typedef {import("./labels.js").Seen} Seen */

/** Seconds without a label up to which the river flows on: a window is five, and slow engines skip some. */
export const BRIDGE = 5;

export class River {
  #labels = new Labels();
  #clips = new Clips();
  #bins = new Bins();
  #end = 0;
  #origin = Number.POSITIVE_INFINITY;
  #version = 0;

  /** Another one whenever something is another. */
  get version() {
    return this.#version;
  }

  /** Session seconds of the last label. */
  get end() {
    return this.#end;
  }

  get count() {
    return this.#labels.count;
  }

  /** Bytes of numbers that are held. */
  get bytes() {
    return this.#labels.bytes + this.#bins.bytes;
  }

  /** Epoch seconds of the session's beginning, by the clock of the labels' `at`; null before the first of them. */
  get origin() {
    return Number.isFinite(this.#origin) ? this.#origin : null;
  }

  /** @param {Label} label */
  add(label) {
    if (!isMoment(label.window_end)) return;
    // Every label is said some while after its window: the one that was quickest tells best when the session began.
    this.#origin = Math.min(this.#origin, label.at - label.window_end);
    const changed = this.#labels.put(label);
    if (label.video_name !== null) {
      this.#clips.put({ name: label.video_name, start: label.window_start, end: label.window_end });
    }
    this.#end = Math.max(this.#end, label.window_end);
    if (changed || label.video_name !== null) this.#refresh(label.window_end);
  }

  /** @param {import("./clips.js").Span} clip */
  addClip({ name, start, end }) {
    if (isMoment(end) && this.#clips.put({ name, start, end })) this.#refresh(end);
  }

  /** Drop every label; the clips stay. */
  forgetLabels() {
    this.#labels = new Labels();
    this.#bins = new Bins();
    this.#end = 0;
    this.#origin = Number.POSITIVE_INFINITY;
    this.#version += 1;
    for (const { end } of this.#clips.all) this.#refresh(end);
  }

  /** Drop every clip; the labels stay. */
  forgetClips() {
    const dropped = this.#clips.all;
    this.#clips = new Clips();
    this.#version += 1;
    for (const { end } of dropped) this.#refresh(end);
  }

  /**
   * The bins for a span in which a pixel is so many seconds: two to four pixels wide, which is calmer to look at than one.
   * @param {number} secondsPerPixel
   */
  level(secondsPerPixel) {
    return this.#bins.level(4 * secondsPerPixel);
  }

  /**
   * The label of a moment: that of the first window to end after it.
   * @param {number} seconds
   * @returns {Seen | null} null where nothing was looked at
   */
  at(seconds) {
    const next = this.#labels.from(seconds);
    if (next < this.#labels.count && this.#labels.end(next) - seconds <= BRIDGE) return this.#labels.read(next);
    return null;
  }

  /** @param {number} seconds */
  clipAt(seconds) {
    return this.#clips.at(seconds);
  }

  /** @param {string} name */
  clipNamed(name) {
    return this.#clips.named(name);
  }

  /**
   * Add up the second around a moment anew, from all that ends in it.
   * @param {number} seconds
   */
  #refresh(seconds) {
    const bin = binOf(seconds, 1);
    const sums = new Float32Array(STRIDE);
    for (let at = this.#labels.from(bin); at < this.#labels.count && this.#labels.end(at) <= bin + 1; at += 1) {
      if (binOf(this.#labels.end(at), 1) !== bin) continue;
      if (this.#labels.isKnown(at)) {
        this.#labels.addShares(at, sums);
        sums[KNOWN] += 1;
      } else {
        sums[UNKNOWN] += 1;
      }
    }
    sums[CLIPS] = this.#clips.ending(bin, bin + 1);
    this.#bins.put(bin, sums);
    this.#version += 1;
  }
}

/**
 * The mean share of each class in a bin, in the order of `EMOTIONS`, written into `shares`.
 * @param {Float32Array} data
 * @param {number} bin
 * @param {Float32Array} shares
 */
export function means(data, bin, shares) {
  const at = bin * STRIDE;
  for (let i = 0; i < EMOTIONS.length; i += 1) shares[i] = data[at + i] / data[at + KNOWN];
}

/** @param {number} seconds */
function isMoment(seconds) {
  return Number.isFinite(seconds) && seconds >= 0 && seconds <= LONGEST;
}
