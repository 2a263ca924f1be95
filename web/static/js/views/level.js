/** The meter over the picture: that the microphone hears, or that it is muted. */

import { Level } from "../level.js";
import { byId } from "./dom.js";

/** @typedef {import("../state.js").State} State */

/** About 46 ms at 44.1 kHz: the time between two looks at it. */
const SAMPLES = 2048;
const LOOK_MS = 50;

export class LevelView {
  #sign = byId("level", HTMLElement);
  #meter = byId("level-fill", HTMLMeterElement);
  #muted = byId("level-muted", HTMLElement);
  /** @type {AudioContext | null} */
  #context = null;
  /** @type {number | undefined} */
  #looking;

  /** @param {import("../state.js").Store} store */
  constructor(store) {
    store.watch(({ stream, devices }) => [stream, devices.audio.used, devices.audio.on], (state) => this.#render(state));
    // A browser may hold sound back until the page is touched.
    for (const touch of ["pointerdown", "keydown"]) document.addEventListener(touch, () => this.#context?.resume());
  }

  /** @param {State} state */
  #render({ stream, devices: { audio } }) {
    const track = stream?.getAudioTracks()[0];
    this.#sign.hidden = !track;
    this.#sign.dataset.state = audio.on ? "on" : "off";
    this.#meter.hidden = !audio.on;
    this.#muted.hidden = audio.on;
    this.#stop();
    if (track && audio.on) this.#listen(track);
  }

  /** @param {MediaStreamTrack} track */
  #listen(track) {
    const context = new AudioContext();
    const analyser = new AnalyserNode(context, { fftSize: SAMPLES });
    context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
    const samples = new Float32Array(SAMPLES);
    const level = new Level(performance.now());
    this.#context = context;
    this.#looking = window.setInterval(() => {
      if (document.hidden) return;
      analyser.getFloatTimeDomainData(samples);
      this.#meter.value = level.hear(performance.now(), samples);
    }, LOOK_MS);
  }

  #stop() {
    window.clearInterval(this.#looking);
    this.#context?.close();
    this.#context = null;
    this.#meter.value = 0;
  }
}
