/** The tabs: what is in front where there is no room for all. On a phone the call itself is one of them. */

import { kept } from "../kept.js";
import { byId, setText } from "./dom.js";

/** @typedef {import("../state.js").Panel} Panel */
/** @typedef {import("../state.js").State} State */

/** @type {readonly Panel[]} */
const PANELS = ["call", "chat", "clips"];
/** As in panels.css. */
const PHONE = "(max-width: 759px)";

export class PanelsView {
  #store;
  #tabs = {
    call: byId("tab-call", HTMLButtonElement),
    chat: byId("tab-chat", HTMLButtonElement),
    clips: byId("tab-clips", HTMLButtonElement),
  };
  #unread = byId("chat-unread", HTMLElement);
  #tally = byId("clips-tally", HTMLElement);
  #phone = matchMedia(PHONE);

  /**
   * @param {import("../state.js").Store} store
   * @param {import("../config.js").Config} config
   */
  constructor(store, config) {
    this.#store = store;
    for (const panel of PANELS) this.#tabs[panel].addEventListener("click", () => this.#show(panel));
    byId("panels", HTMLElement).addEventListener("keydown", (event) => this.#move(event));
    this.#phone.addEventListener("change", () => this.#render(store.state));
    store.watch(({ panel, unread }) => [panel, unread], (state) => this.#render(state));
    store.watch(({ clips, olderClips }) => [clips.length + olderClips], (state) => {
      setText(this.#tally, String(kept(state, config.clips_max_count).all || ""));
    });
    // Who begins to record wants to see the clips come, unless they are talking.
    store.watch(({ status }) => [status?.recording], ({ status, chat }) => {
      if (status?.recording && chat.turns.length === 0 && !this.#phone.matches) this.#show("clips");
    });
  }

  /** @param {State} state */
  #render(state) {
    const shown = this.#inFront(state);
    document.body.dataset.panel = shown;
    for (const panel of PANELS) {
      this.#tabs[panel].setAttribute("aria-selected", String(panel === shown));
      this.#tabs[panel].tabIndex = panel === shown ? 0 : -1;
    }
    this.#unread.hidden = !state.unread || shown === "chat";
  }

  /**
   * Beside the call there is always room for one more.
   * @param {State} state
   * @returns {Panel}
   */
  #inFront({ panel }) {
    return panel === "call" && !this.#phone.matches ? "chat" : panel;
  }

  /** @param {Panel} panel */
  #show(panel) {
    this.#store.dispatch({ type: "show", panel });
  }

  /** @param {KeyboardEvent} event */
  #move(event) {
    const panels = this.#phone.matches ? PANELS : PANELS.slice(1);
    const at = panels.indexOf(this.#inFront(this.#store.state));
    /** @type {Record<string, number>} */
    const places = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: -1 };
    if (!(event.key in places)) return;
    event.preventDefault();
    const panel = /** @type {Panel} */ (panels.at(places[event.key] % panels.length));
    this.#show(panel);
    this.#tabs[panel].focus();
  }
}
