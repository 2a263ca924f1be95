/** The server's figures and its engines. */

import { faultInFull, faultOf } from "../fault.js";
import { decimal, percent, span, volume } from "../format.js";
import { words } from "../words.js";
import { byId, make, setText } from "./dom.js";
import { Rows } from "./rows.js";

/** @typedef {import("../pages/health.js").Health} Health */
/** @typedef {import("../pages/health.js").Engine} Engine */
/** @typedef {{key: string, name: string, value: string, note: string, state: "ok" | "bad" | ""}} Figure */

export class HealthView {
  #ready = byId("ready", HTMLElement);
  #reasons = byId("reasons", HTMLElement);

  /** @param {import("../state.js").Store<Health, import("../pages/health.js").HealthEvent>} store */
  constructor(store) {
    const figures = new Rows(byId("figures", HTMLElement), makeFigure, describeFigure);
    const engines = new Rows(byId("engines", HTMLElement), makeEngine, describeEngine);
    store.watch(({ language }) => [language], ({ language }) => {
      document.title = `${words(language).monitor.title} · Mien`;
    });
    store.watch(({ language, status, readiness }) => [language, status, readiness], (state) => {
      this.#renderReady(state);
      figures.render(figuresOf(state), ({ key }) => key, state.language);
      engines.render(state.status?.analysis.engines ?? [], ({ name }) => name, state.language);
    });
  }

  /** @param {Health} state */
  #renderReady({ language, status, readiness }) {
    byId("health", HTMLElement).hidden = status === null || readiness === null;
    if (status === null || readiness === null) return;
    const { monitor } = words(language);
    this.#ready.dataset.state = readiness.ready ? (readiness.full ? "full" : "ready") : "off";
    setText(this.#ready, readiness.ready ? (readiness.full ? monitor.full : monitor.ready) : monitor.notReady);
    const { reasons, codes, degraded, degraded_codes } = readiness;
    const said = [...reasons, ...degraded];
    const why = [...codes, ...degraded_codes].map((code, at) => {
      const { text } = faultOf(language, { code, reason: said[at] });
      return code.startsWith("history_") ? `${monitor.history}: ${text}` : text;
    });
    setText(this.#reasons, why.join(" · "));
    this.#reasons.title = said.join(" ");
    setText(byId("version", HTMLElement), `Mien ${status.version}`);
  }
}

/**
 * @param {Health} state
 * @returns {Figure[]}
 */
function figuresOf({ language, status }) {
  if (status === null) return [];
  const { monitor, chatCodes } = words(language);
  const { machine, chat, history } = status;
  const why = chatCodes[chat.code ?? ""] ?? chat.reason;
  /** @type {(bytes: number | null) => string} */
  const bytes = (value) => (value === null ? monitor.unknown : volume(language, value));
  /** @type {(part: {available: boolean, reason: string | null}) => Pick<Figure, "value" | "state">} */
  const works = ({ available }) => ({ value: available ? monitor.works : monitor.off, state: available ? "ok" : "bad" });
  return [
    figure("calls", monitor.calls, monitor.callsOf(status.sessions.length, status.max_sessions)),
    figure("lag", monitor.lag, span(language, status.loop_lag_p99_ms), monitor.lagHint(span(language, status.loop_lag_ms))),
    figure("waiting", monitor.waiting, decimal(language, status.analysis.waiting, 0), monitor.waitingHint),
    figure("load", monitor.load, decimal(language, machine.load, 2), monitor.loadHint(machine.cpus)),
    figure("memory", monitor.memory, bytes(machine.memory_bytes), monitor.memoryHint),
    figure("disk", monitor.disk, bytes(machine.disk_free_bytes), monitor.diskHint),
    { key: "chat", name: monitor.chat, note: why ?? chat.model ?? "", ...works(chat) },
    { key: "history", name: monitor.history, note: faultInFull(language, history), ...works(history) },
  ];
}

/**
 * @param {string} key
 * @param {string} name
 * @param {string} value
 * @param {string} [note]
 * @returns {Figure}
 */
function figure(key, name, value, note = "") {
  return { key, name, value, note, state: "" };
}

function makeFigure() {
  const name = make("dt", "quiet");
  const value = make("dd", "figure-value");
  const note = make("dd", "figure-note quiet");
  return { row: make("div", "figure-box panel", name, value, note), name, value, note };
}

/**
 * @param {ReturnType<typeof makeFigure>} shown
 * @param {Figure} figure
 */
function describeFigure({ row, name, value, note }, figure) {
  row.dataset.figure = figure.key;
  value.dataset.state = figure.state;
  setText(name, figure.name);
  setText(value, figure.value);
  setText(note, figure.note);
}

function makeEngine() {
  const name = make("strong", "");
  const state = make("span", "state");
  const facts = make("span", "quiet figure");
  const reason = make("span", "engine-why quiet");
  return { row: make("li", "engine-row", name, state, facts, reason), name, state, facts, reason };
}

/**
 * @param {ReturnType<typeof makeEngine>} shown
 * @param {Engine} engine
 * @param {string} language
 */
function describeEngine({ row, name, state, facts, reason }, engine, language) {
  const { engines, monitor } = words(language);
  row.dataset.engine = engine.name;
  const failing = engine.state === "ready" && engine.reason !== null;
  state.dataset.state = failing ? "failing" : engine.set_up ? engine.state : "off";
  setText(name, engine.name);
  setText(state, !engine.set_up ? engines.notSetUp : failing ? engines.failing
    : engine.state === "loading" && engine.progress !== null ? engines.progress(percent(language, engine.progress))
      : engines[engine.state]);
  setText(facts, [
    engine.answered || engine.pid !== null ? monitor.engineAnswers(engine.answered) : "",
    engine.label_ms === null ? ""
      : monitor.engineTook(span(language, engine.label_ms.p50), span(language, engine.label_ms.p95)),
    engine.waiting ? monitor.engineWaiting(engine.waiting) : "",
    engine.restarts ? monitor.engineRestarts(engine.restarts) : "",
    engine.pid === null ? "" : monitor.engineProcess(engine.pid),
  ].filter(Boolean).join(" · "));
  setText(reason, faultInFull(language, engine));
}
