/** The four buttons of a call. */

import { byId } from "./dom.js";

/** @typedef {import("../state.js").State} State */

export class ControlsView {
  #startCamera = byId("start-camera", HTMLButtonElement);
  #stopCamera = byId("stop-camera", HTMLButtonElement);
  #startRecording = byId("start-recording", HTMLButtonElement);
  #stopRecording = byId("stop-recording", HTMLButtonElement);

  /**
   * @param {import("../state.js").Store} store
   * @param {import("../call.js").Call} call
   */
  constructor(store, call) {
    this.#startCamera.addEventListener("click", () => call.start());
    this.#startCamera.disabled = false;
    this.#stopCamera.addEventListener("click", () => call.stop());
    this.#startRecording.addEventListener("click", () => call.startRecording());
    this.#stopRecording.addEventListener("click", () => call.stopRecording());
    store.watch(
      ({ connection, status, consent }) => [connection, status, consent],
      (state) => this.#render(state),
    );
  }

  /** @param {State} state */
  #render({ connection, status, consent }) {
    const calling = ["asking", "connecting", "connected", "reconnecting"].includes(connection);
    swap(calling, this.#startCamera, this.#stopCamera);

    const paused = consent.recording && (status?.paused.includes("recording") ?? false);
    swap((status?.recording ?? false) || paused, this.#startRecording, this.#stopRecording);
    this.#startRecording.disabled = connection !== "connected";
  }
}

/**
 * Show one of two buttons that take each other's place; the keyboard's focus goes along.
 * @param {boolean} on
 * @param {HTMLButtonElement} off
 * @param {HTMLButtonElement} other
 */
function swap(on, off, other) {
  const [shown, hidden] = on ? [other, off] : [off, other];
  const focused = document.activeElement === hidden;
  shown.hidden = false;
  hidden.hidden = true;
  if (focused) shown.focus();
}
