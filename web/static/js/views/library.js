/** The library around its grid: what is asked for, and what is said where nothing is found. */

import { MOST } from "../pages/shelf.js";
import { words } from "../words.js";
import { byId, make, setText } from "./dom.js";

/** @typedef {import("../pages/shelf.js").Library} Library */

export class LibraryView {
  #filter = byId("filter", HTMLSelectElement);
  #more = byId("more", HTMLButtonElement);
  #empty = byId("empty", HTMLElement);
  #session = byId("only-session", HTMLElement);

  /** @param {import("../state.js").Store<Library, import("../pages/shelf.js").LibraryEvent>} store */
  constructor(store) {
    for (const emotion of ["", ...Object.keys(words("en").emotions)]) {
      const option = make("option", "");
      option.value = emotion;
      this.#filter.append(option);
    }
    this.#filter.addEventListener("change", () => store.dispatch({ type: "filter", emotion: this.#filter.value }));
    this.#more.addEventListener("click", () => store.dispatch({ type: "more" }));
    byId("every-session", HTMLButtonElement).addEventListener("click", () => {
      history.replaceState(null, "", "/library");
      store.dispatch({ type: "every_session" });
    });
    store.watch(({ language }) => [language], ({ language }) => this.#name(language));
    store.watch((s) => [s.language, s.gallery, s.emotion, s.session, s.reach, s.most], (state) => this.#render(state));
  }

  /** @param {string} language */
  #name(language) {
    const { library, emotions } = words(language);
    document.title = `${library.title} · Mien`;
    for (const option of this.#filter.options) setText(option, option.value ? emotions[option.value] : library.all);
  }

  /** @param {Library} state */
  #render({ language, gallery, emotion, session, reach, most }) {
    const { library, clips } = words(language);
    const count = gallery.clips.length;
    this.#filter.value = emotion;
    setText(byId("count", HTMLElement), count ? clips.count(count) + (gallery.older ? "+" : "") : "");
    this.#session.hidden = session === "";
    setText(byId("session-name", HTMLElement), library.sessionOnly(session));
    this.#empty.hidden = count > 0 || reach === "loading" || reach === "gone";
    setText(byId("empty-title", HTMLElement), emotion ? library.noneOf : library.none);
    setText(byId("empty-hint", HTMLElement), emotion ? library.noneOfHint : library.noneHint);
    this.#more.hidden = !gallery.older || most >= MOST;
    byId("most", HTMLElement).hidden = !gallery.older || most < MOST;
  }
}
