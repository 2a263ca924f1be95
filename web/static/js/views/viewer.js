/** The window in which a clip is looked at: it plays, is downloaded and deleted, and its neighbours are a key away. */

import { moment } from "../format.js";
import { neighbour } from "../pages/gallery.js";
import { words } from "../words.js";
import { byId, part, setText } from "./dom.js";
import { emotionOf, metaOf } from "./gallery.js";
import { SureView } from "./sure.js";

/** @typedef {import("../pages/gallery.js").Clip} Clip */
/** @typedef {import("../pages/gallery.js").Gallery} Gallery */

export class ViewerView {
  #store;
  #select;
  #dialog = byId("viewer", HTMLDialogElement);
  #video = byId("viewer-video", HTMLVideoElement);
  #gone = byId("viewer-gone", HTMLElement);
  #emotion = byId("viewer-emotion", HTMLElement);
  #newer = byId("viewer-newer", HTMLButtonElement);
  #older = byId("viewer-older", HTMLButtonElement);
  #sure;
  /** @type {string | null} */
  #shown = null;

  /**
   * @param {import("../state.js").Store<any, any>} store
   * @param {(state: any) => Gallery} select
   * @param {(clip: Clip) => void} remove
   */
  constructor(store, select, remove) {
    this.#store = store;
    this.#select = select;
    this.#sure = new SureView(byId("viewer-delete", HTMLButtonElement), byId("viewer-sure", HTMLElement), () => {
      const { playing } = select(store.state);
      if (playing !== null) remove(playing);
    });
    byId("viewer-close", HTMLButtonElement).addEventListener("click", () => this.#dialog.close());
    this.#newer.addEventListener("click", () => this.#step(-1));
    this.#older.addEventListener("click", () => this.#step(1));
    this.#video.addEventListener("error", () => { this.#gone.hidden = this.#shown === null; });
    this.#dialog.addEventListener("close", () => store.dispatch({ type: "play", clip: null }));
    this.#dialog.addEventListener("click", (event) => { if (event.target === this.#dialog) this.#dialog.close(); });
    this.#dialog.addEventListener("keydown", (event) => this.#key(event));
    store.watch((s) => [s.language, select(s)], (state) => this.#render(state.language));
  }

  /** @param {string} language */
  #render(language) {
    const gallery = this.#select(this.#store.state);
    const clip = gallery.playing;
    if (clip === null) {
      this.#stop();
      return;
    }
    if (clip.name !== this.#shown) this.#play(clip);
    this.#describe(clip, language);
    this.#newer.disabled = neighbour(gallery, -1) === null;
    this.#older.disabled = neighbour(gallery, 1) === null;
    if (!this.#dialog.open) this.#dialog.showModal();
  }

  /** @param {Clip} clip */
  #play(clip) {
    this.#shown = clip.name;
    this.#gone.hidden = true;
    this.#sure.ask(false);
    this.#video.src = clip.url;
    // Where a browser wants another click before it plays sound, the controls are there for it.
    this.#video.play().catch(() => undefined);
  }

  #stop() {
    if (this.#shown === null) return;
    this.#shown = null;
    this.#video.removeAttribute("src");
    this.#video.load();
    if (this.#dialog.open) this.#dialog.close();
  }

  /**
   * @param {Clip} clip
   * @param {string} language
   */
  #describe(clip, language) {
    const { viewer } = words(language);
    const mp4 = clip.name.endsWith(".mp4");
    setText(this.#emotion, emotionOf(clip, language));
    this.#emotion.hidden = clip.emotion === null;
    this.#emotion.dataset.emotion = clip.emotion ?? "";
    setText(byId("viewer-time", HTMLElement), moment(language, clip.timestamp * 1000));
    setText(byId("viewer-meta", HTMLElement), metaOf(clip, language));
    const original = byId("viewer-original", HTMLAnchorElement);
    original.href = `${clip.url}?download=1`;
    setText(part(original, "span", HTMLElement), viewer.original(mp4 ? "MP4" : "WebM"));
    setText(byId("viewer-original-hint", HTMLElement), mp4 ? viewer.mp4AsRecorded : viewer.originalHint);
    byId("viewer-mp4", HTMLAnchorElement).href = `${clip.mp4}&download=1`;
    byId("viewer-mp4-row", HTMLElement).hidden = mp4;
    const session = byId("viewer-session", HTMLAnchorElement);
    session.href = `/sessions/${clip.session_id}`;
    session.hidden = this.#store.state.sessionId === clip.session_id;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    // In the player's own controls the arrows wind.
    if (event.target instanceof HTMLVideoElement) return;
    if (event.key === "ArrowLeft") this.#step(-1);
    else if (event.key === "ArrowRight") this.#step(1);
  }

  /** @param {1 | -1} by */
  #step(by) {
    this.#store.dispatch({ type: "step", by });
  }
}
