/** The recordings of whole calls: each can be downloaded and deleted. */

import { ApiProblem, remove } from "../api.js";
import { clock, lasted, size } from "../format.js";
import { words } from "../words.js";
import { byId, make, setText } from "./dom.js";
import { Rows } from "./rows.js";
import { SureView } from "./sure.js";

/** @typedef {import("../state.js").Recording} Recording */
/**
 * Where one can be deleted: of whom, and who is told.
 * @typedef {object} Owner
 * @property {() => string | null} token of the caller, where the server's own machine does not ask
 * @property {(name: string) => void} deleted
 * @property {(problem: ApiProblem) => void} refused
 */

export class RecordingsView {
  #owner;
  #list = byId("recordings", HTMLElement);
  #rows = new Rows(this.#list, (/** @type {Recording} */ recording) => this.#make(recording), describe);

  /** @param {Owner} owner */
  constructor(owner) {
    this.#owner = owner;
  }

  /**
   * @param {readonly Recording[]} recordings
   * @param {string} language
   */
  render(recordings, language) {
    this.#list.hidden = recordings.length === 0;
    this.#rows.render(recordings, ({ name }) => name, language);
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
    return { row: make("li", "recording-row", title, meta, download, open, question), title, meta, download, open, ask, yes, no };
  }

  /** @param {Recording} recording */
  async #delete({ name, url }) {
    try {
      await remove(url, this.#owner.token());
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      // Gone already is as good.
      if (error.code !== "no_such_recording") {
        this.#owner.refused(error);
        return;
      }
    }
    this.#owner.deleted(name);
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
  const bytes = size(language, recording.size);
  setText(meta, recording.duration === null ? bytes : `${lasted(language, recording.duration)} · ${bytes}`);
  setText(download, text.download(recording.name.endsWith(".mp4") ? "MP4" : "WebM"));
  setText(open, text.remove);
  open.setAttribute("aria-label", text.removeRecording(time));
  setText(ask, text.sureRecording);
  setText(yes, text.remove);
  setText(no, text.keep);
}
