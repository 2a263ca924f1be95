/** The connection's panel: how it is, what is sent, and how long a label takes. */

import { remember } from "../choice.js";
import { asProfile } from "../quality-rules.js";
import { figures } from "../figures.js";
import { words } from "../words.js";
import { byId, setText } from "./dom.js";

/** @typedef {import("../state.js").State} State */

export class QualityView {
  #panel = byId("connection-panel", HTMLElement);
  #verdict = byId("connection-verdict", HTMLElement);
  #because = byId("connection-because", HTMLElement);
  #profiles = byId("profiles", HTMLFieldSetElement);
  #hint = byId("profile-hint", HTMLElement);
  #figures = byId("figures", HTMLElement);

  /** @param {import("../state.js").Store} store */
  constructor(store) {
    this.#profiles.addEventListener("change", ({ target }) => {
      const profile = target instanceof HTMLInputElement ? asProfile(target.value) : null;
      if (profile === null) return;
      remember("quality", profile);
      store.dispatch({ type: "profile_chosen", profile });
    });
    this.#panel.addEventListener("toggle", () => this.#render(store.state));
    store.watch(({ language, connection, vitals }) => [language, connection, vitals], (state) => this.#render(state));
    store.watch(({ language, vitals }) => [language, vitals.profile], (state) => this.#renderProfile(state));
  }

  /** @param {State} state */
  #render({ language, connection, vitals }) {
    // Figures that nobody sees are not written down.
    if (!this.#panel.matches(":popover-open")) return;
    const { quality } = words(language);
    const { verdict, tuning } = vitals;
    const calling = connection === "connected";
    const because = tuning?.because ?? null;
    setText(this.#verdict, calling ? (verdict ? quality.verdict[verdict] : quality.unknown) : quality.off);
    this.#because.hidden = because === null;
    setText(this.#because, because === null ? "" : quality.reduced[because]);
    this.#figures.hidden = !calling;
    for (const [name, text] of Object.entries(figures(language, vitals))) {
      const place = this.#figures.querySelector(`[data-figure="${name}"]`);
      if (place) setText(place, text);
    }
  }

  /** @param {State} state */
  #renderProfile({ language, vitals }) {
    for (const input of this.#profiles.querySelectorAll("input")) input.checked = input.value === vitals.profile;
    setText(this.#hint, words(language).quality.profileHint[vitals.profile]);
  }
}
