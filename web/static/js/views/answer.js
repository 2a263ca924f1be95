/**
 * One answer: plain text while it comes, then the server's cleaned HTML. The only file that inserts HTML, and only what
 * `chat_done` brought.
 */

import { hour, span } from "../format.js";
import { words } from "../words.js";
import { part, setText } from "./dom.js";

/** @typedef {import("../conversation.js").Turn} Turn */

const COPIED_SHOWN_MS = 4000;

export class AnswerView {
  #root;
  #plain;
  #rendered;
  #failure;
  #reason;
  #again;
  #foot;
  #copy;
  #copySaid;
  #text = document.createTextNode("");
  /** What the HTML was last made from. @type {string | null} */
  #html = null;
  #answer = "";

  /**
   * @param {HTMLElement} root
   * @param {() => void} again
   * @param {() => string} language
   */
  constructor(root, again, language) {
    this.#root = root;
    this.#plain = part(root, ".answer-plain", HTMLElement);
    this.#rendered = part(root, ".answer-html", HTMLElement);
    this.#failure = part(root, ".failure", HTMLElement);
    this.#reason = part(this.#failure, "span", HTMLElement);
    this.#again = part(this.#failure, "button", HTMLButtonElement);
    this.#foot = part(root, ".foot", HTMLElement);
    this.#copy = part(root, ".copy", HTMLButtonElement);
    this.#copySaid = part(root, ".copy-said", HTMLElement);
    this.#plain.append(this.#text);
    this.#again.addEventListener("click", again);
    this.#copy.addEventListener("click", () => this.#copyAnswer(language()));
  }

  /** What it reads like, without its marks. */
  get spoken() {
    const text = this.#html === null ? this.#text.data : this.#rendered.textContent ?? "";
    return [text, this.#failure.hidden ? "" : this.#reason.textContent].filter(Boolean).join(" ");
  }

  /**
   * @param {Turn} turn
   * @param {string} language
   */
  render(turn, language) {
    const over = turn.answeredAt > 0;
    this.#answer = turn.answer;
    this.#root.hidden = !over && turn.phase !== "answering" && turn.ahead > 0;
    this.#root.dataset.phase = turn.phase;
    this.#renderText(turn, words(language).chat);
    this.#renderFailure(turn, language);
    this.#foot.hidden = !over;
    if (over) this.#renderFoot(turn, language);
  }

  /**
   * @param {Turn} turn
   * @param {import("../words.js").Words["chat"]} text
   */
  #renderText({ phase, answer, html }, text) {
    const formatted = html !== null && html !== "";
    this.#plain.hidden = formatted;
    this.#rendered.hidden = !formatted;
    if (formatted) {
      if (html !== this.#html) this.#insert(html);
      return;
    }
    const waiting = phase === "sending" || phase === "waiting";
    const shown = answer || (phase === "stopped" ? text.stoppedEmpty : waiting ? text.waiting : "");
    this.#plain.classList.toggle("quiet", answer === "");
    // Only what is new is written: an answer of thousands of words grows as cheaply as a short one.
    if (shown.startsWith(this.#text.data)) this.#text.appendData(shown.slice(this.#text.length));
    else this.#text.data = shown;
  }

  /** @param {string} html */
  #insert(html) {
    this.#html = html;
    this.#rendered.innerHTML = html;
    this.#text.data = "";
    for (const link of this.#rendered.querySelectorAll("a")) {
      link.target = "_blank";
      link.rel = "noopener noreferrer";
    }
    // What scrolls sideways must be reachable by the keyboard.
    for (const wide of this.#rendered.querySelectorAll("pre, table")) wide.setAttribute("tabindex", "0");
  }

  /**
   * @param {Turn} turn
   * @param {string} language
   */
  #renderFailure({ failure, retried }, language) {
    const { chat, chatCodes } = words(language);
    this.#failure.hidden = failure === null;
    if (failure === null) return;
    this.#failure.dataset.code = failure.code;
    setText(this.#reason, chatCodes[failure.code] ?? (failure.message || chatCodes.unknown));
    setText(this.#again, chat.again);
    this.#again.hidden = retried;
  }

  /**
   * @param {Turn} turn
   * @param {string} language
   */
  #renderFoot({ phase, answer, answeredAt, model, firstWord }, language) {
    const { chat } = words(language);
    const time = part(this.#foot, "time", HTMLTimeElement);
    time.dateTime = new Date(answeredAt).toISOString();
    setText(time, hour(language, answeredAt));
    const notes = [
      phase === "length" ? chat.cut : phase === "stopped" && answer ? chat.stopped : "",
      model ?? "",
      firstWord === null ? "" : chat.firstWord(span(language, firstWord)),
    ];
    setText(part(this.#foot, ".foot-note", HTMLElement), notes.filter(Boolean).join(" · "));
    this.#copy.hidden = answer === "";
    this.#copy.title = chat.copy;
    this.#copy.setAttribute("aria-label", chat.copy);
  }

  /** @param {string} language */
  async #copyAnswer(language) {
    const { chat } = words(language);
    try {
      await navigator.clipboard.writeText(this.#answer);
      setText(this.#copySaid, chat.copied);
    } catch {
      setText(this.#copySaid, chat.copyRefused);
    }
    window.setTimeout(() => setText(this.#copySaid, ""), COPIED_SHOWN_MS);
  }
}
