/** One connection to the server: the offer, the channel `events`, its heartbeat, and leaving. */

import { Heartbeat } from "./heartbeat.js";
import { Problem } from "./problem.js";
import { CHANNEL, hello, parse, serialise } from "./protocol.js";
import { rulesWith } from "./quality-rules.js";
import { getIceServers, postOffer, sendLeave } from "./signaling.js";
import { Tuner } from "./tuner.js";

/** @typedef {import("./config.js").Config} Config */
/** @typedef {import("./devices.js").Kind} Kind */
/** @typedef {import("./protocol.js").Consent} Consent */
/** @typedef {import("./protocol.js").PageMessage} PageMessage */
/** @typedef {import("./protocol.js").ServerMessage} ServerMessage */

/**
 * @typedef {object} PeerEvents
 * @property {(message: ServerMessage) => void} message
 * @property {(milliseconds: number) => void} roundTrip
 * @property {(tuning: import("./tuner.js").Tuning) => void} tuned
 * @property {(problem: Problem) => void} lost called once; the peer is closed by then
 * @property {() => void} silent nothing comes any more; the peer listens on, for a network that is back soon
 * @property {() => void} heard something comes again
 */

const GATHERING_LIMIT_MS = 2000;
const OPENING_LIMIT_MS = 12000;

export class Peer {
  #config;
  #resumes;
  #events;
  #connection;
  #channel;
  /** @type {Partial<Record<Kind, RTCRtpSender>>} */
  #senders = {};
  #tuner;
  #closed = false;
  #silent = false;
  #back = false;
  /** @type {import("./signaling.js").Answer | null} */
  #session = null;
  /** @type {number | undefined} */
  #pinging;

  /**
   * @param {Config} config
   * @param {MediaStream} stream
   * @param {readonly Kind[]} kinds what is sent, be it later: a camera that is off now has its place in the offer
   * @param {PeerEvents} events
   * @param {import("./quality-rules.js").Profile} profile
   * @param {import("./moments.js").Session | null} resumes the session that is to go on
   */
  constructor(config, stream, kinds, events, profile, resumes) {
    this.#config = config;
    this.#resumes = resumes;
    this.#events = events;
    this.#connection = new RTCPeerConnection({ iceServers: [] });
    // Made before the offer, so that the offer has the line for it and no second negotiation is needed.
    this.#channel = this.#connection.createDataChannel(CHANNEL, { ordered: true });
    for (const kind of kinds) {
      const track = stream.getTracks().find((one) => one.kind === kind);
      const transceiver = this.#connection.addTransceiver(track ?? kind, { direction: "sendonly", streams: [stream] });
      if (kind === "video") preferCodec(transceiver, config.video_codec);
      this.#senders[kind] = transceiver.sender;
    }
    const rules = rulesWith(config.quality?.rules);
    this.#tuner = new Tuner(this.#connection, this.#senders.video ?? null, rules, profile, (tuning) => {
      if (!this.#closed) events.tuned(tuning);
    });
  }

  /**
   * Negotiate and wait until the channel is open. Closed when it throws.
   * @throws {Problem}
   */
  async connect() {
    try {
      if (this.#config.asks_ice_servers) await this.#useIceServers();
      await this.#connection.setLocalDescription();
      await gathered(this.#connection);
      const offer = this.#connection.localDescription;
      if (!offer?.sdp.includes("a=candidate:")) throw new Problem("no_candidates");
      this.#session = await postOffer(offer, this.#resumes);
      if (this.#closed) {
        // Left while the offer was on its way: the server has a session that nobody wants any more.
        sendLeave(this.#session, this.#back);
        return;
      }
      await this.#connection.setRemoteDescription({ type: this.#session.type, sdp: this.#session.sdp });
      await this.#opened();
      this.#watch();
    } catch (error) {
      this.close(true);
      throw error;
    }
  }

  /** What the offer was answered with; its token lets the page ask about the session. */
  get session() {
    return this.#session;
  }

  /** @param {PageMessage} message */
  send(message) {
    if (this.#channel.readyState === "open") this.#channel.send(serialise(message));
  }

  /**
   * Send another track of this kind from now on, or none. Nothing is negotiated for it.
   * @param {Kind} kind
   * @param {MediaStreamTrack | null} track
   */
  async replace(kind, track) {
    if (!this.#closed) await this.#senders[kind]?.replaceTrack(track);
  }

  /**
   * @param {string} language
   * @param {Consent} consent
   * @param {readonly string[]} told
   */
  greet(language, consent, told) {
    this.send(hello(language, consent, told));
  }

  /** @param {import("./quality-rules.js").Profile} profile */
  chooseQuality(profile) {
    this.#tuner.choose(profile);
  }

  /**
   * Idempotent. Tells the server, which then need not wait for silence to free the session.
   * @param {boolean} [back] whether the page may come back to it
   */
  close(back = false) {
    if (this.#closed) return;
    this.#back = back;
    if (this.#session) sendLeave(this.#session, back);
    this.abandon();
  }

  /** Close without a word: another connection is to take the place of this one. Idempotent. */
  abandon() {
    this.#closed = true;
    window.clearInterval(this.#pinging);
    this.#channel.close();
    this.#connection.close();
  }

  async #useIceServers() {
    const iceServers = await getIceServers();
    if (!this.#closed) this.#connection.setConfiguration({ ...this.#connection.getConfiguration(), iceServers });
  }

  #opened() {
    return new Promise((resolve, reject) => {
      const fail = () => reject(new Problem("connection_failed"));
      const limit = window.setTimeout(fail, OPENING_LIMIT_MS);
      this.#channel.addEventListener("open", () => { window.clearTimeout(limit); resolve(undefined); }, { once: true });
      this.#channel.addEventListener("close", fail, { once: true });
      this.#connection.addEventListener("connectionstatechange", () => {
        if (this.#connection.connectionState === "failed") fail();
      });
      if (this.#channel.readyState === "open") resolve(undefined);
    });
  }

  #watch() {
    const heartbeat = new Heartbeat(performance.now());
    this.#channel.addEventListener("message", ({ data }) => {
      const message = parse(data);
      if (message === null || this.#closed) return;
      if (message.type === "pong") {
        const now = performance.now();
        const roundTrip = heartbeat.pong(now, message.client_ts);
        this.#tuner.answered(now, roundTrip, message);
        this.#events.roundTrip(roundTrip);
      }
      this.#events.message(message);
      if (message.type === "session_ended") this.#lose(message.code, message.message);
    });
    this.#channel.addEventListener("close", () => this.#lose("channel_closed"));
    this.#connection.addEventListener("connectionstatechange", () => {
      if (this.#connection.connectionState === "failed") this.#lose("connection_lost");
    });
    this.#pinging = window.setInterval(() => {
      const now = performance.now();
      heartbeat.received(now, this.#tuner.received);
      const silent = heartbeat.isSilent(now);
      if (silent !== this.#silent) {
        this.#silent = silent;
        (silent ? this.#events.silent : this.#events.heard)();
      }
      heartbeat.ping();
      const quality = this.#tuner.tick(now);
      // One that waits to be sent is enough.
      if (!silent || this.#channel.bufferedAmount === 0) this.send({ type: "ping", client_ts: now, quality });
    }, this.#config.ping_interval_ms);
  }

  /**
   * @param {string} code
   * @param {string} [detail]
   */
  #lose(code, detail) {
    if (this.#closed) return;
    this.close(code !== "deleted");
    this.#events.lost(new Problem(code, detail));
  }
}

/**
 * Without ICE servers gathering is a matter of milliseconds; with one that does not answer we go with what is there.
 * @param {RTCPeerConnection} connection
 */
function gathered(connection) {
  return new Promise((resolve) => {
    const done = () => connection.iceGatheringState === "complete" && resolve(undefined);
    connection.addEventListener("icegatheringstatechange", done);
    window.setTimeout(resolve, GATHERING_LIMIT_MS);
    done();
  });
}

/**
 * Put one codec first and keep the others behind it, for a server that lacks it.
 * @param {RTCRtpTransceiver} transceiver
 * @param {Config["video_codec"]} codec
 */
function preferCodec(transceiver, codec) {
  if (codec === "auto" || !("setCodecPreferences" in transceiver)) return;
  const wanted = `video/${codec}`.toLowerCase();
  // Browsers disagree on whose list a sending transceiver is held to; what both lists have is safe.
  const received = RTCRtpReceiver.getCapabilities("video")?.codecs ?? [];
  const sent = RTCRtpSender.getCapabilities("video")?.codecs ?? [];
  const key = (/** @type {RTCRtpCodec} */ c) => `${c.mimeType} ${c.sdpFmtpLine ?? ""}`.toLowerCase();
  const receivable = new Set(received.map(key));
  const codecs = sent.filter((c) => receivable.has(key(c)));
  if (!codecs.some((c) => c.mimeType.toLowerCase() === wanted)) return;
  const rank = (/** @type {RTCRtpCodec} */ c) => (c.mimeType.toLowerCase() === wanted ? 0 : 1);
  transceiver.setCodecPreferences(codecs.toSorted((a, b) => rank(a) - rank(b)));
}
