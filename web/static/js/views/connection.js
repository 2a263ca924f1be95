/** The top bar: the connection, and the signs that are there as long as someone is analysed or recorded. */

import { words } from "../words.js";
import { byId, setText } from "./dom.js";

/** @typedef {import("../state.js").State} State */

export class ConnectionView {
  #pill = byId("connection", HTMLElement);
  #recording = byId("sign-recording", HTMLElement);
  #analysing = byId("sign-analysing", HTMLElement);

  /** @param {import("../state.js").Store} store */
  constructor(store) {
    store.watch(
      ({ language, connection, status, consent }) => [language, connection, status, consent],
      (state) => this.#render(state),
    );
  }

  /** @param {State} state */
  #render({ language, connection, status, consent }) {
    const { connection: names, signs, page } = words(language);
    this.#pill.dataset.state = connection;
    setText(this.#pill, names[connection]);
    document.body.dataset.connection = connection;

    const recording = status?.recording ?? false;
    const recordingPaused = !recording && consent.recording && (status?.paused.includes("recording") ?? false);
    show(this.#recording, recording, recordingPaused, recording ? signs.recording : signs.recordingPaused);

    const analysing = status?.analysing ?? false;
    const analysisPaused = !analysing && consent.analysis && (status?.paused.includes("analysis") ?? false);
    show(this.#analysing, analysing, analysisPaused, analysing ? signs.analysing : signs.analysingPaused);

    document.title = recording ? page.recordingTitle : page.title;
  }
}

/**
 * @param {HTMLElement} sign
 * @param {boolean} running
 * @param {boolean} paused
 * @param {string} text
 */
function show(sign, running, paused, text) {
  sign.hidden = !running && !paused;
  sign.dataset.state = running ? "running" : "paused";
  setText(sign, text);
}
