/** The ways to other pages, which open in a new tab while a call goes on: leaving would end it. */

import { words } from "../words.js";

const GOING_ON = new Set(["asking", "connecting", "connected", "reconnecting"]);

export class LeavingView {
  #links = /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll(".top a"));

  /** @param {import("../state.js").Store} store */
  constructor(store) {
    store.watch(({ connection, language }) => [GOING_ON.has(connection), language], ({ connection, language }) => {
      this.#render(GOING_ON.has(connection), language);
    });
  }

  /**
   * @param {boolean} calling
   * @param {string} language
   */
  #render(calling, language) {
    for (const link of this.#links) {
      link.target = calling ? "_blank" : "";
      link.rel = calling ? "noopener" : "";
      if (calling) link.title = words(language).nav.newTab;
      else link.removeAttribute("title");
    }
  }
}
