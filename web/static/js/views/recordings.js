/** The recordings of whole calls: each can be downloaded and deleted. */

import { ApiProblem, remove } from "../api.js";
import { clock, lasted, size } from "../format.js";
import { words } from "../words.js";
import { byId, make, setText } from "./dom.js";
import { Rows } from "./rows.js";
import { SureView } from "./sure.js";

/** @typedef {import("../state.js").Recording} Recording */

export class RecordingsView {
  #store;

  /** @param {import("../state.js").Store} store */
  constructor(store) {
    this.#store = store;
    const list = byId("recordings", HTMLElement);
    const rows = new Rows(list, (/** @type {Recording} */ recording) => this.#make(recording), describe);
    store.watch(({ language, recordings }) => [language, recordings], ({ language, recordings }) => {
      list.hidden = recordings.length === 0;
      rows.render(recordings, ({ name }) => name, language);
    });
  }

  /** @param {Recording} recording */
  #make(recording) {
    const title = make("span", "");
    const meta = make("span", "quiet");
    const download = make("a", "");
    download.href = recording.url;
    download.download = recording.name;
    const open = make("button", "button small");
    const ask = make("span", "");
    const yes = make("button", "button small danger sure-yes");
    const no = make("button", "button small sure-no");
    for (const button of [open, yes, no]) button.type = "button";
    const question = make("div", "sure", ask, yes, no);
    question.hidden = true;
    question.setAttribute("role", "group");
    new SureView(open, question, () => this.#delete(recording));
    return { row: make("li", "recording", title, meta, download, open, question), title, meta, download, open, ask, yes, no };
  }

  /** @param {Recording} recording */
  async #delete({ name, url }) {
    try {
      await remove(url, this.#store.state.moments.session?.token);
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      // Gone already is as good.
      if (error.code !== "no_such_recording") {
        this.#store.dispatch({ type: "problem", problem: { code: error.code, detail: error.message } });
        return;
      }
    }
    this.#store.dispatch({ type: "recording_deleted", name });
  }
}

/**
 * @param {Record<"title" | "meta" | "download" | "open" | "ask" | "yes" | "no", HTMLElement>} shown
 * @param {Recording} recording
 * @param {string} language
 */
function describe({ title, meta, download, open, ask, yes, no }, recording, language) {
  const { clips: text } = words(language);
  const time = clock(language, recording.savedAt);
  setText(title, text.recording(time));
  setText(meta, `${lasted(language, recording.duration)} · ${size(language, recording.size)}`);
  setText(download, text.download(recording.name.endsWith(".mp4") ? "MP4" : "WebM"));
  setText(open, text.remove);
  open.setAttribute("aria-label", text.removeRecording(time));
  setText(ask, text.sureRecording);
  setText(yes, text.remove);
  setText(no, text.keep);
}
