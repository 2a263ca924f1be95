/** The timeline: the river on its canvas, the moment that is pointed at, its tools, and what a click came to. */

import { addressOf, marks } from "../moments.js";
import { written } from "../river/axis.js";
import { Gestures } from "../river/gestures.js";
import { Painter } from "../river/painter.js";
import { followed, moved, pan, reveal, shown, zoom } from "../river/viewport.js";
import { exportTimeline } from "../timeline_export.js";
import { words } from "../words.js";
import { byId, setText } from "./dom.js";
import { FrameLoop } from "./frames.js";
import { labelAt, TimelineTip } from "./timeline_tip.js";

/** @typedef {import("../state.js").State} State */
/** @typedef {import("../moments.js").Moments} Moments */

/** @typedef {Pick<State, "language" | "connection" | "moments" | "playing"> & {chat: Pick<State["chat"], "turns">}} Seen */

/**
 * What the timeline is shown from, which may be the state of more than one page.
 * @typedef {object} Source
 * @property {Seen} state
 * @property {(select: (state: Seen) => readonly unknown[], render: (state: Seen) => void) => void} watch
 * @property {(event: {type: "timeline", change: Partial<Pick<Moments, "view" | "cursor" | "said">>}
 *   | {type: "show", panel: "clips"} | {type: "play", name: string}) => void} dispatch
 */

const CLOSER = 1.6;
/** The end glides for as long as the next label takes, and waits for it there. */
const GLIDE_S = 1.2;

export class TimelineView {
  #store;
  #panel = byId("timeline", HTMLElement);
  #river = byId("river", HTMLElement);
  #canvas = byId("river-canvas", HTMLCanvasElement);
  #live = byId("timeline-live", HTMLButtonElement);
  #closer = byId("timeline-closer", HTMLButtonElement);
  #wider = byId("timeline-wider", HTMLButtonElement);
  #said = byId("timeline-said", HTMLElement);
  #exports = { csv: byId("timeline-csv", HTMLButtonElement), json: byId("timeline-json", HTMLButtonElement) };
  #painter = new Painter(this.#canvas);
  #tip = new TimelineTip();
  #still = matchMedia("(prefers-reduced-motion: reduce)");
  #frames = new FrameLoop(this.#canvas, () => this.#paint());

  /** @param {Source} store */
  constructor(store) {
    this.#store = store;
    this.#listen();
    store.watch((s) => [s.language, s.moments, s.chat.turns, s.playing, s.connection], () => this.#frames.ask());
    store.watch((s) => [s.moments.river, s.moments.river.count > 0], ({ moments }) => {
      this.#panel.hidden = moments.river.count === 0;
    });
    store.watch((s) => [s.language, s.connection, s.moments.view, s.moments.session], (state) => this.#renderTools(state));
    store.watch((s) => [s.language, s.moments.said], (state) => this.#renderSaid(state));
    store.watch((s) => [s.language, s.moments.cursor, s.moments.river], (state) => this.#renderValue(state));
  }

  get #moments() {
    return this.#store.state.moments;
  }

  #listen() {
    new Gestures(this.#river, {
      hover: (x) => this.#point(this.#secondsAt(x)),
      leave: () => this.#change({ cursor: null }),
      click: (x) => this.#play(this.#secondsAt(x)),
      drag: (x, by) => this.#drag(x, by),
      zoom: (x, factor) => this.#zoom(factor, this.#secondsAt(x)),
    });
    this.#river.addEventListener("keydown", (event) => this.#key(event));
    this.#river.addEventListener("focus", () => this.#renderValue(this.#store.state));
    this.#river.addEventListener("blur", ({ relatedTarget }) => {
      // The buttons zoom about the cursor.
      const within = relatedTarget instanceof Node && this.#panel.contains(relatedTarget);
      if (!within) this.#change({ cursor: null });
    });
    this.#live.addEventListener("click", () => {
      this.#change({ view: followed(this.#moments.view) });
      // The button goes with the click, and the focus must not go with it.
      this.#river.focus();
    });
    this.#closer.addEventListener("click", () => this.#zoom(CLOSER, null));
    this.#wider.addEventListener("click", () => this.#zoom(1 / CLOSER, null));
    for (const format of /** @type {const} */ (["csv", "json"])) {
      this.#exports[format].addEventListener("click", () => this.#export(format));
    }
  }

  /** @param {Partial<Pick<Moments, "view" | "cursor" | "said">>} change */
  #change(change) {
    this.#store.dispatch({ type: "timeline", change });
  }

  /** The end moves with the clock, not with the labels, so that the river flows. */
  #end() {
    const { connection, moments: { river, seenAt } } = this.#store.state;
    if (connection !== "connected" || this.#still.matches) return river.end;
    return river.end + Math.min(GLIDE_S, Math.max(0, (Date.now() - seenAt) / 1000));
  }

  #range() {
    return shown(this.#moments.view, this.#end());
  }

  /** @param {number} x pixels */
  #secondsAt(x) {
    const { from, to } = this.#range();
    const at = from + (x / Math.max(1, this.#canvas.clientWidth)) * (to - from);
    return Math.min(this.#moments.river.end, Math.max(0, at));
  }

  /** @param {number} cursor session seconds */
  #point(cursor) {
    this.#change({ cursor });
  }

  /**
   * Where all is in sight there is nothing to move but the cursor.
   * @param {number} x
   * @param {number} by pixels
   */
  #drag(x, by) {
    const { from, to } = this.#range();
    const { view } = this.#moments;
    const seconds = (-by / Math.max(1, this.#canvas.clientWidth)) * (to - from);
    this.#change({ view: pan(view, this.#end(), seconds) });
    this.#point(this.#secondsAt(x));
  }

  /**
   * @param {number} factor
   * @param {number | null} about
   */
  #zoom(factor, about) {
    this.#change({ view: zoom(this.#moments.view, this.#end(), factor, about ?? this.#moments.cursor) });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const { view, cursor, river } = this.#moments;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = cursor ?? river.end;
    const next = moved(view, river.end, at, event.key);
    if (next !== null) {
      this.#change({ cursor: next, view: event.key === "End" ? followed(view) : reveal(view, river.end, next) });
    } else if (event.key === "+" || event.key === "=") {
      this.#zoom(CLOSER, at);
    } else if (event.key === "-") {
      this.#zoom(1 / CLOSER, at);
    } else if (event.key === "Enter" || event.key === " ") {
      this.#play(at);
    } else {
      return;
    }
    event.preventDefault();
  }

  /** @param {number} at session seconds */
  async #play(at) {
    const { river } = this.#moments;
    this.#change({ cursor: at, said: null });
    const clip = river.clipAt(at);
    if (clip === null) return this.#change({ said: { code: "not_recorded", at, detail: "" } });
    // The page is not told of every clip that the server removes.
    const answer = await fetch(addressOf(clip.name), { method: "HEAD" }).catch(() => null);
    if (river !== this.#moments.river) return;
    if (answer?.status === 404) return this.#change({ said: { code: "not_kept", at, detail: "" } });
    this.#store.dispatch({ type: "show", panel: "clips" });
    this.#store.dispatch({ type: "play", name: clip.name });
  }

  /** @param {"csv" | "json"} format */
  async #export(format) {
    const { session, river } = this.#moments;
    if (session === null) return;
    this.#change({ said: null });
    this.#exports[format].disabled = true;
    const said = await exportTimeline(session, format);
    this.#exports[format].disabled = false;
    if (river === this.#moments.river) this.#change({ said });
  }

  #paint() {
    const { language, moments, chat, playing, connection } = this.#store.state;
    const range = this.#range();
    const turns = marks(moments, chat.turns);
    const clip = playing === null ? null : moments.river.clipNamed(playing);
    this.#painter.paint({ river: moments.river, range, marks: turns, cursor: moments.cursor, playing: clip });
    this.#tip.render(language, moments, turns, range, this.#canvas.clientWidth);
    if (connection !== "connected" || moments.view.to !== null) return;
    const waits = Date.now() - moments.seenAt > GLIDE_S * 1000;
    const pixel = (range.to - range.from) / Math.max(1, this.#canvas.clientWidth);
    // While less than a minute is there nothing moves: the river grows into the room that is left for it.
    if (!waits && !this.#still.matches && range.from > 0) this.#frames.askAfter(pixel * 500);
  }

  /** @param {Seen} state */
  #renderTools({ language, connection, moments: { view, session } }) {
    const { timeline } = words(language);
    setText(this.#live, connection === "connected" ? timeline.live : timeline.last);
    this.#live.hidden = view.to === null;
    this.#wider.disabled = view.span === null;
    for (const button of Object.values(this.#exports)) button.hidden = session === null;
  }

  /** @param {Seen} state */
  #renderSaid({ language, moments: { said } }) {
    if (said === null) return setText(this.#said, "");
    const { timeline } = words(language);
    const told = timeline[said.code];
    setText(this.#said, typeof told === "string" ? told : told(said.at === null ? said.detail : written(said.at)));
  }

  /**
   * Only what the person does changes the value: read out with each label it would never be silent.
   * @param {Seen} state
   */
  #renderValue({ language, moments: { river, cursor } }) {
    const at = cursor ?? river.end;
    this.#river.setAttribute("aria-valuemax", String(Math.round(river.end)));
    this.#river.setAttribute("aria-valuenow", String(Math.round(at)));
    const { timeline } = words(language);
    const parts = [written(at), labelAt(language, river, at)];
    if (river.clipAt(at)) parts.push(timeline.clip);
    this.#river.setAttribute("aria-valuetext", parts.join(timeline.comma));
  }
}
