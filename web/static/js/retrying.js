/** Trying again and again until it succeeds, is pointless, or a minute is over: a knock, and an attempt once it is answered. */

import { Problem } from "./problem.js";
import { Backoff, isFinal, isUnasked } from "./reconnect.js";

/**
 * @typedef {object} RetryingEvents
 * @property {() => Promise<boolean>} knock whether the server is there; never fails
 * @property {() => Promise<void>} attempt throws a Problem where it fails
 * @property {(count: number) => void} trying before each knock; counted from 1
 * @property {(problem: Problem) => void} over called once, with why the last attempt failed
 */

export class Retrying {
  #events;
  #backoff = new Backoff(performance.now());
  #listening = new AbortController();
  /** @type {number | undefined} */
  #timer;
  #attempting = false;
  #knocks = 0;
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
    this.#knockAfter(this.#backoff.knock(performance.now()));
  }

  get problem() {
    return this.#problem;
  }

  /** Idempotent. An attempt that is under way is its owner's to end. */
  stop() {
    window.clearTimeout(this.#timer);
    this.#listening.abort();
  }

  /** @param {number | null} wait */
  #knockAfter(wait) {
    window.clearTimeout(this.#timer);
    if (wait === null) return this.#giveUp();
    this.#timer = window.setTimeout(() => this.#knock(), wait);
  }

  #hope() {
    const wait = this.#backoff.hope(performance.now());
    if (!this.#attempting) this.#knockAfter(wait);
  }

  async #knock() {
    const knock = ++this.#knocks;
    this.#events.trying(knock);
    const there = await this.#events.knock();
    // Hope may have had it knocked anew meanwhile.
    if (this.#listening.signal.aborted || this.#attempting || knock !== this.#knocks) return;
    const now = performance.now();
    if (!there) this.#knockAfter(this.#backoff.knock(now));
    else this.#timer = window.setTimeout(() => this.#attempt(), this.#backoff.spacing(now));
  }

  async #attempt() {
    this.#attempting = true;
    this.#backoff.attempt(performance.now());
    try {
      await this.#events.attempt();
      this.stop();
    } catch (error) {
      this.#attempting = false;
      if (this.#listening.signal.aborted) return;
      this.#problem = Problem.from(error);
      if (isFinal(this.#problem.code)) this.#giveUp();
      else this.#knockAfter(this.#afterwards(performance.now()));
    }
  }

  /** @param {number} now */
  #afterwards(now) {
    if (!isUnasked(this.#problem.code)) return this.#backoff.wait(now);
    this.#backoff.unasked();
    return this.#backoff.knock(now);
  }

  #giveUp() {
    this.stop();
    this.#events.over(this.#problem);
  }
}
