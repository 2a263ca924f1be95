/** What happened in a session, as a plain list: expressions, what was said, what was allowed and recorded. */

import { clock, lasted } from "../format.js";
import { words } from "../words.js";
import { AnswerView } from "./answer.js";
import { byId, make, part, setText } from "./dom.js";
import { allowed } from "./review.js";
import { Rows } from "./rows.js";

/** @typedef {import("../pages/moments.js").Moment} Moment */
/** @typedef {import("../pages/moments.js").Turn} Turn */
/** @typedef {import("../pages/record.js").Review} Review */
/** @typedef {import("../state.js").Store<Review, import("../pages/record.js").ReviewEvent>} ReviewStore */

export class MomentsView {
  /** @param {ReviewStore} store */
  constructor(store) {
    const more = byId("more", HTMLButtonElement);
    const rows = new Rows(byId("moments", HTMLElement), (/** @type {Moment} */ moment) => (
      makeRow(moment, store)), describe);
    more.addEventListener("click", () => store.dispatch({ type: "more" }));
    store.watch((s) => [s.language, s.moments, s.shown, s.gallery.clips], ({ language, moments, shown, gallery }) => {
      const kept = new Set(gallery.clips.map(({ name }) => name));
      const listed = moments.slice(0, shown).map((moment) => (
        moment.kind === "seen" ? { ...moment, clips: moment.clips.filter((name) => kept.has(name)) } : moment));
      rows.render(listed, ({ key }) => key, language);
      more.hidden = moments.length <= shown;
      byId("no-moments", HTMLElement).hidden = moments.length > 0;
    });
  }
}

/**
 * @param {Moment} moment
 * @param {ReviewStore} store
 */
function makeRow({ key, kind }, store) {
  const time = make("time", "moment-time quiet");
  const what = make("div", "moment-what");
  const row = make("li", "moment", time, what);
  row.dataset.kind = kind;
  const shown = { row, time, what, mark: make("span", kind === "seen" ? "mark" : "quiet"), play: make("button", "button small") };
  shown.play.type = "button";
  shown.play.addEventListener("click", () => {
    const { moments, gallery } = store.state;
    const moment = moments.find((one) => one.key === key);
    const clip = gallery.clips.findLast(({ name }) => moment?.kind === "seen" && moment.clips.includes(name));
    if (clip) store.dispatch({ type: "play", clip });
  });
  if (kind !== "said") what.append(shown.mark, shown.play);
  const exchange = kind === "said" ? makeExchange(store) : null;
  if (exchange) what.append(exchange.whole);
  return { ...shown, exchange };
}

/** @param {ReviewStore} store */
function makeExchange(store) {
  const template = byId("exchange-template", HTMLTemplateElement);
  const whole = part(/** @type {DocumentFragment} */ (template.content.cloneNode(true)), ".exchange", HTMLElement);
  const answer = new AnswerView(part(whole, ".answer", HTMLElement), () => undefined, () => store.state.language);
  return { whole, answer };
}

/**
 * @param {ReturnType<typeof makeRow>} shown
 * @param {Moment} moment
 * @param {string} language
 */
function describe({ time, mark, play, exchange }, moment, language) {
  const { review } = words(language);
  time.dateTime = new Date(moment.at * 1000).toISOString();
  setText(time, clock(language, moment.at * 1000));
  play.hidden = moment.kind !== "seen" || moment.clips.length === 0;
  setText(play, review.play);
  if (moment.kind === "said") {
    if (exchange) describeExchange(exchange, moment, language);
    return;
  }
  if (moment.kind === "seen") mark.dataset.emotion = moment.emotion;
  setText(mark, said(moment, language));
}

/**
 * @param {Exclude<Moment, {kind: "said"}>} moment
 * @param {string} language
 */
function said(moment, language) {
  const { review, emotions } = words(language);
  switch (moment.kind) {
    case "seen":
      return review.seen(emotions[moment.emotion] ?? moment.emotion, lasted(language, moment.seconds));
    case "recording":
      return moment.began ? review.recordingBegan : review.recordingEnded;
    case "consent":
      return review.consented(allowed(language, moment));
  }
}

/**
 * @param {NonNullable<ReturnType<typeof makeRow>["exchange"]>} exchange
 * @param {{question: Turn | null, answer: Turn | null}} moment
 * @param {string} language
 */
function describeExchange({ whole, answer }, { question, answer: given }, language) {
  const { review } = words(language);
  setText(part(whole, ".asker", HTMLElement), review.you);
  setText(part(whole, ".answerer", HTMLElement), review.assistant);
  setText(part(whole, ".question-text", HTMLElement), question?.text ?? "");
  part(whole, ".question", HTMLElement).hidden = question === null;
  part(whole, ".answer", HTMLElement).hidden = given === null;
  part(whole, ".unanswered", HTMLElement).hidden = given !== null;
  setText(part(whole, ".unanswered", HTMLElement), review.unanswered);
  if (given !== null) answer.render(asTurn(given), language);
}

/**
 * An answer of the history as the chat shows one.
 * @param {Turn} given
 * @returns {import("../conversation.js").Turn}
 */
function asTurn({ message_id, text, html, model, finish, error, first_ms, at }) {
  const phase = /** @type {import("../conversation.js").Phase} */ (finish ?? "complete");
  return {
    id: message_id, text: "", sentAt: 0, phase, ahead: 0, kept: true, mood: null, afterBreak: false, retried: true,
    answer: text, html, failure: error === null ? null : { code: error, message: error }, model, firstWord: first_ms,
    answeredAt: at * 1000,
  };
}
