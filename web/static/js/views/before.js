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
    const { before, chat } = words(language);
    const engines = this.#asked.map(({ name, sends_to }) => (
      sends_to === null ? before.engineHere(name) : before.engineThere(name, sends_to)
    ));
    setText(this.#analysis, engines.length ? before.analysisText(before.list(...engines)) : before.analysisNone);
    const model = provider?.model ?? chat.someModel;
    const host = provider?.sends_to ?? null;
    setText(this.#chat, !provider?.available
      ? before.chatNone
      : host === null ? before.chatHere(model) : before.chatThere(model, host));
  }
}
