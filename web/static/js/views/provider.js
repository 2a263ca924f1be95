/** Who answers in the chat and where that is, or why nobody does; and whether the history is kept. */

import { faultOf } from "../fault.js";
import { words } from "../words.js";
import { byId, setText } from "./dom.js";

/** @typedef {import("../state.js").State} State */

export class ProviderView {
  #line = byId("chat-provider", HTMLElement);
  #history = byId("chat-history", HTMLElement);

  /** @param {import("../state.js").Store} store */
  constructor(store) {
    store.watch(({ language, chat }) => [language, chat.provider], (state) => this.#renderProvider(state));
    store.watch(({ language, chat }) => [language, chat.history], (state) => this.#renderHistory(state));
  }

  /** @param {State} state */
  #renderProvider({ language, chat: { provider } }) {
    if (provider === null) {
      delete this.#line.dataset.state;
      setText(this.#line, "");
      return;
    }
    const { chat, chatCodes } = words(language);
    this.#line.dataset.state = provider.available ? "available" : "unavailable";
    if (provider.available) {
      const model = provider.model ?? chat.someModel;
      setText(this.#line, provider.sends_to === null ? chat.here(model) : chat.elsewhere(model, provider.sends_to));
    } else if (provider.code === null) {
      // Not known yet, which is not the same as missing.
      this.#line.dataset.state = "unknown";
      setText(this.#line, going(language, chat.looking, provider));
    } else {
      setText(this.#line, going(language, chatCodes[provider.code] ?? provider.reason ?? chatCodes.unknown, provider));
    }
  }

  /** @param {State} state */
  #renderHistory({ language, chat: { history } }) {
    const { chat } = words(language);
    const off = history !== null && !history.available;
    const { text, detail } = faultOf(language, off ? history : { code: null });
    setText(this.#history, off ? chat.historyOff(text || chat.reasonUnknown) : "");
    this.#history.title = detail;
  }
}

/**
 * Why nobody answers now, with where what is written goes all the same.
 * @param {string} language
 * @param {string} why
 * @param {import("../protocol.js").ChatState} provider
 */
function going(language, why, { sends_to }) {
  return sends_to === null ? why : words(language).chat.goesTo(why, sends_to);
}
