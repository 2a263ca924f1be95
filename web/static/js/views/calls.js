/** The calls that go on, one a row, with their figures. */

import { decimal, lasted, percent, rate, span, volume } from "../format.js";
import { words } from "../words.js";
import { byId, make, setText } from "./dom.js";
import { Rows } from "./rows.js";

/** @typedef {import("../pages/health.js").CallSeen} CallSeen */
/** @typedef {import("../pages/health.js").Health} Health */

export class CallsView {
  /** @param {import("../state.js").Store<Health, import("../pages/health.js").HealthEvent>} store */
  constructor(store) {
    const rows = new Rows(byId("calls", HTMLElement), makeRow, describe);
    store.watch(({ language, calls }) => [language, calls], ({ language, calls }) => {
      rows.render(calls, ({ session_id }) => session_id, language);
      byId("no-calls", HTMLElement).hidden = calls.length > 0;
    });
  }
}

/** @param {CallSeen} call */
function makeRow({ session_id }) {
  const name = make("a", "call-name plain-link", session_id);
  name.href = `/sessions/${session_id}`;
  const state = make("span", "state");
  const doing = make("span", "quiet");
  const facts = make("dl", "facts");
  const row = make("li", "call-row panel", make("p", "call-head", name, state, doing), facts);
  row.dataset.session = session_id;
  return { row, state, doing, facts };
}

/**
 * @param {ReturnType<typeof makeRow>} shown
 * @param {CallSeen} call
 * @param {string} language
 */
function describe({ state, doing, facts }, call, language) {
  const { monitor } = words(language);
  state.dataset.state = call.state === "connected" ? "ready" : call.state === "failed" ? "failing" : "loading";
  setText(state, monitor.states[call.state] ?? call.state);
  const does = [
    call.published && monitor.published,
    call.analysing && monitor.analysing,
    call.recording && monitor.recording,
  ];
  setText(doing, does.filter(Boolean).join(" · "));
  const told = factsOf(call, language);
  // The same facts in the same order each time: only their values change.
  while (facts.children.length < told.length) facts.append(make("div", "", make("dt", "quiet"), make("dd", "")));
  told.forEach(([name, value], at) => {
    const [term, said] = facts.children[at].children;
    setText(term, name);
    setText(said, value);
  });
}

/**
 * @param {CallSeen} call
 * @param {string} language
 * @returns {[string, string][]}
 */
function factsOf(call, language) {
  const { monitor } = words(language);
  const behind = call.analysis_lag_s;
  return [
    [monitor.age, lasted(language, call.age_s)],
    [monitor.bitrate, call.bitrate === null ? monitor.unknown : rate(language, call.bitrate)],
    [monitor.loss, call.loss === null ? monitor.unknown : percent(language, call.loss)],
    [monitor.ring, volume(language, call.ring_bytes)],
    [monitor.clips, decimal(language, call.clips_saved, 0)],
    [monitor.windows, monitor.windowsOf(call.windows_analysed, call.windows_dropped)],
    [monitor.label, behind === null ? monitor.unknown : span(language, behind * 1000)],
    [monitor.dropped, decimal(language, call.frames_dropped + call.messages_dropped, 0)],
  ];
}
