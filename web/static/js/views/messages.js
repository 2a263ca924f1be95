/** What went wrong and what to do about it (an alert), and what is merely worth knowing (a status). */

import { words } from "../words.js";
import { byId, setText } from "./dom.js";

/** @typedef {import("../state.js").State} State */

const INFO_SHOWN_MS = 10000;

/** Problems that starting again cannot cure: the person has to go somewhere else first. */
const NO_RETRY = new Set([
  "insecure_origin", "no_webrtc", "access_code_required", "wrong_host", "wrong_origin", "version_unsupported",
]);

export class MessagesView {
  #store;
  #problem = byId("problem", HTMLElement);
  #title = byId("problem-title", HTMLElement);
  #todo = byId("problem-todo", HTMLElement);
  #detail = byId("problem-detail", HTMLElement);
  #again = byId("start-again", HTMLButtonElement);
  #code = byId("enter-code", HTMLAnchorElement);
  #pictures = this.#problem.querySelectorAll("[data-picture]");
  #addresses;
  #notice = byId("notice", HTMLElement);
  #noticeText = byId("notice-text", HTMLElement);
  /** @type {number | undefined} */
  #fading;

  /**
   * @param {import("../state.js").Store} store
   * @param {import("../call.js").Call} call
   * @param {import("../config.js").Config} config
   */
  constructor(store, call, { ports }) {
    this.#store = store;
    this.#addresses = /** @type {const} */ ([
      `https://${location.hostname}:${ports.https}`, `http://localhost:${ports.http}`,
    ]);
    this.#again.addEventListener("click", () => {
      call.start();
      // This button is gone by now; the keyboard goes on where the call can be stopped.
      byId("stop-camera", HTMLButtonElement).focus();
    });
    byId("problem-dismiss", HTMLButtonElement).addEventListener("click", () => this.#dismiss("problem"));
    byId("notice-dismiss", HTMLButtonElement).addEventListener("click", () => this.#dismiss("notice"));
    store.watch(
      ({ language, problem, connection }) => [language, problem, connection],
      (state) => this.#renderProblem(state),
    );
    store.watch(({ language, notice }) => [language, notice], (state) => this.#renderNotice(state));
  }

  /** @param {State} state */
  #renderProblem({ language, problem, connection }) {
    this.#problem.hidden = problem === null;
    if (problem === null) {
      delete this.#problem.dataset.code;
      return;
    }
    const { problems, problem: text } = words(language);
    const known = problems[problem.code];
    const { title, todo } = known ?? problems.unexpected;
    this.#problem.dataset.code = problem.code;
    setText(this.#title, title);
    setText(this.#todo, typeof todo === "string" ? todo : todo(...this.#addresses));
    for (const picture of this.#pictures) {
      picture.toggleAttribute("hidden", !picture.getAttribute("data-picture")?.split(" ").includes(problem.code));
    }
    // Where we have no words of our own, or only general ones, the given reason helps whoever can read it.
    const general = !known || ["unexpected", "media_failed", "offer_refused"].includes(problem.code);
    setText(this.#detail, general && problem.detail ? text.said(problem.detail) : "");
    this.#again.hidden = NO_RETRY.has(problem.code) || (connection !== "lost" && connection !== "failed");
    this.#code.hidden = problem.code !== "access_code_required";
  }

  /** @param {State} state */
  #renderNotice({ language, notice }) {
    window.clearTimeout(this.#fading);
    this.#notice.toggleAttribute("data-shown", notice !== null);
    if (notice === null) {
      delete this.#notice.dataset.code;
      setText(this.#noticeText, "");
      return;
    }
    this.#notice.dataset.code = notice.code;
    this.#notice.dataset.level = notice.level;
    const { notices, faults, problem } = words(language);
    const fault = faults[notice.code];
    setText(this.#noticeText, notices[notice.code] ?? (fault ? problem.notKept(fault) : notice.text));
    this.#noticeText.title = notice.detail;
    if (notice.level === "info") this.#fading = window.setTimeout(() => this.#dismiss("notice"), INFO_SHOWN_MS);
  }

  /** @param {"problem" | "notice"} what */
  #dismiss(what) {
    this.#store.dispatch({ type: "dismiss", what });
  }
}
