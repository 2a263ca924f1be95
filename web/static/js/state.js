/** The page's one state object, and who is told when a part of it changes. */

import { SILENT } from "./announcer.js";
import { newChat } from "./conversation.js";
import { newDevices } from "./devices.js";
import { newMoments } from "./moments.js";
import { reduce } from "./reduce.js";
import { newVitals } from "./vitals.js";

/** @typedef {import("./protocol.js").Consent} Consent */
/** @typedef {import("./protocol.js").EmotionResult} EmotionResult */
/** @typedef {"idle" | "asking" | "connecting" | "connected" | "reconnecting" | "lost" | "failed"} Connection */

/**
 * A kept clip. `savedAt` is epoch milliseconds on this page's clock.
 * @typedef {{name: string, url: string, thumbnail: string | null, duration: number, size: number, savedAt: number}} Clip
 */

/** What is in front where the screen has no room for all: beside the call, or, on a phone, instead of it. */
/** @typedef {{name: string, url: string, duration: number | null, size: number, savedAt: number}} Recording of a whole call */
/** @typedef {"call" | "chat" | "clips"} Panel */

/** @typedef {{code: string, detail: string}} ProblemShown */
/** @typedef {{code: string, text: string, detail: string, level: "info" | "warning" | "error"}} NoticeShown */

/**
 * @typedef {object} State
 * @property {string} language
 * @property {Connection} connection
 * @property {number} attempt to connect again; 0 while there is none
 * @property {boolean} resumed whether the call goes on that there was before the connection was lost
 * @property {string} cause the code of why the connection was lost that is tried to be had again
 * @property {MediaStream | null} stream there before a call, too, while somebody looks at themselves
 * @property {import("./devices.js").Devices} devices
 * @property {Consent} consent what the boxes say; what runs is `status`
 * @property {readonly string[]} told the hosts that were named beside the box for analysis as it was ticked
 * @property {readonly import("./moments.js").Session[]} sessions those of the call, oldest first: another after each break
 * @property {boolean} withdrawing whether it is asked what is to become of the clips, before the consent is withdrawn
 * @property {import("./protocol.js").Engine[]} engines
 * @property {import("./protocol.js").SessionStatus | null} status
 * @property {import("./protocol.js").QueueInfo | null} queue
 * @property {number | null} roundTrip milliseconds
 * @property {import("./vitals.js").Vitals} vitals how the link is, and what is made of it
 * @property {EmotionResult | null} result
 * @property {string | null} firstEngine who gives the first words
 * @property {EmotionResult | null} considered the newest answer of another engine than that
 * @property {number} consideredAt epoch milliseconds of its arrival
 * @property {number} resultAt epoch milliseconds of its arrival
 * @property {import("./outline.js").FaceSeen | null} face
 * @property {boolean} outline whether the face is outlined over the preview
 * @property {readonly import("./trail.js").Step[]} trail
 * @property {import("./announcer.js").Announcer} announcer
 * @property {boolean} stale no result for a while although analysis runs
 * @property {Clip[]} clips newest first
 * @property {Recording[]} recordings newest first
 * @property {number} olderClips saved in this page's time and no longer listed
 * @property {Record<string, string>} clipEmotions by clip name; a result may come before its clip
 * @property {string | null} clipFilter the one expression whose clips are listed
 * @property {string | null} playing a clip's name
 * @property {import("./conversation.js").Chat} chat
 * @property {import("./moments.js").Moments} moments
 * @property {Panel} panel
 * @property {boolean} unread an answer came while the chat was not in front
 * @property {ProblemShown | null} problem
 * @property {NoticeShown | null} notice
 */

/**
 * @param {string} language
 * @param {object} [known]
 * @param {import("./protocol.js").ChatState | null} [known.provider] of the chat, where the page knows it
 * @param {boolean | null} [known.mood] whether the person chose to have the assistant told of it
 * @param {Partial<Record<import("./devices.js").Kind, string | null>>} [known.devices] the ids of those that were chosen
 * @param {import("./quality-rules.js").Profile} [known.profile] of the sent picture
 * @returns {State}
 */
export function initialState(language, { provider = null, mood = null, devices = {}, profile = "auto" } = {}) {
  return {
    language,
    connection: "idle",
    attempt: 0,
    cause: "",
    resumed: false,
    stream: null,
    devices: newDevices(devices),
    consent: { analysis: false, recording: false },
    told: [],
    sessions: [],
    withdrawing: false,
    engines: [],
    status: null,
    queue: null,
    roundTrip: null,
    vitals: newVitals(profile),
    result: null,
    firstEngine: null,
    considered: null,
    consideredAt: 0,
    resultAt: 0,
    face: null,
    outline: true,
    trail: [],
    announcer: SILENT,
    stale: false,
    clips: [],
    recordings: [],
    olderClips: 0,
    clipEmotions: {},
    clipFilter: null,
    playing: null,
    chat: newChat(provider, mood),
    moments: newMoments(),
    panel: "call",
    unread: false,
    problem: null,
    notice: null,
  };
}

/**
 * @template [S=State]
 * @template [E=import("./reduce.js").Event]
 */
export class Store {
  /** @type {S} */
  #state;
  #reduce;
  /** @type {Set<() => void>} */
  #watchers = new Set();

  /**
   * @param {S} state
   * @param {(state: S, event: E, now: number) => S} [reducer] that of the call page where none is given
   */
  constructor(state, reducer = /** @type {any} */ (reduce)) {
    this.#state = state;
    this.#reduce = reducer;
  }

  get state() {
    return this.#state;
  }

  /** @param {E} event */
  dispatch(event) {
    const next = this.#reduce(this.#state, event, Date.now());
    if (next === this.#state) return;
    this.#state = next;
    for (const watcher of this.#watchers) watcher();
  }

  /**
   * Call `render` now, and again whenever one of the selected parts is another value.
   * @param {(state: S) => readonly unknown[]} select
   * @param {(state: S) => void} render
   */
  watch(select, render) {
    let seen = select(this.#state);
    this.#watchers.add(() => {
      const parts = select(this.#state);
      if (parts.every((part, index) => Object.is(part, seen[index]))) return;
      seen = parts;
      render(this.#state);
    });
    render(this.#state);
  }
}
