/** The switch that has the assistant told how the person seems, and what that means. */

import { rememberSwitch } from "../choice.js";
import { tellsMood } from "../conversation.js";
import { words } from "../words.js";
import { byId, setText } from "./dom.js";

/** @typedef {import("../state.js").State} State */

export class MoodView {
  #switch = byId("chat-mood", HTMLInputElement);
  #hint = byId("chat-hint", HTMLElement);

  /** @param {import("../state.js").Store} store */
  constructor(store) {
    this.#switch.addEventListener("change", () => {
      rememberSwitch("mood", this.#switch.checked);
      store.dispatch({ type: "mood_chosen", told: this.#switch.checked });
    });
    store.watch(
      ({ language, consent, chat }) => [language, consent.analysis, chat.mood, chat.provider?.sends_to],
      (state) => this.#render(state),
    );
  }

  /** @param {State} state */
  #render({ language, consent, chat }) {
    const { chat: text } = words(language);
    this.#switch.disabled = !consent.analysis;
    this.#switch.checked = consent.analysis && tellsMood(chat);
    const host = chat.provider?.sends_to ?? null;
    const told = host === null ? text.moodHint : text.moodHintElsewhere(host);
    setText(this.#hint, consent.analysis ? told : text.moodNeedsAnalysis);
  }
}
