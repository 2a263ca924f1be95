/** Before a call: who will look at it, and who answers in the chat. */

import { words } from "../words.js";
import { byId, setText } from "./dom.js";

/** @typedef {import("../state.js").State} State */

const IN_CALL = new Set(["connecting", "connected", "reconnecting"]);

export class BeforeView {
  #asked;
  #panel = byId("before", HTMLElement);
  #analysis = byId("before-analysis", HTMLElement);
  #chat = byId("before-chat", HTMLElement);

  /**
   * @param {import("../state.js").Store} store
   * @param {import("../config.js").Config} config
   */
  constructor(store, { asked }) {
    this.#asked = asked;
    store.watch(({ language, connection, chat }) => [language, connection, chat.provider], (state) => this.#render(state));
  }

  /** @param {State} state */
  #render({ language, connection, chat: { provider } }) {
    this.#panel.hidden = IN_CALL.has(connection);
    const { before } = words(language);
    const engines = this.#asked.map(({ name, sends_to }) => (
      sends_to === null ? before.engineHere(name) : before.engineThere(name, sends_to)
    ));
    setText(this.#analysis, engines.length ? before.analysisText(before.list(...engines)) : before.analysisNone);
    setText(this.#chat, answering(language, provider));
  }
}

/**
 * @param {string} language
 * @param {import("../protocol.js").ChatState | null} provider
 */
function answering(language, provider) {
  const { before, chat } = words(language);
  // Named whether it answers now or not: what is written may be asked of it later.
  if (!provider?.available && provider?.sends_to) return before.chatLater(provider.sends_to);
  if (!provider?.available) return provider?.code === null ? chat.looking : before.chatNone;
  const model = provider.model ?? chat.someModel;
  return provider.sends_to === null ? before.chatHere(model) : before.chatThere(model, provider.sends_to);
}
