/** A button that asks once more, in its place, before it does what cannot be undone. */

import { part } from "./dom.js";

export class SureView {
  #open;
  #question;
  #no;

  /**
   * @param {HTMLButtonElement} open
   * @param {HTMLElement} question with a `.sure-yes` and a `.sure-no`
   * @param {() => void} act
   */
  constructor(open, question, act) {
    this.#open = open;
    this.#question = question;
    this.#no = part(question, ".sure-no", HTMLButtonElement);
    open.addEventListener("click", () => this.ask(question.hidden === true));
    this.#no.addEventListener("click", () => this.ask(false));
    part(question, ".sure-yes", HTMLButtonElement).addEventListener("click", () => {
      this.ask(false);
      act();
    });
    question.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      // Not also the word to close what the question is in.
      event.stopPropagation();
      event.preventDefault();
      this.ask(false);
    });
    open.setAttribute("aria-expanded", "false");
  }

  /** @param {boolean} asked */
  ask(asked) {
    if (this.#question.hidden !== asked) return;
    this.#question.hidden = !asked;
    this.#open.setAttribute("aria-expanded", String(asked));
    (asked ? this.#no : this.#open).focus();
  }
}
