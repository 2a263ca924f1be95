/** The one player: the chosen clip, with its sound. */

import { ApiProblem, remove } from "../api.js";
import { clock } from "../format.js";
import { unlisted } from "../moments.js";
import { words } from "../words.js";
import { byId, setText } from "./dom.js";
import { SureView } from "./sure.js";

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
    new SureView(byId("player-delete", HTMLButtonElement), byId("player-sure", HTMLElement), () => this.#delete());
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

  async #delete() {
    const clip = this.#clip;
    if (clip === null) return;
    try {
      await remove(clip.url, this.#store.state.moments.session?.token);
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      // Gone already is as good.
      if (error.code !== "no_such_clip") {
        this.#store.dispatch({ type: "problem", problem: { code: error.code, detail: error.message } });
        return;
      }
    }
    this.#store.dispatch({ type: "clip_deleted", name: clip.name });
  }

  #close() {
    const row = [...document.querySelectorAll("#clips li")]
      .find((item) => item instanceof HTMLElement && item.dataset.name === this.#clip?.name);
    this.#store.dispatch({ type: "play", name: null });
    row?.querySelector("button")?.focus();
  }
}
