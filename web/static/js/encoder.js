/** The browser's own encoder of the sent picture: what it is told, one change at a time. */

/** @typedef {import("./quality-level.js").Encoding} Encoding */

export class Encoder {
  #sender;
  /** @type {Encoding | null} */
  #wanted = null;
  #busy = false;

  /** @param {RTCRtpSender} sender */
  constructor(sender) {
    this.#sender = sender;
  }

  /** The camera's size in pixels, where the browser tells. */
  get source() {
    const { width, height } = this.#sender.track?.getSettings() ?? {};
    return { width, height };
  }

  /**
   * Ask for an encoding. While one is being set the newest waits.
   * @param {Encoding} encoding
   */
  async apply(encoding) {
    this.#wanted = encoding;
    if (this.#busy) return;
    this.#busy = true;
    while (this.#wanted) {
      const next = this.#wanted;
      this.#wanted = null;
      await set(this.#sender, next);
    }
    this.#busy = false;
  }
}

/**
 * @param {RTCRtpSender} sender
 * @param {Encoding} encoding
 */
async function set(sender, encoding) {
  try {
    const parameters = sender.getParameters();
    // Some browsers have no encodings before the first frame, or until somebody names them.
    parameters.encodings = parameters.encodings?.length ? parameters.encodings : [{}];
    Object.assign(parameters.encodings[0], encoding);
    await sender.setParameters(parameters);
  } catch {
    // A browser that cannot do it, or a connection that has just closed: the picture stays as it is.
  }
}
