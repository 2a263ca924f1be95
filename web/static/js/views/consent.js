/** The two consent boxes, in plain words, with a small pause for what runs. */

import { decimal } from "../format.js";
import { hostsOf } from "../hosts.js";
import { ownClips } from "../reduce.js";
import { words } from "../words.js";
import { byId, setText } from "./dom.js";

/** @typedef {import("../protocol.js").Pausable} Pausable */
/** @typedef {import("../state.js").State} State */

/** @type {readonly Pausable[]} */
const BOTH = ["analysis", "recording"];

export class ConsentView {
  #recordingHint = byId("consent-recording-hint", HTMLElement);
  #analysisHint = byId("consent-analysis-hint", HTMLElement);
  #privacy = byId("privacy", HTMLElement);
  #boxes = {
    analysis: byId("consent-analysis", HTMLInputElement),
    recording: byId("consent-recording", HTMLInputElement),
  };
  #pauses = {
    analysis: byId("pause-analysis", HTMLButtonElement),
    recording: byId("pause-recording", HTMLButtonElement),
  };
  #config;

  /**
   * @param {import("../state.js").Store} store
   * @param {import("../call.js").Call} call
   * @param {import("../config.js").Config} config
   */
  constructor(store, call, config) {
    this.#config = config;
    for (const what of BOTH) {
      this.#boxes[what].addEventListener("change", () => {
        const { checked } = this.#boxes[what];
        if (what === "recording" && store.state.withdrawing) store.dispatch({ type: "withdrawing", asked: false });
        else if (what === "recording" && !checked && loses(store.state)) call.askWithdrawal();
        else call.consent(what, checked);
      });
      this.#pauses[what].addEventListener("click", () => call.togglePause(what));
      // A browser may bring back the boxes of an earlier visit on reload; consent is given anew.
      this.#boxes[what].checked = store.state.consent[what];
      // Until now a tick would have gone unheard.
      this.#boxes[what].disabled = false;
    }
    store.watch(
      ({ language, consent, status, engines, withdrawing }) => [language, consent, status, engines, withdrawing],
      (state) => this.#render(state),
    );
    store.watch(({ problem }) => [problem], ({ problem }) => {
      if (problem?.code === "consent_required") this.#boxes.recording.focus();
    });
  }

  /** @param {State} state */
  #render({ language, consent, status, engines, withdrawing }) {
    const { consent: texts, pause } = words(language);
    setText(this.#recordingHint, texts.recordingHint(decimal(language, this.#config.buffer_duration, 0)));
    const hosts = hostsOf(this.#config.sends_to, engines).join(", ");
    setText(this.#analysisHint, hosts ? texts.analysisHintRemote(hosts) : texts.analysisHint);
    setText(this.#privacy, hosts ? texts.privacyRemote(location.hostname, hosts) : texts.privacy(location.hostname));
    const running = { analysis: status?.analysing ?? false, recording: status?.recording ?? false };
    const names = {
      analysis: [pause.analysis, pause.resumeAnalysis],
      recording: [pause.recording, pause.resumeRecording],
    };
    for (const what of BOTH) {
      const paused = status?.paused.includes(what) ?? false;
      this.#boxes[what].checked = consent[what] && !(what === "recording" && withdrawing);
      this.#pauses[what].hidden = !consent[what] || !(running[what] || paused);
      this.#pauses[what].dataset.state = paused ? "paused" : "running";
      const name = names[what][paused ? 1 : 0];
      this.#pauses[what].setAttribute("aria-label", name);
      this.#pauses[what].title = name;
    }
  }
}

/**
 * Whether the end of the consent would delete clips.
 * @param {State} state
 */
function loses(state) {
  return state.connection === "connected" && ownClips(state) > 0;
}
