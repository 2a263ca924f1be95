/** Keeps the screen from going dark during a call, where the browser can. */

const AWAKE = new Set(["connecting", "connected", "reconnecting"]);

export class Wake {
  #wanted = false;
  /** @type {WakeLockSentinel | null} */
  #lock = null;

  /** @param {import("./state.js").Store} store */
  constructor(store) {
    // A page that goes into the back loses its lock for good.
    document.addEventListener("visibilitychange", () => this.#settle());
    store.watch(({ connection }) => [AWAKE.has(connection)], ({ connection }) => {
      this.#wanted = AWAKE.has(connection);
      this.#settle();
    });
  }

  async #settle() {
    if (!this.#wanted) return this.#release();
    if (document.hidden || (this.#lock && !this.#lock.released)) return;
    try {
      const lock = await navigator.wakeLock.request("screen");
      await this.#release();
      this.#lock = lock;
      if (!this.#wanted) await this.#release();
    } catch {
      // An older browser has none, and one that saves its battery refuses: the screen then goes dark as ever.
    }
  }

  async #release() {
    const lock = this.#lock;
    this.#lock = null;
    await lock?.release();
  }
}
