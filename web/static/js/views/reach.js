/** Whether what a page shows is of now: while the server is away it says so, and when it is back. */

import { faultOf } from "../fault.js";
import { words } from "../words.js";
import { byId, setText } from "./dom.js";

/** @typedef {import("../pages/page.js").Page} Page */

export class ReachView {
  #line = byId("reach", HTMLElement);

  /** @param {import("../state.js").Store<any, any>} store whose state is a page's */
  constructor(store) {
    store.watch(
      (/** @type {Page} */ s) => [s.language, s.reach, s.problem, s.notDeleted],
      (/** @type {Page} */ state) => {
        document.body.dataset.reach = state.reach;
        setText(this.#line, said(state));
        this.#line.title = state.problem === null ? "" : faultOf(state.language, asFault(state.problem)).detail;
        this.#line.dataset.state = state.reach;
      },
    );
  }
}

/** @param {Page} state */
function said({ language, reach, problem, notDeleted }) {
  const { live, sure } = words(language);
  if (reach === "back") return live.back;
  if (reach === "loading") return live.loading;
  if (reach === "live" || problem === null) return notDeleted ? sure.failed(notDeleted) : "";
  if (problem.code === "server_unreachable") return live.gone;
  if (problem.code === "access_code_required") return live.code;
  const { text } = faultOf(language, asFault(problem));
  return problem.code.startsWith("history_") ? live.historyAway(text) : live.refused(text);
}

/** @param {{code: string, message: string}} problem */
function asFault({ code, message }) {
  return { code, reason: message };
}
