/** The expression likely seen: large word, confidence, all seven classes, and where the answer came from. */

import { passedOver } from "../fault.js";
import { decimal, percent, signed } from "../format.js";
import { EMOTIONS } from "../protocol.js";
import { words } from "../words.js";
import { byId, make, setText } from "./dom.js";

/** @typedef {import("../state.js").State} State */
/** Milliseconds for which the last answer of a better engine is shown while newer ones are not there. */
const CONSIDERED_FOR_MS = 15_000;

/** @typedef {{row: HTMLElement, name: HTMLElement, meter: HTMLMeterElement, share: HTMLElement}} Bar */

export class ExpressionView {
  #panel = byId("expression", HTMLElement);
  #label = byId("label", HTMLElement);
  #provisional = byId("provisional", HTMLElement);
  #confidence = byId("confidence", HTMLElement);
  #considered = byId("considered", HTMLElement);
  #description = byId("description", HTMLElement);
  #reason = byId("reason", HTMLElement);
  #valence = byId("valence", HTMLElement);
  #arousal = byId("arousal", HTMLElement);
  #fine = byId("fine", HTMLElement);
  /** @type {Map<string, Bar>} */
  #bars = new Map();

  /** @param {import("../state.js").Store} store */
  constructor(store) {
    const list = byId("probabilities", HTMLElement);
    for (const emotion of EMOTIONS) {
      const bar = makeBar(emotion);
      this.#bars.set(emotion, bar);
      list.append(bar.row);
    }
    store.watch(
      (s) => [s.language, s.connection, s.consent, s.status?.analysing, s.status?.paused, s.engines, s.result, s.stale],
      (state) => this.#render(state),
    );
    store.watch((s) => [s.language, s.result, s.considered], (state) => this.#renderConsidered(state));
    store.watch((s) => [s.language, s.result, s.status, s.roundTrip], (state) => this.#renderFine(state));
  }

  /** @param {State} state */
  #render(state) {
    const { language, result, stale } = state;
    const text = words(language);
    this.#panel.dataset.stale = String(stale);
    this.#renderBars(language, result?.probabilities ?? {}, result?.emotion);
    if (result === null) {
      const { title, todo } = text.waiting[waitingFor(state)];
      delete this.#label.dataset.emotion;
      setText(this.#label, title);
      setText(this.#reason, todo);
    } else {
      this.#label.dataset.emotion = result.emotion;
      setText(this.#label, text.emotions[result.emotion] ?? result.emotion);
      setText(this.#reason, advice(text, result, stale));
    }
    const sure = result === null || result.emotion === "unknown" ? null : result.confidence;
    setText(this.#confidence, sure === null ? "" : text.expression.confidence(percent(language, sure)));
    setText(this.#description, result?.description ?? "");
    this.#provisional.hidden = !result?.provisional;
    const none = text.expression.none;
    setText(this.#valence, result?.valence == null ? none : signed(language, result.valence));
    setText(this.#arousal, result?.arousal == null ? none : signed(language, result.arousal));
  }

  /**
   * @param {string} language
   * @param {Record<string, number>} probabilities
   * @param {string | undefined} likely
   */
  #renderBars(language, probabilities, likely) {
    const { emotions, expression } = words(language);
    for (const [emotion, { row, name, meter, share }] of this.#bars) {
      const value = probabilities[emotion];
      row.dataset.value = meter.dataset.value = (value ?? 0).toFixed(4);
      row.toggleAttribute("data-likely", emotion === likely);
      meter.value = value ?? 0;
      setText(name, emotions[emotion]);
      setText(share, value === undefined ? expression.none : percent(language, value));
      meter.setAttribute("aria-label", emotions[emotion]);
    }
  }

  /**
   * Beside the newest word, what a better engine last said of an earlier window.
   * @param {State} state
   */
  #renderConsidered({ language, result, resultAt, considered, consideredAt }) {
    const recent = resultAt - consideredAt <= CONSIDERED_FOR_MS;
    const shown = result !== null && considered !== null && considered !== result && recent;
    this.#considered.hidden = !shown;
    if (!shown) return;
    const { emotions, expression } = words(language);
    const label = emotions[considered.emotion] ?? considered.emotion;
    const ago = result.window_end - considered.window_end;
    this.#considered.dataset.emotion = considered.emotion;
    setText(this.#considered, expression.considered(considered.engine, label, decimal(language, ago, 0)));
  }

  /** @param {State} state */
  #renderFine({ language, result, status, roundTrip }) {
    const { expression } = words(language);
    const parts = [];
    const reason = result === null ? "" : passedOver(language, result);
    this.#fine.title = (reason && result?.fallback_reason) ?? "";
    if (result) {
      parts.push(expression.engine(result.engine) + (reason ? expression.instead(reason) : ""));
      parts.push(expression.latency(decimal(language, result.latency.total, 0)));
    }
    if (roundTrip !== null) parts.push(expression.roundTrip(decimal(language, roundTrip, 0)));
    if (status?.windows_dropped) parts.push(expression.skipped(status.windows_dropped));
    setText(this.#fine, parts.join("\u00a0· "));
  }
}

/**
 * @param {string} emotion
 * @returns {Bar}
 */
function makeBar(emotion) {
  const name = make("span", "bar-name");
  const meter = make("meter", "bar-meter");
  const share = make("span", "bar-share");
  // The meter says the same to a screen reader, with its name.
  share.setAttribute("aria-hidden", "true");
  name.setAttribute("aria-hidden", "true");
  const row = make("li", "bar", name, meter, share);
  row.dataset.emotion = emotion;
  return { row, name, meter, share };
}

/**
 * @param {State} state
 * @returns {keyof import("../words.js").Words["waiting"]}
 */
function waitingFor({ connection, consent, status, engines }) {
  if (connection !== "connected") return "idle";
  if (!consent.analysis) return "off";
  if (status?.paused.includes("analysis")) return "paused";
  if (engines.length > 0 && engines.every(({ state }) => state === "unavailable")) return "unavailable";
  return engines.some(({ state }) => state === "ready") ? "looking" : "loading";
}

/**
 * @param {import("../words.js").Words} text
 * @param {import("../protocol.js").EmotionResult} result
 * @param {boolean} stale
 */
function advice(text, result, stale) {
  if (stale) return text.expression.stale;
  if (result.emotion !== "unknown") return "";
  return text.reasons[result.reason ?? ""] ?? text.reasonUnknown;
}
