/** A session's head: when, how long, what was allowed and seen, and what one can take away or delete. */

import { day, lasted, percent } from "../format.js";
import { words } from "../words.js";
import { byId, make, setText } from "./dom.js";
import { Rows } from "./rows.js";
import { SureView } from "./sure.js";

/** @typedef {import("../pages/record.js").Review} Review */
/** @typedef {{emotion: string, share: number}} Share */

export class ReviewView {
  /**
   * @param {import("../state.js").Store<Review, import("../pages/record.js").ReviewEvent>} store
   * @param {() => void} drop
   */
  constructor(store, drop) {
    const { sessionId } = store.state;
    const shares = new Rows(byId("shares", HTMLElement), makeShare, describeShare);
    new SureView(byId("drop", HTMLButtonElement), byId("drop-sure", HTMLElement), drop);
    for (const [id, path] of [["csv", "timeline?format=csv"], ["json", "timeline"], ["zip", "export"]]) {
      byId(`export-${id}`, HTMLAnchorElement).href = `/api/sessions/${sessionId}/${path}`;
    }
    byId("export-json", HTMLAnchorElement).download = `mien-${sessionId}.json`;
    byId("in-library", HTMLAnchorElement).href = `/library?session=${sessionId}`;
    store.watch((s) => [s.language, s.end, s.session === null], (state) => this.#renderPage(state));
    store.watch((s) => [s.language, s.session, s.timeline?.consents], (state) => {
      if (state.session === null) return;
      this.#renderHead(state);
      const { emotions } = state.session;
      shares.render(sharesOf(emotions), ({ emotion }) => emotion, state.language);
      byId("no-shares", HTMLElement).hidden = Object.keys(emotions).length > 0;
    });
    store.watch((s) => [s.gallery.clips.length], ({ gallery }) => {
      byId("no-clips", HTMLElement).hidden = gallery.clips.length > 0;
      byId("in-library", HTMLElement).hidden = gallery.clips.length === 0;
    });
  }

  /** @param {Review} state */
  #renderPage({ language, end, session }) {
    const { review } = words(language);
    byId("review", HTMLElement).hidden = session === null || end !== "";
    byId("ended", HTMLElement).hidden = end === "";
    byId("reach", HTMLElement).hidden = end !== "";
    const title = end === "deleted" ? review.deleted : end === "missing" ? review.missing : review.title;
    setText(byId("ended-title", HTMLElement), title);
    setText(byId("ended-hint", HTMLElement), end === "deleted" ? review.deletedHint : review.missingHint);
    document.title = `${title} · Mien`;
  }

  /** @param {Review} state */
  #renderHead({ language, session, timeline }) {
    if (session === null) return;
    const { review, sessions } = words(language);
    const going = session.kind === "call" && session.ended_at === null;
    setText(byId("title", HTMLElement), `${sessions.kinds[session.kind]} · ${day(language, session.began_at * 1000)}`);
    byId("now", HTMLElement).hidden = !going;
    setText(byId("length", HTMLElement), session.duration === null ? "–" : lasted(language, session.duration));
    setText(byId("how-ended", HTMLElement), session.ended_at === null ? (going ? sessions.now : "–")
      : review.endedBy(day(language, session.ended_at * 1000), reasonOf(language, session.end_reason)));
    setText(byId("allowed", HTMLElement), allowed(language, timeline?.consents.at(-1) ?? null));
    setText(byId("session-id", HTMLElement), session.session_id);
    setText(byId("drop-ask", HTMLElement), going ? sessions.sureLive : sessions.sure);
  }
}

/**
 * @param {string} language
 * @param {{analysis: boolean, recording: boolean, given_by: "caller" | "operator"} | null} consent
 */
export function allowed(language, consent) {
  const { review } = words(language);
  if (consent === null) return review.noneSaid;
  const what = consent.analysis && consent.recording ? review.allowedBoth
    : consent.analysis ? review.allowedAnalysis : consent.recording ? review.allowedRecording : review.allowedNone;
  return consent.given_by === "operator" ? review.allowedByOperator(what) : what;
}

/**
 * @param {string} language
 * @param {string | null} reason as the server keeps it
 */
function reasonOf(language, reason) {
  return reason === null ? "–" : words(language).review.reasons[reason] ?? reason;
}

/**
 * The most often seen first.
 * @param {Record<string, number>} emotions
 * @returns {Share[]}
 */
function sharesOf(emotions) {
  const total = Object.values(emotions).reduce((sum, count) => sum + count, 0);
  return Object.entries(emotions).map(([emotion, count]) => ({ emotion, share: count / total }))
    .sort((one, other) => other.share - one.share || one.emotion.localeCompare(other.emotion));
}

function makeShare() {
  const name = make("span", "share-name");
  const bar = make("span", "share-bar");
  const value = make("span", "share-value");
  return { row: make("li", "share", name, make("span", "share-track", bar), value), name, bar, value };
}

/**
 * @param {ReturnType<typeof makeShare>} shown
 * @param {Share} share
 * @param {string} language
 */
function describeShare({ row, name, bar, value }, { emotion, share }, language) {
  row.dataset.emotion = emotion;
  setText(name, words(language).emotions[emotion] ?? emotion);
  bar.style.width = `${share * 100}%`;
  setText(value, percent(language, share));
}
