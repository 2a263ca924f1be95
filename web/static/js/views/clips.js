/** The list of clips, newest first. */

import { clock, decimal, size } from "../format.js";
import { kept } from "../kept.js";
import { words } from "../words.js";
import { byId, make, setText } from "./dom.js";
import { thumbnail } from "./thumbnail.js";

/** @typedef {import("../state.js").Clip} Clip */
/** @typedef {import("../state.js").State} State */
/**
 * @typedef {object} Item
 * @property {HTMLElement} row
 * @property {HTMLButtonElement} button
 * @property {HTMLElement} time
 * @property {HTMLElement} meta
 * @property {HTMLElement} chip
 * @property {string} shown what its words were last made from
 */

export class ClipsView {
  #store;
  #config;
  #list = byId("clips", HTMLElement);
  #count = byId("clips-count", HTMLElement);
  #empty = byId("clips-empty", HTMLElement);
  #emptyHint = byId("clips-empty-hint", HTMLElement);
  #older = byId("clips-older", HTMLElement);
  #filter = byId("clips-filter", HTMLSelectElement);
  /** @type {Map<string, Item>} */
  #items = new Map();
  /** Whether somebody is about to pick one: then nothing moves below their pointer. */
  #held = false;

  /**
   * @param {import("../state.js").Store} store
   * @param {import("../config.js").Config} config
   */
  constructor(store, config) {
    this.#store = store;
    this.#config = config;
    this.#filter.addEventListener("change", () => {
      store.dispatch({ type: "clips_filtered", emotion: this.#filter.value || null });
    });
    this.#list.addEventListener("pointerenter", ({ pointerType }) => this.#hold(pointerType === "mouse"));
    this.#list.addEventListener("pointerleave", () => this.#hold(false));
    store.watch(
      (s) => [s.language, s.clips, s.olderClips, s.clipEmotions, s.clipFilter, s.playing],
      (state) => this.#render(state),
    );
  }

  /** @param {boolean} held */
  #hold(held) {
    this.#held = held;
    if (!held) this.#render(this.#store.state);
  }

  /** @param {State} state */
  #render(state) {
    const { language, clips } = state;
    const { clips: text } = words(language);
    const { all, older } = kept(state, this.#config.clips_max_count);
    if (!this.#held) this.#reconcile(clips);
    for (const clip of clips) this.#describe(clip, state);
    this.#renderFilter(state);
    this.#empty.hidden = clips.length > 0;
    setText(this.#count, all ? text.count(all) : "");
    this.#older.hidden = older === 0;
    setText(this.#older, older ? text.older(older) : "");
    const interval = this.#config.save_interval;
    setText(this.#emptyHint, text.emptyHint(
      interval === 1 ? text.everySecond : text.everySeconds(decimal(language, interval, interval % 1 ? 1 : 0)),
    ));
  }

  /** @param {State} state */
  #renderFilter({ language, clips, clipEmotions, clipFilter }) {
    const { clips: text, emotions } = words(language);
    const seen = Object.keys(emotions).filter((emotion) => (
      emotion === clipFilter || clips.some(({ name }) => clipEmotions[name] === emotion)
    ));
    const shown = [language, ...seen].join();
    if (this.#filter.dataset.shown !== shown) {
      this.#filter.dataset.shown = shown;
      this.#filter.replaceChildren(...["", ...seen].map((emotion) => {
        const option = make("option", "", emotion ? emotions[emotion] : text.all);
        option.value = emotion;
        return option;
      }));
    }
    this.#filter.value = clipFilter ?? "";
    this.#filter.hidden = seen.length < 2 && clipFilter === null;
    for (const [name, { row }] of this.#items) {
      row.hidden = clipFilter !== null && clipEmotions[name] !== clipFilter;
    }
  }

  /**
   * Only what is new is added and what is gone removed: focus and loaded pictures stay.
   * @param {Clip[]} clips
   */
  #reconcile(clips) {
    const listed = new Set(clips.map(({ name }) => name));
    for (const [name, { row }] of this.#items) {
      if (listed.has(name)) continue;
      row.remove();
      this.#items.delete(name);
    }
    for (const clip of clips.toReversed()) {
      if (this.#items.has(clip.name)) continue;
      const item = this.#make(clip);
      this.#items.set(clip.name, item);
      this.#list.prepend(item.row);
    }
  }

  /**
   * @param {Clip} clip
   * @returns {Item}
   */
  #make(clip) {
    const picture = make("span", "clip-picture");
    const time = make("span", "clip-time");
    const meta = make("span", "clip-meta");
    const chip = make("span", "clip-emotion");
    const button = make("button", "clip", picture, make("span", "clip-text", time, meta), chip);
    button.type = "button";
    button.addEventListener("click", () => this.#store.dispatch({ type: "play", name: clip.name }));
    if (clip.thumbnail) picture.append(thumbnail(clip.thumbnail));
    const row = make("li", "", button);
    row.dataset.name = clip.name;
    return { row, button, time, meta, chip, shown: "" };
  }

  /**
   * @param {Clip} clip
   * @param {State} state
   */
  #describe(clip, { language, clipEmotions, playing }) {
    const item = this.#items.get(clip.name);
    const emotion = clipEmotions[clip.name];
    // A clip and a result arrive each second, and a hundred rows need not be written anew for either.
    const shown = [language, emotion, clip.name === playing].join();
    if (!item || item.shown === shown) return;
    item.shown = shown;
    const { clips: text, emotions } = words(language);
    const emotionName = emotion ? emotions[emotion] ?? emotion : "";
    const time = clock(language, clip.savedAt);
    setText(item.time, time);
    setText(item.meta, `${text.seconds(decimal(language, clip.duration))} · ${size(language, clip.size)}`);
    setText(item.chip, emotionName);
    item.chip.hidden = !emotion;
    if (emotion) item.chip.dataset.emotion = emotion;
    item.button.setAttribute("aria-label", text.play(time, emotionName));
    if (clip.name === playing) item.button.setAttribute("aria-current", "true");
    else item.button.removeAttribute("aria-current");
  }
}
