/** What the person can do in a call, from "Start camera" to "Stop camera". Owns the one peer, and holds on to the call. */

import { read } from "./api.js";
import { current, lengthOf, tellsMood } from "./conversation.js";
import { isHeld, KINDS } from "./devices.js";
import { obstacle } from "./media.js";
import { Peer } from "./peer.js";
import { Problem } from "./problem.js";
import { hostsOf } from "./hosts.js";
import { keepInterrupted } from "./interrupted.js";
import { PROTOCOL_VERSION, setConsent } from "./protocol.js";
import { isFinal } from "./reconnect.js";
import { isThere, sendLeave } from "./signaling.js";
import { Retrying } from "./retrying.js";
import { Stream } from "./stream.js";
import { shownIn } from "./words.js";

/** @typedef {import("./protocol.js").Pausable} Pausable */

/** Errors after which the server will not go on with this call. */
const FATAL = new Set(["hello_timeout", "version_unsupported"]);
/** The server is there again: time for the connection that fell silent to speak before another takes its place. */
const HEARD_AGAIN_MS = 1000;
const UNDER_WAY = new Set(["asking", "connecting", "connected", "reconnecting"]);

/**
 * What ran when a connection was lost.
 * @typedef {{recording: boolean, paused: readonly Pausable[]}} Running
 */

export class Call {
  #config;
  #store;
  /** @type {Peer | null} */
  #peer = null;
  /** Which start is the current one: what belongs to an earlier one arrives too late. */
  #attempt = 0;
  /** @type {Retrying | null} */
  #retrying = null;
  /** @type {import("./moments.js").Session | null} the session that a new connection goes on with, where it can */
  #session = null;
  /** @type {Running} */
  #running = { recording: false, paused: [] };

  /**
   * @param {import("./config.js").Config} config
   * @param {import("./state.js").Store} store
   */
  constructor(config, store) {
    this.#config = config;
    this.#store = store;
    /** The devices, to choose among and to switch on and off. */
    this.media = new Stream(config.capture, store, {
      replaced: (kind, track) => this.#peer?.replace(kind, track),
      lost: () => this.#end("failed", new Problem("device_lost")),
    });
    // Said anew, it changes nothing else.
    store.watch(({ language }) => [language], () => this.#greet());
    store.watch(({ vitals }) => [vitals.profile], ({ vitals }) => this.#peer?.chooseQuality(vitals.profile));
  }

  start() {
    return this.#begin(async (stream, isCurrent) => {
      this.#session = null;
      this.#running = { recording: false, paused: [] };
      this.#store.dispatch({ type: "connecting", stream });
      await this.#join(stream, isCurrent);
    });
  }

  /**
   * Go on with the call that a reload interrupted, unless it is over.
   * @param {import("./interrupted.js").Interrupted} call
   */
  async resume({ session, consent, told }) {
    const { sessions } = await read("/status").catch(() => ({ sessions: [] }));
    if (!sessions.some((/** @type {{session_id: string}} */ { session_id }) => session_id === session.session_id)) return;
    const timeline = await read(`/api/sessions/${encodeURIComponent(session.session_id)}/timeline`).catch(() => null);
    if (timeline === null) return;
    await this.#begin(async (stream, isCurrent) => {
      this.#session = session;
      this.#store.dispatch({ type: "recalled", session, consent, told, timeline });
      this.#store.dispatch({ type: "connecting", stream });
      await this.#join(stream, isCurrent);
      if (isCurrent()) this.#goOn();
    });
  }

  /** The page is closed or reloaded: the camera goes off, and the call waits for a while. */
  leave() {
    const { session } = this.#peer ?? {};
    if (!this.#peer || !session) return this.stop();
    const { consent, told } = this.#store.state;
    keepInterrupted({ session, consent, told }, Date.now());
    this.#peer.close(true);
    this.#session = null;
    this.stop();
  }

  /** Open the devices for the person alone: nothing is sent. */
  preview() {
    return this.#begin(async (stream) => this.#store.dispatch({ type: "previewing", stream }));
  }

  /** End the call, or the preview. */
  stop() {
    this.#end("idle", null);
  }

  /** Let go of a call whose connection was lost. */
  stopTrying() {
    if (this.#retrying) this.#end("lost", this.#retrying.problem);
  }

  /**
   * @param {Pausable} what
   * @param {boolean} allowed
   */
  consent(what, allowed) {
    const { state } = this.#store;
    const consent = { ...state.consent, [what]: allowed };
    // What is named beside the box as it is ticked is what is agreed to.
    const told = what === "analysis" ? hostsOf(this.#config.sends_to, state.engines) : state.told;
    this.#store.dispatch({ type: "consented", consent, told });
    this.#peer?.send(setConsent(consent, told));
    // A pause is of what was allowed: allowed anew, it runs.
    if (!allowed) this.#unpause(what);
    if (!allowed && what === "recording") this.#running = { ...this.#running, recording: false };
  }

  /** Clips of this call are there, which the end of the consent would delete: nothing more is recorded until that is clear. */
  askWithdrawal() {
    this.#store.dispatch({ type: "withdrawing", asked: true });
    if (this.#store.state.status?.recording) this.stopRecording();
  }

  startRecording() {
    if (!this.#store.state.consent.recording) {
      this.#store.dispatch({ type: "problem", problem: { code: "consent_required", detail: "" } });
      return;
    }
    this.#peer?.send({ type: "start_recording" });
  }

  stopRecording() {
    this.#peer?.send({ type: "stop_recording" });
    this.#unpause("recording");
  }

  /** @param {Pausable} what */
  togglePause(what) {
    const paused = this.#store.state.status?.paused.includes(what);
    this.#peer?.send({ type: paused ? "resume" : "pause", what });
  }

  /**
   * Send a message to the assistant.
   * @param {string} text
   * @param {string | null} [retries] the id of the failed turn that is tried again
   * @returns {boolean} whether it is on its way
   */
  say(text, retries = null) {
    const { chat, connection, consent } = this.#store.state;
    const length = lengthOf(text);
    if (!this.#peer || connection !== "connected" || !text.trim() || length > chat.limit) return false;
    const id = newId();
    this.#store.dispatch({ type: "said", id, text, retries });
    // Half of a pair of surrogates, as a cut or a broken keyboard leaves it, is no JSON that the server takes.
    const sound = text.replace(/\p{Surrogate}/gu, "\ufffd");
    this.#peer.send({ type: "chat", message_id: id, text: sound, mood: consent.analysis && tellsMood(chat) });
    return true;
  }

  stopAnswer() {
    const turn = current(this.#store.state.chat);
    if (turn) this.#peer?.send({ type: "chat_stop", message_id: turn.id });
  }

  clearChat() {
    if (this.#peer) {
      this.#store.dispatch({ type: "clearing" });
      this.#peer.send({ type: "chat_clear" });
    } else {
      // The server forgot it with the call; what is left is on this page, and in the history.
      const kept = this.#store.state.chat.turns.some((turn) => turn.kept === true);
      this.#store.dispatch({ type: "chat_cleared", kept });
    }
  }

  #greet() {
    const { connection, language, consent, told } = this.#store.state;
    if (connection === "connected") this.#peer?.greet(shownIn(language), consent, told);
  }

  /** @param {Pausable} what */
  #unpause(what) {
    if (this.#store.state.status?.paused.includes(what)) this.#peer?.send({ type: "resume", what });
  }

  /**
   * @param {(stream: MediaStream, isCurrent: () => boolean) => Promise<void>} then
   */
  async #begin(then) {
    if (UNDER_WAY.has(this.#store.state.connection)) return;
    const attempt = ++this.#attempt;
    const isCurrent = () => attempt === this.#attempt;
    try {
      const blocked = obstacle();
      if (blocked) throw blocked;
      this.#store.dispatch({ type: "asking" });
      const stream = await this.media.open();
      if (stream && isCurrent()) await then(stream, isCurrent);
    } catch (error) {
      if (isCurrent()) this.#end("failed", Problem.from(error));
    }
  }

  /**
   * @param {MediaStream} stream
   * @param {() => boolean} isCurrent
   */
  async #join(stream, isCurrent) {
    const peer = this.#makePeer(stream);
    this.#peer = peer;
    await peer.connect();
    if (!isCurrent()) return;
    this.#session = peer.session;
    this.#store.dispatch({ type: "connected", session: peer.session });
    this.#greet();
    // What was switched or switched off while the offer was on its way.
    for (const kind of KINDS) peer.replace(kind, stream.getTracks().find((track) => track.kind === kind) ?? null);
  }

  /** @param {MediaStream} stream */
  #makePeer(stream) {
    const { devices } = this.#store.state;
    return new Peer(this.#config, stream, KINDS.filter((kind) => isHeld(devices[kind])), {
      message: (message) => {
        this.#store.dispatch(message);
        if (message.type === "error" && FATAL.has(message.code)) {
          this.#end("failed", new Problem(message.code, message.message));
        } else if (message.type === "welcome" && message.version !== PROTOCOL_VERSION) {
          this.#end("failed", new Problem("version_unsupported"));
        }
      },
      roundTrip: (milliseconds) => this.#store.dispatch({ type: "round_trip", milliseconds }),
      tuned: (tuning) => this.#store.dispatch({ type: "tuned", tuning }),
      lost: (problem) => this.#lose(problem),
      silent: () => this.#miss(),
      heard: () => this.#find(),
    }, this.#store.state.vitals.profile, this.#session);
  }

  /**
   * The camera stays on while the page tries to connect again.
   * @param {Problem} problem
   */
  #lose(problem) {
    if (problem.code === "deleted") return this.#end("idle", problem); // somebody wanted it to be over
    this.#peer = null;
    if (!this.#retrying) this.#retry(problem); // else it is what was silent already
  }

  /** Nothing comes any more. Until another connection is made, this one may go on yet. */
  #miss() {
    this.#retry(new Problem("connection_lost"));
  }

  /** The network is back before another connection was made: the call goes on as it was. */
  #find() {
    if (!this.#retrying) return;
    this.#attempt += 1;
    this.#retrying.stop();
    this.#retrying = null;
    this.#store.dispatch({ type: "connected", session: this.#session && { ...this.#session, resumed: true } });
    this.#store.dispatch({ type: "notice", code: "resumed", text: "", level: "info" });
    // Of what was let go of meanwhile.
    this.#peer?.send({ type: "get_session_status" });
  }

  /**
   * Make another connection as soon as that can be.
   * @param {Problem} problem why
   */
  #retry(problem) {
    const { status, stream } = this.#store.state;
    const attempt = ++this.#attempt;
    const isCurrent = () => attempt === this.#attempt;
    if (!stream) return this.#end("lost", problem);
    // Lost again before the new session said anything, it is still what ran before.
    if (status) {
      this.#running = { recording: status.recording || status.paused.includes("recording"), paused: status.paused };
    }
    const cause = problem.code;
    this.#store.dispatch({ type: "reconnecting", attempt: 1, cause });
    this.#retrying = new Retrying(problem, {
      knock: isThere,
      attempt: async () => {
        if (this.#peer) {
          await pause(HEARD_AGAIN_MS);
          if (!isCurrent()) return;
          this.#peer?.abandon();
          this.#peer = null;
        }
        await this.#join(stream, isCurrent);
        if (isCurrent()) this.#goOn();
      },
      trying: (count) => this.#store.dispatch({ type: "reconnecting", attempt: count, cause }),
      over: (last) => this.#end(isFinal(last.code) ? "failed" : "lost", last),
    });
  }

  /** Where another session began, what ran before runs again in it, and what was paused stays so. */
  #goOn() {
    this.#retrying = null;
    if (this.#peer?.session?.resumed) {
      this.#store.dispatch({ type: "notice", code: "resumed", text: "", level: "info" });
      return;
    }
    const { recording, paused } = this.#running;
    const records = recording && this.#store.state.consent.recording;
    if (records) this.#peer?.send({ type: "start_recording" });
    for (const what of paused) this.#peer?.send({ type: "pause", what });
    const code = records && !paused.includes("recording") ? "reconnected_recording" : "reconnected";
    this.#store.dispatch({ type: "notice", code, text: "", level: "info" });
  }

  /**
   * @param {"idle" | "lost" | "failed"} connection
   * @param {Problem | null} problem
   */
  #end(connection, problem) {
    this.#attempt += 1;
    this.#retrying?.stop();
    this.#retrying = null;
    // One that was lost waits for us on the server: it need not.
    if (this.#peer) this.#peer.close();
    else if (this.#session?.token) sendLeave({ ...this.#session, token: this.#session.token }, false);
    this.#peer = null;
    this.#session = null;
    this.media.close();
    const shown = problem && { code: problem.code, detail: problem.detail };
    this.#store.dispatch({ type: "ended", connection, problem: shown });
  }
}

/** @param {number} milliseconds */
function pause(milliseconds) {
  return new Promise((resolve) => window.setTimeout(resolve, milliseconds));
}

/** `crypto.randomUUID` is missing on insecure origins; random bytes are not. */
function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
