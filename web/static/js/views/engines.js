/** The engines in the order in which they are asked, and how each is. */

import { faultOf } from "../fault.js";
import { percent } from "../format.js";
import { words } from "../words.js";
import { byId, make } from "./dom.js";

/** @typedef {import("../protocol.js").Engine} Engine */

export class EnginesView {
  #panel = byId("engines", HTMLDetailsElement);
  #list = byId("engine-list", HTMLElement);

  /** @param {import("../state.js").Store} store */
  constructor(store) {
    store.watch((s) => [s.language, s.engines], ({ language, engines }) => this.#render(language, engines));
  }

  /**
   * @param {string} language
   * @param {Engine[]} engines
   */
  #render(language, engines) {
    this.#panel.hidden = engines.length === 0;
    this.#list.replaceChildren(...engines.map((engine) => row(language, engine)));
  }
}

/**
 * @param {string} language
 * @param {Engine} engine
 */
function row(language, engine) {
  const name = make("strong", "engine-name");
  name.textContent = engine.name;
  const state = make("span", "engine-state");
  state.textContent = stateOf(language, engine);
  const item = make("li", "engine", name, state);
  item.dataset.engine = engine.name;
  item.dataset.state = engine.state;
  if (engine.reason !== null) {
    const { text, detail } = faultOf(language, engine);
    const reason = make("span", "engine-reason", text);
    reason.title = detail;
    item.append(reason);
  }
  return item;
}

/**
 * @param {string} language
 * @param {Engine} engine
 */
function stateOf(language, { state, progress, reason, set_up }) {
  const { engines } = words(language);
  if (!set_up) return engines.notSetUp;
  if (state === "ready" && reason !== null) return engines.failing;
  if (state === "loading" && progress !== null) return engines.progress(percent(language, progress));
  return engines[state];
}
