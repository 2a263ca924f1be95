/** One turn of the conversation: what the person wrote and how far it is, and below it the answer. */

import { isOpen } from "../conversation.js";
import { hour } from "../format.js";
import { words } from "../words.js";
import { AnswerView } from "./answer.js";
import { byId, part, setText } from "./dom.js";

/** @typedef {import("../conversation.js").Turn} Turn */

export class TurnView {
  /** @type {HTMLElement} */
  row;
  #break;
  #note;
  #told;
  #answer;
  /** @type {Turn | null} */
  #turn = null;
  #language = "";

  /** @param {(turn: Turn) => void} again */
  constructor(again) {
    const template = byId("turn-template", HTMLTemplateElement);
    const copy = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
    this.row = part(copy, ".turn", HTMLElement);
    this.#break = part(this.row, ".break", HTMLElement);
    this.#note = part(this.row, ".question .foot-note", HTMLElement);
    this.#told = part(this.row, ".told", HTMLDetailsElement);
    this.#answer = new AnswerView(
      part(this.row, ".answer", HTMLElement),
      () => { if (this.#turn) again(this.#turn); },
      () => this.#language,
    );
  }

  /** @returns {Turn | null} what is shown */
  get turn() {
    return this.#turn;
  }

  get spoken() {
    return this.#answer.spoken;
  }

  /**
   * Cheap where nothing changed: a turn that changes is another object.
   * @param {Turn} turn
   * @param {string} language
   */
  render(turn, language) {
    if (turn === this.#turn && language === this.#language) return;
    if (turn.id !== this.#turn?.id || language !== this.#language) this.#renderFixed(turn, language);
    this.#turn = turn;
    this.#language = language;
    const { chat } = words(language);
    const late = isOpen(turn) && turn.phase !== "answering";
    const progress = turn.phase === "sending" ? chat.sending : late && turn.ahead > 0 ? chat.ahead(turn.ahead) : "";
    setText(this.#note, [progress, turn.kept === false ? chat.notKept : ""].filter(Boolean).join(" · "));
    this.#told.hidden = turn.mood === null;
    setText(part(this.#told, "p", HTMLElement), turn.mood ?? "");
    this.#answer.render(turn, language);
  }

  /**
   * What stays as it is, whatever becomes of the turn.
   * @param {Turn} turn
   * @param {string} language
   */
  #renderFixed(turn, language) {
    const { chat } = words(language);
    this.row.dataset.turn = turn.id;
    this.#break.hidden = !turn.afterBreak;
    setText(this.#break, chat.newCall);
    setText(part(this.row, ".question-text", HTMLElement), turn.text);
    setText(part(this.row, ".question .speaker", HTMLElement), chat.you);
    setText(part(this.row, ".answer .speaker", HTMLElement), chat.assistant);
    const time = part(this.row, ".question time", HTMLTimeElement);
    time.dateTime = new Date(turn.sentAt).toISOString();
    setText(time, hour(language, turn.sentAt));
    setText(part(this.#told, "summary", HTMLElement), chat.told);
  }
}
