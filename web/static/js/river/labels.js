/** Every label of a session in columns of numbers, in order of time: some fifty bytes each. Pure. */

import { EMOTIONS } from "../protocol.js";

/**
 * What was likely seen in a window. `at` is epoch seconds, the rest is as the server has it.
 * @typedef {object} Label
 * @property {number} at
 * @property {number} window_start
 * @property {number} window_end
 * @property {string} emotion
 * @property {string | null} reason
 * @property {Record<string, number>} probabilities
 * @property {number | null} confidence
 * @property {string} engine
 * @property {boolean} provisional
 * @property {string | null} video_name
 */

/**
 * A label as it is read back. `share` is the probability of `emotion`, null where that is unknown.
 * @typedef {{end: number, emotion: string, reason: string | null, share: number | null, confidence: number | null, engine: string, provisional: boolean}} Seen
 */

const CLASSES = EMOTIONS.length;
const FIRST_ROOM = 128;
/** Windows whose ends are closer than this are the same one. */
const SAME = 1e-3;
/** An emotion of no class of ours is unknown. */
const NO_CLASS = 255;

export class Labels {
  #count = 0;
  #ends = new Float64Array(FIRST_ROOM);
  #shares = new Float32Array(FIRST_ROOM * CLASSES);
  #confidences = new Float32Array(FIRST_ROOM);
  #emotions = new Uint8Array(FIRST_ROOM);
  #reasons = new Uint8Array(FIRST_ROOM);
  #engines = new Uint8Array(FIRST_ROOM);
  #provisional = new Uint8Array(FIRST_ROOM);
  /** What is said again and again is kept once. @type {(string | null)[]} */
  #said = [null];

  get count() {
    return this.#count;
  }

  get bytes() {
    return this.#columns().reduce((sum, column) => sum + column.byteLength, 0);
  }

  /**
   * Take a label. A considered answer replaces the provisional one of its window, never the other way round.
   * @param {Label} label
   * @returns {boolean} whether anything is another
   */
  put(label) {
    let at = this.from(label.window_end - SAME);
    if (at < this.#count && this.#ends[at] <= label.window_end + SAME) {
      if (label.provisional && !this.#provisional[at]) return false;
    } else {
      at = this.#open(at);
    }
    this.#write(at, label);
    return true;
  }

  /**
   * The first label that ends at this moment or later; `count` where none does.
   * @param {number} seconds
   */
  from(seconds) {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#ends[middle] < seconds) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** @param {number} at */
  end(at) {
    return this.#ends[at];
  }

  /**
   * @param {number} at
   * @returns {Seen}
   */
  read(at) {
    const known = this.isKnown(at);
    const confidence = this.#confidences[at];
    return {
      end: this.#ends[at],
      emotion: known ? EMOTIONS[this.#emotions[at]] : "unknown",
      reason: this.#said[this.#reasons[at]],
      share: known ? this.#shares[at * CLASSES + this.#emotions[at]] : null,
      confidence: Number.isNaN(confidence) ? null : confidence,
      engine: this.#said[this.#engines[at]] ?? "",
      provisional: this.#provisional[at] === 1,
    };
  }

  /** @param {number} at */
  isKnown(at) {
    return this.#emotions[at] !== NO_CLASS;
  }

  /**
   * Add the probabilities of a label to `sums`; together they come to 1.
   * @param {number} at
   * @param {Float32Array} sums
   */
  addShares(at, sums) {
    let whole = 0;
    for (let i = 0; i < CLASSES; i += 1) whole += this.#shares[at * CLASSES + i];
    for (let i = 0; i < CLASSES; i += 1) sums[i] += this.#shares[at * CLASSES + i] / (whole || 1);
  }

  /**
   * Make a place in the order. Nearly always it is the last; a late answer moves the few behind it.
   * @param {number} at
   */
  #open(at) {
    if (this.#count === this.#ends.length) this.#grow();
    if (at < this.#count) {
      for (const column of this.#columns()) {
        const width = column === this.#shares ? CLASSES : 1;
        column.copyWithin((at + 1) * width, at * width, this.#count * width);
      }
    }
    this.#count += 1;
    return at;
  }

  /**
   * @param {number} at
   * @param {Label} label
   */
  #write(at, label) {
    const emotion = EMOTIONS.findIndex((name) => name === label.emotion);
    this.#ends[at] = label.window_end;
    this.#emotions[at] = emotion < 0 ? NO_CLASS : emotion;
    this.#reasons[at] = this.#word(label.reason);
    this.#engines[at] = this.#word(label.engine);
    this.#confidences[at] = label.confidence ?? Number.NaN;
    this.#provisional[at] = label.provisional ? 1 : 0;
    for (const [i, name] of EMOTIONS.entries()) {
      this.#shares[at * CLASSES + i] = Math.max(0, label.probabilities[name] ?? 0);
    }
    // An engine that names a class and gives no numbers means that class.
    if (emotion >= 0 && !EMOTIONS.some((name) => label.probabilities[name] > 0)) {
      this.#shares[at * CLASSES + emotion] = 1;
    }
  }

  /**
   * @param {string | null} said
   * @returns {number} its place in the list; what is beyond a byte is kept as nothing said
   */
  #word(said) {
    const at = this.#said.indexOf(said);
    if (at >= 0) return at;
    return this.#said.length < 256 ? this.#said.push(said) - 1 : 0;
  }

  #columns() {
    return [
      this.#ends, this.#shares, this.#confidences, this.#emotions, this.#reasons, this.#engines, this.#provisional,
    ];
  }

  #grow() {
    const room = Math.ceil(1.5 * this.#ends.length);
    this.#ends = longer(this.#ends, Float64Array, room);
    this.#shares = longer(this.#shares, Float32Array, room * CLASSES);
    this.#confidences = longer(this.#confidences, Float32Array, room);
    this.#emotions = longer(this.#emotions, Uint8Array, room);
    this.#reasons = longer(this.#reasons, Uint8Array, room);
    this.#engines = longer(this.#engines, Uint8Array, room);
    this.#provisional = longer(this.#provisional, Uint8Array, room);
  }
}

/**
 * @template {Float64Array | Float32Array | Uint8Array} T
 * @param {T} column
 * @param {new (length: number) => T} type
 * @param {number} length
 */
function longer(column, type, length) {
  const more = new type(length);
  more.set(column);
  return more;
}
