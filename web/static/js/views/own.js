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
    store.watch(({ sessions }) => [sessions], ({ sessions }) => {
      byId("own", HTMLElement).hidden = sessions.length === 0;
      setText(this.#said, "");
    });
    store.watch(({ language, connection }) => [language, connection], ({ language, connection }) => {
      const { own } = words(language);
      setText(byId("own-sure-ask", HTMLElement), GOING_ON.has(connection) ? own.sureLive : own.sure);
    });
  }

  async #save() {
    this.#export.disabled = true;
    const said = [];
    for (const session of this.#store.state.sessions) said.push(await exportTimeline(session, "zip"));
    this.#export.disabled = false;
    setText(this.#said, said.map((each) => told(this.#store.state.language, each)).join(" "));
  }

  /** The newest last, with which a call that goes on ends. */
  async #delete() {
    const { sessions } = this.#store.state;
    try {
      for (const { session_id, token } of sessions) await gone(`/api/sessions/${encodeURIComponent(session_id)}`, token);
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      this.#store.dispatch({ type: "problem", problem: { code: error.code, detail: error.message } });
      return;
    }
    this.#store.dispatch({ type: "call_deleted" });
    this.#store.dispatch({ type: "problem", problem: { code: "deleted", detail: "" } });
  }
}

/**
 * Deleted, or not there any more, which is as good.
 * @param {string} path
 * @param {string | null} token
 */
async function gone(path, token) {
  try {
    await remove(path, token);
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.code !== "no_such_session") throw error;
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
