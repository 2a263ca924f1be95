/** What the person may do with all that is kept of their call, during it and after it: take it away, or delete it. */

import { ApiProblem, remove } from "../api.js";
import { exportTimeline } from "../timeline_export.js";
import { words } from "../words.js";
import { byId, setText } from "./dom.js";
import { SureView } from "./sure.js";

const GOING_ON = new Set(["connected", "reconnecting"]);

export class OwnView {
  #store;
  #said = byId("own-said", HTMLElement);
  #export = byId("own-export", HTMLButtonElement);

  /** @param {import("../state.js").Store} store */
  constructor(store) {
    this.#store = store;
    new SureView(byId("own-delete", HTMLButtonElement), byId("own-sure", HTMLElement), () => this.#delete());
    this.#export.addEventListener("click", () => this.#save());
    store.watch(({ moments }) => [moments.session], ({ moments: { session } }) => {
      byId("own", HTMLElement).hidden = session === null;
      setText(this.#said, "");
    });
    store.watch(({ language, connection }) => [language, connection], ({ language, connection }) => {
      const { own } = words(language);
      setText(byId("own-sure-ask", HTMLElement), GOING_ON.has(connection) ? own.sureLive : own.sure);
    });
  }

  async #save() {
    const { session } = this.#store.state.moments;
    if (session === null) return;
    this.#export.disabled = true;
    const said = await exportTimeline(session, "zip");
    this.#export.disabled = false;
    setText(this.#said, told(this.#store.state.language, said));
  }

  async #delete() {
    const { session } = this.#store.state.moments;
    if (session === null) return;
    try {
      await remove(`/api/sessions/${encodeURIComponent(session.session_id)}`, session.token);
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      // Gone already is as good.
      if (error.code !== "no_such_session") {
        this.#store.dispatch({ type: "problem", problem: { code: error.code, detail: error.message } });
        return;
      }
    }
    if (this.#store.state.moments.session?.session_id !== session.session_id) return; // the call itself heard of it
    this.#store.dispatch({ type: "session_ended", code: "deleted", message: "" });
    this.#store.dispatch({ type: "problem", problem: { code: "deleted", detail: "" } });
  }
}

/**
 * @param {string} language
 * @param {import("../moments.js").Said} said of an export
 */
export function told(language, { code, detail }) {
  const text = words(language).timeline[code];
  return typeof text === "string" ? text : text(detail);
}
