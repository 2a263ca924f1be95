/** A grid of clips, each a button that opens it. */

import { decimal, moment, size } from "../format.js";
import { words } from "../words.js";
import { make, setText } from "./dom.js";
import { Rows } from "./rows.js";
import { thumbnail } from "./thumbnail.js";

/** @typedef {import("../pages/gallery.js").Clip} Clip */
/** @typedef {import("../pages/gallery.js").Gallery} Gallery */

export class GalleryView {
  /**
   * @param {import("../state.js").Store<any, any>} store
   * @param {HTMLElement} list
   * @param {(state: any) => Gallery} select
   */
  constructor(store, list, select) {
    const rows = new Rows(list, (/** @type {Clip} */ clip) => card(clip, () => {
      const { clips } = select(store.state);
      store.dispatch({ type: "play", clip: clips.find(({ name }) => name === clip.name) ?? clip });
    }), describe);
    store.watch((s) => [s.language, select(s).clips], (state) => {
      rows.render(select(state).clips, ({ name }) => name, state.language);
    });
  }
}

/**
 * @param {Clip} clip
 * @param {() => void} play
 */
function card(clip, play) {
  const picture = make("span", "card-picture");
  const emotion = make("span", "mark");
  const time = make("span", "card-time");
  const meta = make("span", "card-meta quiet");
  const button = make("button", "card", picture, make("span", "card-text", emotion, time, meta));
  button.type = "button";
  button.addEventListener("click", play);
  const row = make("li", "", button);
  row.dataset.name = clip.name;
  return { row, button, picture, emotion, time, meta };
}

/**
 * @param {ReturnType<typeof card>} shown
 * @param {Clip} clip
 * @param {string} language
 */
function describe({ button, picture, emotion, time, meta }, clip, language) {
  const { clips: text } = words(language);
  const label = emotionOf(clip, language);
  const when = moment(language, clip.timestamp * 1000);
  setText(emotion, label);
  emotion.hidden = label === "";
  if (clip.emotion !== null) emotion.dataset.emotion = clip.emotion;
  setText(time, when);
  setText(meta, metaOf(clip, language));
  button.setAttribute("aria-label", text.play(when, label));
  if (clip.thumbnail !== null && picture.firstChild === null) picture.append(thumbnail(clip.thumbnail));
}

/**
 * @param {Clip} clip
 * @param {string} language
 */
export function emotionOf({ emotion }, language) {
  return emotion === null ? "" : words(language).emotions[emotion] ?? emotion;
}

/**
 * @param {Clip} clip
 * @param {string} language
 */
export function metaOf(clip, language) {
  const bytes = size(language, clip.size);
  if (clip.duration === null) return bytes;
  return `${words(language).clips.seconds(decimal(language, clip.duration))} · ${bytes}`;
}
