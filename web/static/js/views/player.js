/** The one player: the chosen clip, with its sound. */

import { clock } from "../format.js";
import { unlisted } from "../moments.js";
import { words } from "../words.js";
import { byId, setText } from "./dom.js";

/** @typedef {import("../state.js").Clip} Clip */

export class PlayerView {
  #store;
  #panel = byId("player-panel", HTMLElement);
  #player = byId("player", HTMLVideoElement);
  #caption = byId("player-caption", HTMLElement);
  #gone = byId("player-gone", HTMLElement);
  #download = byId("player-download", HTMLAnchorElement);
  #downloadMp4 = byId("player-download-mp4", HTMLAnchorElement);
  /** The clip itself, since the list may drop it while it plays. @type {Clip | null} */
  #clip = null;

  /** @param {import("../state.js").Store} store */
  constructor(store) {
    this.#store = store;
    byId("player-close", HTMLButtonElement).addEventListener("click", () => this.#close());
    this.#player.addEventListener("error", () => { this.#gone.hidden = this.#clip === null; });
    store.watch(({ playing }) => [playing], (state) => this.#load(state));
    store.watch((s) => [s.language, s.playing, s.clipEmotions], (state) => this.#renderCaption(state));
  }

  /** @param {import("../state.js").State} state */
  #load({ playing, clips, moments }) {
    this.#clip = clips.find(({ name }) => name === playing) ?? unlisted(moments, playing);
    this.#panel.hidden = this.#clip === null;
    this.#gone.hidden = true;
    if (this.#clip === null) {
      this.#player.removeAttribute("src");
      this.#player.load();
      return;
    }
    this.#player.src = this.#clip.url;
    this.#download.href = this.#clip.url;
    this.#download.download = this.#clip.name;
    this.#downloadMp4.href = `${this.#clip.url}?format=mp4`;
    this.#downloadMp4.download = this.#clip.name.replace(/\.\w+$/, ".mp4");
    // Where a browser wants another click before it plays sound, the controls are there for it.
    this.#player.play().catch(() => undefined);
    this.#panel.scrollIntoView({ block: "nearest" });
  }

  /** @param {import("../state.js").State} state */
  #renderCaption({ language, clipEmotions }) {
    if (this.#clip === null) return;
    const emotion = clipEmotions[this.#clip.name];
    const { emotions } = words(language);
    const time = clock(language, this.#clip.savedAt);
    setText(this.#download, words(language).clips.download(this.#clip.name.endsWith(".mp4") ? "MP4" : "WebM"));
    setText(this.#caption, emotion ? `${time} · ${emotions[emotion] ?? emotion}` : time);
  }

  #close() {
    const row = [...document.querySelectorAll("#clips li")]
      .find((item) => item instanceof HTMLElement && item.dataset.name === this.#clip?.name);
    this.#store.dispatch({ type: "play", name: null });
    row?.querySelector("button")?.focus();
  }
}
