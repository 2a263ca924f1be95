/** That the page tries to connect again, for the how-manieth time, and a way to stop it. */

import { words } from "../words.js";
import { byId, setText } from "./dom.js";

export class ReconnectingView {
  #message = byId("reconnecting", HTMLElement);
  #words = byId("reconnecting-words", HTMLElement);
  #attempt = byId("reconnecting-attempt", HTMLElement);

  /**
   * @param {import("../state.js").Store} store
   * @param {import("../call.js").Call} call
   */
  constructor(store, call) {
    byId("stop-trying", HTMLButtonElement).addEventListener("click", () => {
      call.stopTrying();
      byId("start-again", HTMLButtonElement).focus();
    });
    store.watch(({ language, connection, attempt, cause }) => [language, connection, attempt, cause], (state) => {
      const { retry } = words(state.language);
      const reconnecting = state.connection === "reconnecting";
      this.#message.hidden = !reconnecting;
      setText(this.#words, reconnecting ? retry.because[state.cause] ?? retry.title : "");
      setText(this.#attempt, retry.attempt(state.attempt));
    });
  }
}
