/** A failure a person is told about: a stable code, which `words.js` turns into words and what to do. */

export class Problem extends Error {
  /** @type {string} */
  code;

  /**
   * @param {string} code stable; the key of its words
   * @param {string} [detail] what the browser or the server said, shown small where there are no better words
   */
  constructor(code, detail = "") {
    super(detail || code);
    this.name = "Problem";
    this.code = code;
    this.detail = detail;
  }

  /**
   * @param {unknown} error
   * @returns {Problem}
   */
  static from(error) {
    if (error instanceof Problem) return error;
    return new Problem("unexpected", error instanceof Error ? error.message : String(error));
  }
}
