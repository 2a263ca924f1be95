/** Where the person writes: Enter sends, Shift and Enter break the line, Escape stops the answer. */

import { current, lengthOf } from "../conversation.js";
import { decimal } from "../format.js";
import { words } from "../words.js";
import { byId, setText } from "./dom.js";

/** @typedef {import("../state.js").State} State */

/** The counter shows from this share of the limit on. */
const NEAR = 0.9;

export class ComposerView {
  #store;
  #call;
  #text = byId("chat-text", HTMLTextAreaElement);
  #count = byId("chat-count", HTMLElement);
  #send = byId("chat-send", HTMLButtonElement);
  #stop = byId("chat-stop", HTMLButtonElement);

  /**
   * @param {import("../state.js").Store} store
   * @param {import("../call.js").Call} call
   */
  constructor(store, call) {
    this.#store = store;
    this.#call = call;
    byId("composer", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      this.#say();
    });
    this.#text.addEventListener("input", () => this.#render(store.state));
    this.#text.addEventListener("keydown", (event) => this.#pressed(event));
    this.#stop.addEventListener("click", () => this.#stopAnswer());
    byId("chat", HTMLElement).addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.isComposing) this.#call.stopAnswer();
    });
    store.watch(
      ({ language, connection, chat }) => [language, connection, chat.limit, current(chat) !== null],
      (state) => this.#render(state),
    );
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    // While an input method composes, Enter chooses what it offers; Safari says so by the key code alone.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.#say();
  }

  #say() {
    if (!this.#call.say(this.#text.value.trim())) return;
    this.#text.value = "";
    this.#render(this.#store.state);
    this.#text.focus();
  }

  #stopAnswer() {
    this.#call.stopAnswer();
    this.#text.focus();
  }

  /** @param {State} state */
  #render({ language, connection, chat }) {
    const { chat: text } = words(language);
    const calling = connection === "connected";
    const length = lengthOf(this.#text.value.trim());
    const left = chat.limit - length;
    this.#text.disabled = !calling;
    this.#text.placeholder = calling ? text.placeholder : text.before;
    this.#grow();

    const answering = calling && current(chat) !== null;
    this.#stop.hidden = !answering;
    // While there is an answer to stop and nothing to send, the one button takes the other's place.
    this.#send.hidden = answering && length === 0;
    this.#send.disabled = !calling || length === 0 || left < 0;

    const near = length >= chat.limit * NEAR;
    this.#count.toggleAttribute("data-over", left < 0);
    const number = decimal(language, Math.abs(left), 0);
    setText(this.#count, near ? (left < 0 ? text.over : text.left)(number) : "");
  }

  #grow() {
    // Up to the six lines that the style sheet allows; `auto` first, so that it shrinks as well.
    this.#text.style.height = "auto";
    if (this.#text.scrollHeight > 0) this.#text.style.height = `${this.#text.scrollHeight}px`;
  }
}
