/** The sessions, one a row: when, how long, what was seen, and what one can do with it. */

import { day, lasted, percent } from "../format.js";
import { words } from "../words.js";
import { byId, part, setText } from "./dom.js";
import { Rows } from "./rows.js";
import { SureView } from "./sure.js";

/** @typedef {import("../pages/past.js").Session} Session */
/** @typedef {import("../pages/past.js").Past} Past */

export class SessionsView {
  #empty = byId("empty", HTMLElement);
  #more = byId("more", HTMLButtonElement);

  /**
   * @param {import("../state.js").Store<Past, import("../pages/past.js").PastEvent>} store
   * @param {{older: () => void, drop: (id: string) => void}} actions
   */
  constructor(store, { older, drop }) {
    const rows = new Rows(byId("sessions", HTMLElement), (/** @type {Session} */ { session_id }) => (
      makeRow(() => drop(session_id))), describe);
    this.#more.addEventListener("click", older);
    store.watch(({ language, sessions }) => [language, sessions], ({ language, sessions }) => {
      rows.render(sessions, ({ session_id }) => session_id, language);
    });
    store.watch(({ language }) => [language], ({ language }) => {
      document.title = `${words(language).sessions.title} · Mien`;
    });
    store.watch((s) => [s.sessions.length, s.next, s.loaded], ({ sessions, next, loaded }) => {
      this.#empty.hidden = !loaded || sessions.length > 0;
      this.#more.hidden = next === null;
    });
  }
}

/** @param {() => void} drop */
function makeRow(drop) {
  const template = byId("session-template", HTMLTemplateElement);
  const copy = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
  const row = part(copy, "li", HTMLElement);
  const sure = part(row, ".sure", HTMLElement);
  new SureView(part(row, ".drop", HTMLButtonElement), sure, drop);
  return { row, sure };
}

/**
 * @param {ReturnType<typeof makeRow>} shown
 * @param {Session} session
 * @param {string} language
 */
function describe({ row, sure }, session, language) {
  const { sessions: text, sure: ask } = words(language);
  const going = session.kind === "call" && session.ended_at === null;
  row.dataset.session = session.session_id;
  const link = part(row, ".session-when", HTMLAnchorElement);
  link.href = `/sessions/${session.session_id}`;
  setText(link, day(language, session.began_at * 1000));
  const length = session.duration === null ? "" : lasted(language, session.duration);
  setText(part(row, ".session-kind", HTMLElement), [text.kinds[session.kind], length].filter(Boolean).join(" · "));
  part(row, ".session-now", HTMLElement).hidden = !going;
  setText(part(row, ".session-now", HTMLElement), text.now);
  describeSeen(part(row, ".mark", HTMLElement), session, language);
  setText(part(row, ".session-counts", HTMLElement), [
    session.labels ? text.labels(session.labels) : "",
    session.turns ? text.turns(session.turns) : "",
    session.clips ? text.clips(session.clips) : "",
  ].filter(Boolean).join(" · "));
  const download = part(row, ".session-zip", HTMLAnchorElement);
  download.href = `/api/sessions/${session.session_id}/export`;
  name(download, text.download);
  name(part(row, ".drop", HTMLButtonElement), text.remove);
  setText(part(sure, "span", HTMLElement), going ? text.sureLive : text.sure);
  setText(part(sure, ".sure-yes", HTMLElement), text.yes);
  setText(part(sure, ".sure-no", HTMLElement), ask.cancel);
}

/**
 * @param {HTMLElement} mark
 * @param {Session} session
 * @param {string} language
 */
function describeSeen(mark, { dominant, dominant_share }, language) {
  const { sessions: text, emotions } = words(language);
  const seen = dominant !== null && dominant_share !== null;
  mark.dataset.emotion = dominant ?? "none";
  setText(mark, seen ? text.mostly(emotions[dominant] ?? dominant, percent(language, dominant_share)) : text.noLabel);
}

/**
 * @param {HTMLElement} element
 * @param {string} said
 */
function name(element, said) {
  element.setAttribute("aria-label", said);
  element.title = said;
}
