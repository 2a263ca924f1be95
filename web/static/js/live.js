/** Asks the server again and again while somebody looks, and says when it cannot be reached. */

import { ApiProblem, read } from "./api.js";

export const EVERY_MS = 2000;
const PATIENCE_MS = 10_000;
const LONGEST_MS = 30_000;

/**
 * Until the next attempt: longer with each that failed.
 * @param {number} failures in a row
 * @param {number} [every] milliseconds
 */
export function waitAfter(failures, every = EVERY_MS) {
  return Math.min(every * 2 ** failures, Math.max(every, LONGEST_MS));
}

/**
 * @typedef {object} Listener
 * @property {(answers: any[]) => void} answered
 * @property {(problem: ApiProblem) => void} failed
 */

export class Live {
  #paths;
  #listener;
  #timer = 0;
  #failures = 0;
  #round = 0;
  /** @type {AbortController | null} */
  #asking = null;

  /**
   * @param {() => string[]} paths asked together, anew each time
   * @param {Listener} listener
   */
  constructor(paths, listener) {
    this.#paths = paths;
    this.#listener = listener;
  }

  start() {
    document.addEventListener("visibilitychange", () => this.again());
    this.again();
  }

  /** Until `again` is called, or somebody comes back to look. */
  stop() {
    window.clearTimeout(this.#timer);
    this.#asking?.abort();
    this.#asking = null;
    this.#round += 1;
  }

  /** Ask at once, in place of what is on its way; not at all while nobody looks. */
  again() {
    this.stop();
    if (document.visibilityState === "visible") this.#ask();
  }

  async #ask() {
    const round = ++this.#round;
    const asking = new AbortController();
    this.#asking = asking;
    const signal = AbortSignal.any([asking.signal, AbortSignal.timeout(PATIENCE_MS)]);
    try {
      const answers = await Promise.all(this.#paths().map((path) => read(path, signal)));
      if (round !== this.#round || asking.signal.aborted) return;
      this.#failures = 0;
      this.#listener.answered(answers);
    } catch (error) {
      if (round !== this.#round || asking.signal.aborted) return;
      if (!(error instanceof ApiProblem)) throw error;
      this.#failures += 1;
      this.#listener.failed(error);
    }
    // Whoever heard the answer may have wanted no more, or another at once.
    if (round !== this.#round) return;
    this.#asking = null;
    if (document.visibilityState === "visible") {
      this.#timer = window.setTimeout(() => this.again(), waitAfter(this.#failures));
    }
  }
}
