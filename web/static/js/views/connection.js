/** The top bar: the connection, and the signs that are there as long as someone is analysed or recorded. */

import { words } from "../words.js";
import { byId, setText } from "./dom.js";

/** @typedef {import("../state.js").State} State */

export class ConnectionView {
  #pill = byId("connection", HTMLElement);
  #said = byId("connection-said", HTMLElement);
  #recording = byId("sign-recording", HTMLElement);
  #analysing = byId("sign-analysing", HTMLElement);

  /** @param {import("../state.js").Store} store */
  constructor(store) {
    store.watch(
      ({ language, connection, status, consent, vitals }) => [language, connection, status, consent, vitals.verdict],
      (state) => this.#render(state),
    );
  }

  /** @param {State} state */
  #render({ language, connection, status, consent, vitals }) {
    const { connection: names, quality, signs, page, titles } = words(language);
    const verdict = connection === "connected" ? vitals.verdict : null;
    this.#pill.dataset.state = connection;
    this.#pill.dataset.verdict = verdict ?? "";
    // A button's own text is no live region.
    setText(this.#said, verdict === null ? names[connection] : quality.verdict[verdict]);
    setText(this.#pill, verdict === null ? names[connection] : quality.pill[verdict]);
    document.body.dataset.connection = connection;

    const recording = status?.recording ?? false;
    const recordingPaused = !recording && consent.recording && (status?.paused.includes("recording") ?? false);
    show(this.#recording, recording, recordingPaused, recording ? signs.recording : signs.recordingPaused);

    const analysing = status?.analysing ?? false;
    const analysisPaused = !analysing && consent.analysis && (status?.paused.includes("analysis") ?? false);
    show(this.#analysing, analysing, analysisPaused, analysing ? signs.analysing : signs.analysingPaused);

    if (recording) document.title = analysing ? titles.both : page.recordingTitle;
    else document.title = analysing ? titles.analysing : page.title;
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
