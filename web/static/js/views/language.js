/** The language of the page, chosen in its head. */

import { remember } from "../choice.js";
import { NAMES, shownIn } from "../words.js";
import { byId, make } from "./dom.js";
import { fillWords } from "./words.js";

export class LanguageView {
  #select = byId("language", HTMLSelectElement);

  /** @param {import("../state.js").Store<any, any>} store whose state has a language, chosen by `language_chosen` */
  constructor(store) {
    for (const [language, name] of Object.entries(NAMES)) {
      const option = make("option", "", name);
      option.value = language;
      option.lang = language;
      this.#select.append(option);
    }
    this.#select.addEventListener("change", () => {
      remember("language", this.#select.value);
      store.dispatch({ type: "language_chosen", language: this.#select.value });
    });
    store.watch(({ language }) => [language], ({ language }) => {
      this.#select.value = shownIn(language);
      document.documentElement.lang = shownIn(language) === "zh" ? "zh-CN" : "en";
      fillWords(document, language);
    });
  }
}
