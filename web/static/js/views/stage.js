/** The self-view, and what stands in its place while there is no picture. */

import { decimal } from "../format.js";
import { words } from "../words.js";
import { byId, setText } from "./dom.js";

/** @typedef {import("../state.js").State} State */

export class StageView {
  #frame = byId("frame", HTMLElement);
  #preview = byId("preview", HTMLVideoElement);
  #placeholder = byId("placeholder", HTMLElement);
  #title = byId("placeholder-title", HTMLElement);
  #hint = byId("placeholder-hint", HTMLElement);
  #memory = byId("memory", HTMLElement);
  #fill = byId("memory-fill", HTMLMeterElement);
  #value = byId("memory-value", HTMLElement);

  /**
   * @param {import("../state.js").Store} store
   * @param {import("../config.js").Config} config
   */
  constructor(store, { capture }) {
    this.#frame.style.aspectRatio = `${capture.width} / ${capture.height}`;
    // A phone held upright sends an upright picture whatever size was asked for.
    this.#preview.addEventListener("resize", () => {
      const { videoWidth, videoHeight } = this.#preview;
      if (videoWidth && videoHeight) this.#frame.style.aspectRatio = `${videoWidth} / ${videoHeight}`;
    });
    store.watch(
      ({ language, connection, stream, devices }) => [language, connection, stream, devices.video],
      (state) => this.#renderPicture(state),
    );
    store.watch(({ language, queue }) => [language, queue], (state) => this.#renderMemory(state));
  }

  /** @param {State} state */
  #renderPicture({ language, connection, stream, devices: { video } }) {
    const { camera, devices } = words(language);
    if (this.#preview.srcObject !== stream) this.#preview.srcObject = stream;
    const hasPicture = stream !== null && video.used !== null;
    this.#preview.hidden = !hasPicture;
    this.#placeholder.hidden = hasPicture;
    const [title, sent] = video.on
      ? [camera.soundOnly, camera.soundOnlyHint]
      : [devices.turnedOff, devices.turnedOffHint];
    const [shown, hint] = stream
      ? [title, connection === "idle" ? devices.notSent : sent]
      : connection === "asking" ? [camera.asking, camera.askingHint] : [camera.off, camera.offHint];
    setText(this.#title, shown);
    setText(this.#hint, hint);
  }

  /** @param {State} state */
  #renderMemory({ language, queue }) {
    this.#memory.hidden = queue === null;
    if (queue === null) return;
    const held = Math.min(Math.max(queue.video_duration, queue.audio_duration), queue.max_duration);
    this.#fill.max = queue.max_duration;
    this.#fill.value = held;
    const { memory } = words(language);
    setText(this.#value, memory.value(decimal(language, held), decimal(language, queue.max_duration, 0)));
  }
}
