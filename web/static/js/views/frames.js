/** When a canvas is painted: once a frame at most, only where something asked for it, and never while nobody sees it. */

export class FrameLoop {
  #paint;
  #asked = false;
  #inSight = false;
  #frame = 0;
  /** @type {number | undefined} */
  #later;

  /**
   * @param {HTMLElement} element asks for itself when its size, the colours or its place on the screen change
   * @param {() => void} paint
   */
  constructor(element, paint) {
    this.#paint = paint;
    new ResizeObserver(() => this.ask()).observe(element);
    new IntersectionObserver(([entry]) => {
      this.#inSight = entry.isIntersecting;
      this.#schedule();
    }).observe(element);
    document.addEventListener("visibilitychange", () => this.#schedule());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.ask());
  }

  /** Paint with the next frame that is seen. */
  ask() {
    this.#asked = true;
    this.#schedule();
  }

  /** @param {number} milliseconds */
  askAfter(milliseconds) {
    window.clearTimeout(this.#later);
    this.#later = window.setTimeout(() => this.ask(), milliseconds);
  }

  #schedule() {
    if (!this.#asked || !this.#inSight || document.hidden || this.#frame) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#asked = false;
      this.#paint();
    });
  }
}
