/** The pad of two axes: how pleasant and how lively it looks now, and the way there. */

import { signed } from "../format.js";
import { marks } from "../trail.js";
import { words } from "../words.js";
import { byId } from "./dom.js";

/** @typedef {import("../trail.js").Mark} Mark */

/** The drawing's own units; the template's `viewBox` says the same. */
const WIDTH = 200;
const HEIGHT = 100;
/** What a point keeps from the edges, so that none is cut. */
const MARGIN = 6;

export class PadView {
  #pad = byId("pad", HTMLElement);
  #point = byId("pad-point", HTMLElement);
  #trail = /** @type {SVGGElement} */ (/** @type {unknown} */ (document.getElementById("pad-trail")));

  /** @param {import("../state.js").Store} store */
  constructor(store) {
    store.watch((s) => [s.language, s.trail, s.stale, s.result], (state) => this.#render(state));
  }

  /** @param {import("../state.js").State} state */
  #render({ language, trail, stale, result }) {
    const { pad } = words(language);
    const drawn = marks(trail, Date.now());
    this.#trail.replaceChildren(...drawn.slice(1).map((mark, index) => stroke(drawn[index], mark)));
    const now = result?.valence == null ? undefined : drawn.at(-1);
    this.#pad.dataset.stale = String(stale);
    this.#point.hidden = now === undefined;
    if (!now || result?.valence == null) {
      this.#pad.setAttribute("aria-label", pad.empty);
      return;
    }
    this.#point.style.left = `${(100 * across(now)) / WIDTH}%`;
    this.#point.style.top = `${(100 * down(now)) / HEIGHT}%`;
    this.#point.dataset.emotion = result.emotion;
    this.#point.toggleAttribute("data-silent", now.silent);
    const valence = signed(language, result.valence);
    const text = result.arousal == null ? pad.silent(valence) : pad.at(valence, signed(language, result.arousal));
    this.#pad.setAttribute("aria-label", text);
  }
}

/** @param {Mark} mark */
function across({ x }) {
  return MARGIN + x * (WIDTH - 2 * MARGIN);
}

/** @param {Mark} mark */
function down({ y }) {
  return MARGIN + y * (HEIGHT - 2 * MARGIN);
}

/**
 * @param {Mark} from
 * @param {Mark} to
 */
function stroke(from, to) {
  const line = document.createElementNS("http://www.w3.org/2000/svg", "line");
  line.setAttribute("x1", across(from).toFixed(1));
  line.setAttribute("y1", down(from).toFixed(1));
  line.setAttribute("x2", across(to).toFixed(1));
  line.setAttribute("y2", down(to).toFixed(1));
  line.setAttribute("opacity", (1 - to.faded).toFixed(2));
  return line;
}
