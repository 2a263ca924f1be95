/** What fingers, mouse and wheel mean on the river: a look at a moment, a click, a drag, a zoom about a point. */

/**
 * Where things happen, in pixels from the left edge.
 * @typedef {object} Meaning
 * @property {(x: number) => void} hover
 * @property {() => void} leave
 * @property {(x: number) => void} click
 * @property {(x: number, by: number) => void} drag
 * @property {(x: number, factor: number) => void} zoom
 */

/** A pointer that moved no further than this has clicked. */
const CLICK_PX = 5;
const LINE_PX = 16;
/** How much a pixel of the wheel, or of a touchpad's pinch, zooms. */
const WHEEL_ZOOM = 0.0022;
const PINCH_ZOOM = 0.012;
/** A wheel's notch is at least this many pixels, a touchpad's pinch a few. */
const NOTCH_PX = 50;

export class Gestures {
  #element;
  #meaning;
  /** Where each finger or button is pressed. @type {Map<number, number>} */
  #pressed = new Map();
  #travelled = 0;

  /**
   * @param {HTMLElement} element
   * @param {Meaning} meaning
   */
  constructor(element, meaning) {
    this.#element = element;
    this.#meaning = meaning;
    element.addEventListener("pointerdown", (event) => this.#press(event));
    element.addEventListener("pointermove", (event) => this.#move(event));
    element.addEventListener("pointerup", (event) => this.#release(event, true));
    element.addEventListener("pointercancel", (event) => this.#release(event, false));
    element.addEventListener("pointerleave", (event) => {
      if (event.pointerType === "mouse" && this.#pressed.size === 0) meaning.leave();
    });
    // Not passive: a wheel that zooms must not zoom the page as well.
    element.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
  }

  /** @param {MouseEvent} event */
  #x(event) {
    return event.clientX - this.#element.getBoundingClientRect().left;
  }

  /** @param {PointerEvent} event */
  #press(event) {
    if (event.button !== 0) return;
    if (this.#pressed.size === 0) this.#travelled = 0;
    this.#pressed.set(event.pointerId, this.#x(event));
    this.#element.setPointerCapture(event.pointerId);
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const x = this.#x(event);
    const before = this.#pressed.get(event.pointerId);
    if (before === undefined) return this.#meaning.hover(x);
    const span = this.#span();
    this.#pressed.set(event.pointerId, x);
    if (this.#pressed.size > 1) {
      this.#travelled = Number.POSITIVE_INFINITY;
      const [left, right] = this.#pressed.values();
      if (span > 0 && this.#span() > 0) this.#meaning.zoom((left + right) / 2, this.#span() / span);
      return;
    }
    const earlier = this.#travelled;
    this.#travelled += Math.abs(x - before);
    if (this.#travelled <= CLICK_PX) return;
    this.#element.dataset.dragged = "";
    // What it moved before it was a drag is made up for.
    this.#meaning.drag(x, earlier <= CLICK_PX ? Math.sign(x - before) * this.#travelled : x - before);
  }

  /**
   * @param {PointerEvent} event
   * @param {boolean} meant
   */
  #release(event, meant) {
    if (!this.#pressed.delete(event.pointerId) || this.#pressed.size > 0) return;
    delete this.#element.dataset.dragged;
    if (meant && this.#travelled <= CLICK_PX) this.#meaning.click(this.#x(event));
  }

  /** Pixels between two fingers. */
  #span() {
    const [left, right] = this.#pressed.values();
    return right === undefined ? 0 : Math.abs(right - left);
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : LINE_PX;
    const [across, down] = [event.deltaX * unit, event.deltaY * unit];
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      const rate = Math.abs(down) < NOTCH_PX ? PINCH_ZOOM : WHEEL_ZOOM;
      this.#meaning.zoom(this.#x(event), Math.exp(-down * rate));
    } else if (event.shiftKey || Math.abs(across) > Math.abs(down)) {
      // Without a key the wheel scrolls the page, as it does everywhere else.
      event.preventDefault();
      this.#meaning.drag(this.#x(event), -(across || down));
    }
  }
}
