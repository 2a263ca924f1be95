/** The clips of a session in order of their ends: which one shows a moment. Pure. */

/** A clip that was kept once; times are session seconds. @typedef {{name: string, start: number, end: number}} Span */

export class Clips {
  /** @type {Span[]} */
  #spans = [];
  /** @type {Set<string>} */
  #names = new Set();

  /**
   * @param {Span} span
   * @returns {boolean} whether it is new
   */
  put(span) {
    if (this.#names.has(span.name)) return false;
    this.#names.add(span.name);
    this.#spans.splice(this.#from(span.end), 0, span);
    return true;
  }

  /** In order of their ends. @returns {readonly Span[]} */
  get all() {
    return this.#spans;
  }

  /**
   * The clip that shows this moment: the first to end after it, so that the moment is the last thing it shows.
   * @param {number} seconds
   * @returns {Span | null}
   */
  at(seconds) {
    const span = this.#spans[this.#from(seconds)];
    return span && span.start <= seconds ? span : null;
  }

  /**
   * How many end after `from` and by `to`.
   * @param {number} from
   * @param {number} to
   */
  ending(from, to) {
    let count = 0;
    for (let at = this.#from(from); at < this.#spans.length && this.#spans[at].end <= to; at += 1) {
      if (this.#spans[at].end > from) count += 1;
    }
    return count;
  }

  /**
   * @param {string} name
   * @returns {Span | null}
   */
  named(name) {
    return this.#names.has(name) ? this.#spans.find((span) => span.name === name) ?? null : null;
  }

  /** @param {number} seconds */
  #from(seconds) {
    let low = 0;
    let high = this.#spans.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#spans[middle].end < seconds) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
