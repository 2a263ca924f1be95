/** The outline of the face over the preview, and the switch that takes it away. */

import { recalledSwitch, rememberSwitch } from "../choice.js";
import { outlined } from "../outline.js";
import { byId } from "./dom.js";

/** @typedef {import("../state.js").State} State */

export class OutlineView {
  #frame = byId("frame", HTMLElement);
  #preview = byId("preview", HTMLVideoElement);
  #outline = byId("outline", HTMLElement);
  #switch = byId("outline-switch", HTMLButtonElement);

  /** @param {import("../state.js").Store} store */
  constructor(store) {
    store.dispatch({ type: "outline_chosen", shown: recalledSwitch("outline") ?? true });
    this.#switch.addEventListener("click", () => {
      const shown = !store.state.outline;
      rememberSwitch("outline", shown);
      store.dispatch({ type: "outline_chosen", shown });
    });
    const draw = () => this.#draw(store.state);
    this.#preview.addEventListener("resize", draw);
    new ResizeObserver(draw).observe(this.#frame);
    store.watch((s) => [s.face, s.stale, s.outline, s.stream, s.result?.emotion], draw);
    store.watch(({ stream, consent, outline }) => [stream, consent, outline], (state) => this.#renderSwitch(state));
  }

  /** @param {State} state */
  #draw({ face, stale, outline, stream, result }) {
    const box = outline && stream && !stale ? face?.box : null;
    const area = box ? outlined(box, ...this.#sizes()) : null;
    this.#outline.hidden = area === null;
    if (area === null) return;
    this.#outline.dataset.emotion = result?.emotion ?? "unknown";
    this.#outline.style.left = `${area.left.toFixed(1)}px`;
    this.#outline.style.top = `${area.top.toFixed(1)}px`;
    this.#outline.style.width = `${area.width.toFixed(1)}px`;
    this.#outline.style.height = `${area.height.toFixed(1)}px`;
  }

  /**
   * Asking makes the browser lay the page out: only where there is a face to draw around.
   * @returns {[frame: import("../outline.js").Size, picture: import("../outline.js").Size]}
   */
  #sizes() {
    return [
      { width: this.#frame.clientWidth, height: this.#frame.clientHeight },
      { width: this.#preview.videoWidth, height: this.#preview.videoHeight },
    ];
  }

  /** @param {State} state */
  #renderSwitch({ stream, consent, outline }) {
    this.#switch.hidden = !(stream?.getVideoTracks().length && consent.analysis);
    this.#switch.setAttribute("aria-pressed", String(outline));
  }
}
