/** The pickers of camera and microphone, and the try before a call. In a call they are opened by a button. */

import { recalledSwitch, rememberSwitch } from "../choice.js";
import { selected } from "../devices.js";
import { words } from "../words.js";
import { byId, make, setText } from "./dom.js";

/** @typedef {import("../devices.js").Kind} Kind */
/** @typedef {import("../devices.js").Source} Source */
/** @typedef {import("../state.js").State} State */

const IN_CALL = new Set(["connecting", "connected", "reconnecting"]);

export class DevicesView {
  #panel = byId("devices", HTMLElement);
  #pickers = { audio: byId("microphone", HTMLSelectElement), video: byId("camera", HTMLSelectElement) };
  #trying = byId("trying", HTMLElement);
  #try = byId("try-devices", HTMLButtonElement);
  #close = byId("close-devices", HTMLButtonElement);
  #open = byId("open-devices", HTMLButtonElement);
  #hint = byId("devices-hint", HTMLElement);
  #shortcuts = byId("shortcuts-choice", HTMLElement);

  /**
   * @param {import("../state.js").Store} store
   * @param {import("../call.js").Call} call
   */
  constructor(store, call) {
    for (const [kind, picker] of /** @type {[Kind, HTMLSelectElement][]} */ (Object.entries(this.#pickers))) {
      picker.addEventListener("change", () => call.media.choose(kind, picker.value));
    }
    this.#try.disabled = false;
    this.#try.addEventListener("click", async () => {
      await call.preview();
      if (!this.#close.hidden) this.#close.focus();
    });
    this.#close.addEventListener("click", () => {
      call.stop();
      this.#try.focus();
    });
    this.#open.addEventListener("click", () => this.#show(this.#open.getAttribute("aria-expanded") !== "true"));
    const box = byId("shortcuts", HTMLInputElement);
    box.checked = recalledSwitch("shortcuts") ?? true;
    box.addEventListener("change", () => rememberSwitch("shortcuts", box.checked));
    store.watch(({ connection }) => [IN_CALL.has(connection)], ({ connection }) => this.#show(!IN_CALL.has(connection)));
    store.watch(({ language, devices }) => [language, devices], (state) => this.#fill(state));
    store.watch(
      ({ language, connection, stream, devices }) => [language, connection, stream, devices],
      (state) => this.#render(state),
    );
  }

  /** @param {boolean} open */
  #show(open) {
    this.#panel.hidden = !open;
    this.#open.setAttribute("aria-expanded", String(open));
  }

  /** @param {State} state */
  #fill({ language, devices }) {
    const { devices: text } = words(language);
    fill(this.#pickers.audio, devices.audio, text.unknown, (number) => text.nth(text.microphone, number));
    fill(this.#pickers.video, devices.video, text.unknown, (number) => text.nth(text.camera, number));
  }

  /** @param {State} state */
  #render({ language, connection, stream, devices }) {
    const { devices: text } = words(language);
    const inCall = IN_CALL.has(connection);
    const previewing = stream !== null && !inCall;
    this.#trying.hidden = inCall;
    this.#try.hidden = stream !== null;
    this.#try.disabled = connection === "asking";
    this.#close.hidden = !previewing;
    this.#open.hidden = !inCall;
    this.#shortcuts.hidden = stream === null;
    const named = [...devices.audio.found, ...devices.video.found].some(({ label }) => label !== "");
    setText(this.#hint, previewing ? text.preview : named ? "" : text.unnamed);
  }
}

/**
 * Only what differs is written: an open list must not close under the person's hand.
 * @param {HTMLSelectElement} picker
 * @param {Source} source
 * @param {string} unknown
 * @param {(number: number) => string} nth the name of one that has none
 */
function fill(picker, source, unknown, nth) {
  const options = source.found.map(({ id, label }, index) => ({ id, name: label || nth(index + 1) }));
  if (options.length === 0) options.push({ id: "", name: unknown });
  const same = options.length === picker.options.length && options.every(({ id, name }, index) => (
    picker.options[index].value === id && picker.options[index].text === name
  ));
  if (!same) {
    picker.replaceChildren(...options.map(({ id, name }) => {
      const option = make("option", "", name);
      option.value = id;
      return option;
    }));
  }
  picker.disabled = source.found.length === 0;
  picker.value = selected(source) ?? "";
}
