/** The microphone and the camera, on or off: two buttons, and a key for each. */

import { isHeld } from "../devices.js";
import { words } from "../words.js";
import { byId } from "./dom.js";

/** @typedef {import("../devices.js").Kind} Kind */
/** @typedef {import("../state.js").State} State */

/** @type {Record<string, Kind>} */
const KEYS = { m: "audio", v: "video" };
const TYPING = "input:not([type=checkbox]), textarea, select, [contenteditable]";

export class TogglesView {
  #call;
  #group = byId("toggles", HTMLElement);
  #shortcuts = byId("shortcuts", HTMLInputElement);
  #buttons = {
    audio: byId("toggle-audio", HTMLButtonElement),
    video: byId("toggle-video", HTMLButtonElement),
  };

  /**
   * @param {import("../state.js").Store} store
   * @param {import("../call.js").Call} call
   */
  constructor(store, call) {
    this.#call = call;
    this.#buttons.audio.addEventListener("click", () => call.media.toggle("audio"));
    this.#buttons.video.addEventListener("click", () => call.media.toggle("video"));
    document.addEventListener("keydown", (event) => this.#press(event));
    store.watch(({ language, stream, devices }) => [language, stream, devices], (state) => this.#render(state));
  }

  /** @param {State} state */
  #render({ language, stream, devices }) {
    this.#group.hidden = stream === null;
    const { devices: text } = words(language);
    const names = { audio: [text.mute, text.unmute], video: [text.cameraOff, text.cameraOn] };
    for (const [kind, button] of /** @type {[Kind, HTMLButtonElement][]} */ (Object.entries(this.#buttons))) {
      const { on } = devices[kind];
      button.dataset.state = on ? "on" : "off";
      button.disabled = !isHeld(devices[kind]);
      const name = names[kind][on ? 0 : 1];
      button.setAttribute("aria-label", name);
      button.title = name;
    }
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    const kind = KEYS[event.key.toLowerCase()];
    const modified = event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.isComposing;
    if (!kind || modified || this.#group.hidden || !this.#shortcuts.checked) return;
    if (event.target instanceof Element && event.target.closest(TYPING)) return;
    this.#call.media.toggle(kind);
  }
}
