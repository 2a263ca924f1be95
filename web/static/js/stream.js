/** The camera and the microphone that are open: the one stream, its two tracks, and changing them. */

import { recalled, remember } from "./choice.js";
import { isHeld, KINDS, wanted } from "./devices.js";
import { closeMedia, listDevices, openMedia, openTrack } from "./media.js";
import { Problem } from "./problem.js";

/** @typedef {import("./devices.js").Kind} Kind */
/**
 * @typedef {object} StreamEvents
 * @property {(kind: Kind, track: MediaStreamTrack | null) => void} replaced another track is to be sent, or none
 * @property {() => void} lost both devices went away
 */

/** @type {Record<Kind, "microphone" | "camera">} */
const CHOICES = { audio: "microphone", video: "camera" };

/** What was chosen on an earlier visit. */
export function recalledDevices() {
  return { audio: recalled(CHOICES.audio), video: recalled(CHOICES.video) };
}

export class Stream {
  #capture;
  #store;
  #events;
  /** @type {MediaStream | null} */
  #stream = null;
  /** Which opening is the current one: devices that come after a close are closed at once. */
  #opening = 0;
  /** @type {Set<Kind>} kinds whose device is being changed */
  #changing = new Set();

  /**
   * @param {import("./config.js").Config["capture"]} capture
   * @param {import("./state.js").Store} store
   * @param {StreamEvents} events
   */
  constructor(capture, store, events) {
    this.#capture = capture;
    this.#store = store;
    this.#events = events;
    navigator.mediaDevices?.addEventListener?.("devicechange", () => this.#list());
    this.#list();
  }

  /**
   * Both devices, or the one of them that there is; those that are open already stay as they are.
   * @returns {Promise<MediaStream | null>} null when it was closed in the meantime
   * @throws {Problem}
   */
  async open() {
    if (this.#stream) return this.#stream;
    const opening = ++this.#opening;
    const { audio, video } = this.#store.state.devices;
    const { stream, missing } = await openMedia(this.#capture, { audio: wanted(audio), video: wanted(video) });
    if (opening !== this.#opening) {
      closeMedia(stream);
      return null;
    }
    this.#stream = stream;
    for (const track of stream.getTracks()) this.#take(track);
    if (missing) this.#noticeMissing(missing);
    this.#list();
    return stream;
  }

  /** Idempotent. */
  close() {
    this.#opening += 1;
    closeMedia(this.#stream);
    this.#stream = null;
  }

  /**
   * Use this device from now on, at once where its kind is open.
   * @param {Kind} kind
   * @param {string} id
   */
  async choose(kind, id) {
    remember(CHOICES[kind], id);
    this.#store.dispatch({ type: "device", kind, change: { chosen: id } });
    if (this.#track(kind)) await this.#change(kind, () => this.#swap(kind, id));
  }

  /**
   * A microphone that is off sends silence; a camera that is off is let go of, so that its light goes out.
   * @param {Kind} kind
   * @param {boolean} on
   */
  async turn(kind, on) {
    if (!this.#stream || !isHeld(this.#store.state.devices[kind])) return;
    const track = this.#track(kind);
    if (kind === "audio" && track) {
      track.enabled = on;
      this.#store.dispatch({ type: "device", kind, change: { on } });
    } else if (on && !track) {
      await this.#change(kind, () => this.#swap(kind, this.#store.state.devices[kind].chosen));
    } else if (!on && track) {
      this.#drop(track);
      this.#store.dispatch({ type: "device", kind, change: { on, used: null } });
      this.#events.replaced(kind, null);
    }
  }

  /** @param {Kind} kind */
  toggle(kind) {
    return this.turn(kind, !this.#store.state.devices[kind].on);
  }

  /**
   * @param {Kind} kind
   * @returns {MediaStreamTrack | null}
   */
  #track(kind) {
    return this.#stream?.getTracks().find((track) => track.kind === kind) ?? null;
  }

  /**
   * One change of a kind at a time; one that fails is told of, and the call goes on.
   * @param {Kind} kind
   * @param {() => Promise<void>} change
   */
  async #change(kind, change) {
    if (this.#changing.has(kind)) return;
    this.#changing.add(kind);
    try {
      await change();
    } catch (error) {
      const { code, detail } = Problem.from(error);
      if (!this.#track(kind)) this.#store.dispatch({ type: "device", kind, change: { on: false, used: null } });
      this.#store.dispatch({ type: "problem", problem: { code, detail } });
    } finally {
      this.#changing.delete(kind);
    }
  }

  /**
   * @param {Kind} kind
   * @param {string | null} id
   */
  async #swap(kind, id) {
    const opening = this.#opening;
    const former = this.#track(kind);
    const track = await openTrack(kind, this.#capture, id).catch((error) => {
      // Many phones open one camera at a time.
      if (!former || Problem.from(error).code !== "device_in_use") throw error;
      this.#drop(former);
      this.#events.replaced(kind, null);
      return openTrack(kind, this.#capture, id);
    });
    if (opening !== this.#opening || !this.#stream) return track.stop();
    if (former) this.#drop(former);
    this.#stream.addTrack(track);
    this.#take(track);
    this.#events.replaced(kind, track);
    this.#list();
  }

  /** @param {MediaStreamTrack} track */
  #take(track) {
    const kind = /** @type {Kind} */ (track.kind);
    const { on } = this.#store.state.devices[kind];
    track.enabled = kind === "video" || on;
    this.#store.dispatch({
      type: "device", kind, change: { used: track.getSettings().deviceId ?? "", on: track.enabled },
    });
    // A track that ends by itself was unplugged or taken back in the browser's own bar.
    track.addEventListener("ended", () => this.#ended(track));
  }

  /** @param {MediaStreamTrack} track */
  #drop(track) {
    track.stop();
    this.#stream?.removeTrack(track);
  }

  /** @param {MediaStreamTrack} track */
  async #ended(track) {
    const kind = /** @type {Kind} */ (track.kind);
    // Where only one may be open, opening the next ends this one.
    if (!this.#stream?.getTracks().includes(track) || this.#changing.has(kind)) return;
    const id = track.getSettings().deviceId;
    this.#drop(track);
    this.#store.dispatch({ type: "device", kind, change: { used: null } });
    await this.#list();
    const { found } = this.#store.state.devices[kind];
    // Unplugged while there is another: go on with that one. Taken back by the person, it is not asked for again.
    const another = found.length > 0 && !found.some((device) => device.id === id);
    if (another && this.#stream) await this.#change(kind, () => this.#swap(kind, null));
    if (this.#stream && !this.#track(kind)) this.#miss(kind);
  }

  /** @param {Kind} kind */
  #miss(kind) {
    this.#events.replaced(kind, null);
    if (KINDS.some((other) => this.#track(other))) this.#noticeMissing(kind);
    else this.#events.lost();
  }

  /** @param {Kind} missing */
  #noticeMissing(missing) {
    const code = missing === "audio" ? "no_microphone" : "no_camera";
    this.#store.dispatch({ type: "notice", code, text: "", level: "warning" });
  }

  async #list() {
    this.#store.dispatch({ type: "devices_found", infos: await listDevices() });
  }
}
