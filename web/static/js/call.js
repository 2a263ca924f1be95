/** What the person can do in a call, from "Start camera" to "Stop camera". Owns the one peer and the one stream. */

import { current, lengthOf, tellsMood } from "./conversation.js";
import { closeMedia, obstacle, openMedia } from "./media.js";
import { Peer } from "./peer.js";
import { Problem } from "./problem.js";
import { PROTOCOL_VERSION } from "./protocol.js";
import { shownIn } from "./words.js";

/** @typedef {import("./protocol.js").Pausable} Pausable */

/** Errors after which the server will not go on with this call. */
const FATAL = new Set(["hello_timeout", "version_unsupported"]);

export class Call {
  #config;
  #store;
  /** @type {Peer | null} */
  #peer = null;
  /** Which start is the current one: what belongs to an earlier one arrives too late. */
  #attempt = 0;

  /**
   * @param {import("./config.js").Config} config
   * @param {import("./state.js").Store} store
   */
  constructor(config, store) {
    this.#config = config;
    this.#store = store;
    // Said anew, it changes nothing else.
    store.watch(({ language }) => [language], () => this.#greet());
  }

  async start() {
    if (["asking", "connecting", "connected"].includes(this.#store.state.connection)) return;
    const attempt = ++this.#attempt;
    const isCurrent = () => attempt === this.#attempt;
    try {
      const blocked = obstacle();
      if (blocked) throw blocked;
      this.#store.dispatch({ type: "asking" });
      const { stream, missing } = await openMedia(this.#config.capture);
      if (!isCurrent()) return closeMedia(stream);
      this.#store.dispatch({ type: "connecting", stream });
      this.#noticeMissing(missing);
      this.#watchTracks(stream, isCurrent);
      this.#peer = this.#makePeer(stream);
      await this.#peer.connect();
      if (!isCurrent()) return;
      this.#store.dispatch({ type: "connected" });
      this.#greet();
    } catch (error) {
      if (isCurrent()) this.#end("failed", Problem.from(error));
    }
  }

  stop() {
    this.#end("idle", null);
  }

  /**
   * @param {Pausable} what
   * @param {boolean} allowed
   */
  consent(what, allowed) {
    const consent = { ...this.#store.state.consent, [what]: allowed };
    this.#store.dispatch({ type: "consented", consent });
    this.#peer?.send({ type: "set_consent", ...consent });
    // A pause is of what was allowed: allowed anew, it runs.
    if (!allowed) this.#unpause(what);
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
    const { connection, language, consent } = this.#store.state;
    if (connection === "connected") this.#peer?.greet(shownIn(language), consent);
  }

  /** @param {Pausable} what */
  #unpause(what) {
    if (this.#store.state.status?.paused.includes(what)) this.#peer?.send({ type: "resume", what });
  }

  /** @param {MediaStream} stream */
  #makePeer(stream) {
    return new Peer(this.#config, stream, {
      message: (message) => {
        this.#store.dispatch(message);
        if (message.type === "error" && FATAL.has(message.code)) {
          this.#end("failed", new Problem(message.code, message.message));
        } else if (message.type === "welcome" && message.version !== PROTOCOL_VERSION) {
          this.#end("failed", new Problem("version_unsupported"));
        }
      },
      roundTrip: (milliseconds) => this.#store.dispatch({ type: "round_trip", milliseconds }),
      lost: (problem) => this.#end("lost", problem),
    });
  }

  /** @param {import("./media.js").Kind | null} missing */
  #noticeMissing(missing) {
    if (missing === null) return;
    const code = missing === "audio" ? "no_microphone" : "no_camera";
    this.#store.dispatch({ type: "notice", code, text: "", level: "warning" });
  }

  /**
   * A track that ends by itself was unplugged or taken back in the browser's own bar.
   * @param {MediaStream} stream
   * @param {() => boolean} isCurrent
   */
  #watchTracks(stream, isCurrent) {
    for (const track of stream.getTracks()) {
      track.addEventListener("ended", () => {
        if (!isCurrent()) return;
        if (stream.active) this.#noticeMissing(track.kind === "audio" ? "audio" : "video");
        else this.#end("failed", new Problem("device_lost"));
      });
    }
  }

  /**
   * @param {"idle" | "lost" | "failed"} connection
   * @param {Problem | null} problem
   */
  #end(connection, problem) {
    this.#attempt += 1;
    this.#peer?.close();
    this.#peer = null;
    closeMedia(this.#store.state.stream);
    const shown = problem && { code: problem.code, detail: problem.detail };
    this.#store.dispatch({ type: "ended", connection, problem: shown });
  }
}

/** `crypto.randomUUID` is missing on insecure origins; random bytes are not. */
function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
