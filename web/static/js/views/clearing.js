/** Clearing the conversation, which is asked once more before it is done. */

import { byId } from "./dom.js";

export class ClearingView {
  #open = byId("chat-clear", HTMLButtonElement);
  #question = byId("chat-clearing", HTMLElement);
  #no = byId("chat-clear-no", HTMLButtonElement);

  /**
   * @param {import("../state.js").Store} store
   * @param {import("../call.js").Call} call
   */
  constructor(store, call) {
    this.#open.addEventListener("click", () => this.#ask(this.#question.hidden));
    this.#no.addEventListener("click", () => this.#ask(false));
    byId("chat-clear-yes", HTMLButtonElement).addEventListener("click", () => {
      this.#ask(false);
      call.clearChat();
      byId("chat-text", HTMLTextAreaElement).focus();
    });
    this.#question.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      // Not also the word to stop an answer.
      event.stopPropagation();
      this.#ask(false);
    });
    store.watch(({ chat }) => [chat.turns.length === 0, chat.clearing], ({ chat }) => {
      this.#open.hidden = chat.turns.length === 0;
      this.#open.disabled = chat.clearing !== null;
      if (this.#open.hidden) this.#question.hidden = true;
    });
  }

  /** @param {boolean} asked */
  #ask(asked) {
    this.#question.hidden = !asked;
    this.#open.setAttribute("aria-expanded", String(asked));
    (asked ? this.#no : this.#open).focus();
  }
}
