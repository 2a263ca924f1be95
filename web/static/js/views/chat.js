/** The conversation as it is shown: its turns, kept at the newest unless the person has scrolled up to read. */

import { isOpen } from "../conversation.js";
import { words } from "../words.js";
import { byId, setText } from "./dom.js";
import { TurnView } from "./turn.js";

/** @typedef {import("../state.js").State} State */

/** Pixels from the end that still count as the end. */
const NEAR_THE_END = 40;

export class ChatView {
  #store;
  #call;
  #scroller = byId("transcript", HTMLElement);
  #list = byId("turns", HTMLElement);
  #empty = byId("chat-empty", HTMLElement);
  #emptyHint = byId("chat-empty-hint", HTMLElement);
  #break = byId("chat-break", HTMLElement);
  #newest = byId("chat-newest", HTMLButtonElement);
  #announcement = byId("chat-announcement", HTMLElement);
  /** @type {Map<string, TurnView>} */
  #turns = new Map();
  #atEnd = true;
  /** The transcript's height and its box's, when they were last looked at. */
  #seen = "";
  #drawing = false;

  /**
   * @param {import("../state.js").Store} store
   * @param {import("../call.js").Call} call
   */
  constructor(store, call) {
    this.#store = store;
    this.#call = call;
    this.#scroller.addEventListener("scroll", () => {
      // A box of another size moves its content by itself; that is nobody reading further up.
      if (this.#atEnd && this.#size() !== this.#seen) this.#toEnd();
      else this.#scrolled();
    });
    this.#newest.addEventListener("click", () => {
      this.#toEnd();
      this.#scroller.focus();
    });
    // A taller composer, another width or the panel coming to the front: the end stays where the eye is.
    const resized = new ResizeObserver(() => { if (this.#atEnd) this.#toEnd(); });
    resized.observe(this.#scroller);
    resized.observe(this.#list);
    store.watch(
      ({ language, chat }) => [language, chat.turns, chat.broken, chat.stillKept],
      () => this.#drawSoon(),
    );
  }

  /** Words may come faster than the screen shows them: all that came since are written at once. */
  #drawSoon() {
    if (this.#drawing) return;
    this.#drawing = true;
    requestAnimationFrame(() => {
      this.#drawing = false;
      this.#draw(this.#store.state);
    });
  }

  /** @param {State} state */
  #draw({ language, chat }) {
    const { chat: text } = words(language);
    const wasAt = this.#list.lastElementChild;
    this.#reconcile(chat.turns);
    for (const turn of chat.turns) {
      const view = /** @type {TurnView} */ (this.#turns.get(turn.id));
      const wasOpen = view.turn !== null && isOpen(view.turn);
      view.render(turn, language);
      if (wasOpen && !isOpen(turn)) setText(this.#announcement, text.announced(view.spoken));
    }
    this.#empty.hidden = chat.turns.length > 0;
    setText(this.#emptyHint, chat.stillKept ? text.stillKept : text.emptyHint);
    this.#break.hidden = !chat.broken;
    // Who writes looks at what comes of it.
    if (this.#atEnd || this.#list.lastElementChild !== wasAt) this.#toEnd();
    else this.#scrolled();
    if (chat.stillKept) setText(this.#announcement, text.stillKept);
  }

  /** @param {import("../conversation.js").Turn[]} turns */
  #reconcile(turns) {
    const shown = new Set(turns.map(({ id }) => id));
    for (const [id, { row }] of this.#turns) {
      if (shown.has(id)) continue;
      row.remove();
      this.#turns.delete(id);
    }
    for (const { id } of turns) {
      if (this.#turns.has(id)) continue;
      const view = new TurnView((turn) => {
        // The button goes away; the keyboard stays with the conversation.
        if (this.#call.say(turn.text, turn.id)) this.#scroller.focus();
      });
      this.#turns.set(id, view);
      this.#list.append(view.row);
    }
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    if (clientHeight === 0) return; // behind another panel
    this.#seen = this.#size();
    this.#atEnd = scrollHeight - scrollTop - clientHeight <= NEAR_THE_END;
    this.#newest.hidden = this.#atEnd;
  }

  #toEnd() {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
    this.#atEnd = true;
    this.#newest.hidden = true;
    this.#seen = this.#size();
  }

  #size() {
    return `${this.#scroller.scrollHeight} ${this.#scroller.clientHeight}`;
  }
}
