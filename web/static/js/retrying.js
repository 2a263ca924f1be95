/** Trying again and again until it succeeds, is pointless, or a minute is over. */

import { Problem } from "./problem.js";
import { Backoff, isFinal } from "./reconnect.js";

/**
 * @typedef {object} RetryingEvents
 * @property {() => Promise<void>} attempt throws a Problem where it fails
 * @property {(count: number) => void} trying before each attempt; counted from 1
 * @property {(problem: Problem) => void} over called once, with why the last attempt failed
 */

export class Retrying {
  #events;
  #backoff = new Backoff(performance.now());
  #listening = new AbortController();
  /** @type {number | undefined} */
  #timer;
  #attempting = false;
  /** @type {Problem} why there is no connection now */
  #problem;

  /**
   * @param {Problem} problem why the connection was lost
   * @param {RetryingEvents} events
   */
  constructor(problem, events) {
    this.#problem = problem;
    this.#events = events;
    const { signal } = this.#listening;
    window.addEventListener("online", () => this.#hope(), { signal });
    // A page that was asleep, or in the back, comes to the front again.
    document.addEventListener("visibilitychange", () => document.hidden || this.#hope(), { signal });
    this.#wait();
  }

  get problem() {
    return this.#problem;
  }

  /** Idempotent. An attempt that is under way is its owner's to end. */
  stop() {
    window.clearTimeout(this.#timer);
    this.#listening.abort();
  }

  #wait() {
    const wait = this.#backoff.wait(performance.now());
    if (wait === null) return this.#giveUp();
    this.#timer = window.setTimeout(() => this.#attempt(), wait);
  }

  #hope() {
    const wait = this.#backoff.hope(performance.now());
    if (this.#attempting) return;
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#attempt(), wait);
  }

  async #attempt() {
    this.#attempting = true;
    this.#backoff.attempt(performance.now());
    this.#events.trying(this.#backoff.tried);
    try {
      await this.#events.attempt();
      this.stop();
    } catch (error) {
      this.#attempting = false;
      if (this.#listening.signal.aborted) return;
      this.#problem = Problem.from(error);
      if (isFinal(this.#problem.code)) this.#giveUp();
      else this.#wait();
    }
  }

  #giveUp() {
    this.stop();
    this.#events.over(this.#problem);
  }
}
