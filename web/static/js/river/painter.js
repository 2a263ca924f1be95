/** Paints the river on a canvas: its bands, where nothing could be told, time, chat turns, clips and the cursor. */

import { EMOTIONS } from "../protocol.js";
import { ticks, written } from "./axis.js";
import { paintBands } from "./bands.js";
import { CLIPS, STRIDE } from "./bins.js";
import { runs } from "./runs.js";

/** A turn of the chat; `at` is session seconds. @typedef {{at: number, role: "user" | "assistant", text: string}} Mark */

/**
 * All that is to be seen.
 * @typedef {object} Scene
 * @property {import("./model.js").River} river
 * @property {import("./viewport.js").Range} range
 * @property {Mark[]} marks
 * @property {number | null} cursor session seconds
 * @property {{start: number, end: number} | null} playing
 */

/** @typedef {{x: (seconds: number) => number, width: number, middle: number, half: number, strip: number, axis: number}} Place */

const MARKS_PX = 16;
const STRIP_PX = 4;
const AXIS_PX = 22;
const GAP_PX = 5;
const HATCH_PX = 7;
const DOT_PX = 5;

export class Painter {
  #canvas;
  #context;

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.#canvas = canvas;
    this.#context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  }

  /** @param {Scene} scene */
  paint(scene) {
    const { width, height } = this.#fit();
    const style = getComputedStyle(this.#canvas);
    const colour = (/** @type {string} */ name) => style.getPropertyValue(`--${name}`).trim();
    const context = this.#context;
    context.clearRect(0, 0, width, height);
    context.font = `11px ${style.fontFamily}`;
    const place = laidOut(scene.range, width, height);
    paintAxis(context, scene.range, place, colour("line"), colour("quiet"));
    const level = scene.river.level((scene.range.to - scene.range.from) / Math.max(1, width));
    for (const run of runs(level, scene.range)) {
      if (run.known) paintBands(context, run, level, place, EMOTIONS.map(colour));
      else paintUnknown(context, run, place, colour("line-strong"));
    }
    paintClips(context, level, scene, place, colour("line-strong"), colour("focus"));
    paintMarks(context, scene, place, colour("ink"), colour("surface"));
    if (scene.cursor !== null) paintCursor(context, scene.cursor, place, colour("ink"), colour("surface"));
  }

  /** As many points as the screen has for the element's size. */
  #fit() {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const ratio = window.devicePixelRatio || 1;
    const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.#canvas.width !== across || this.#canvas.height !== down) {
      this.#canvas.width = across;
      this.#canvas.height = down;
    }
    this.#context.setTransform(ratio, 0, 0, ratio, 0, 0);
    return { width, height };
  }
}

/**
 * @param {import("./viewport.js").Range} range
 * @param {number} width
 * @param {number} height
 * @returns {Place}
 */
function laidOut({ from, to }, width, height) {
  const axis = height - AXIS_PX;
  const strip = axis - STRIP_PX;
  const half = (strip - GAP_PX - MARKS_PX) / 2;
  const x = (/** @type {number} */ seconds) => ((seconds - from) / (to - from)) * width;
  return { x, width, middle: MARKS_PX + half, half, strip, axis };
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {import("./viewport.js").Range} range
 * @param {Place} place
 * @param {string} line
 * @param {string} ink
 */
function paintAxis(context, range, { x, width, axis, middle }, line, ink) {
  context.fillStyle = line;
  context.fillRect(0, Math.round(middle), width, 1);
  context.textBaseline = "bottom";
  for (const at of ticks(range, width)) {
    const words = written(at);
    const wide = context.measureText(words).width;
    context.fillStyle = line;
    context.fillRect(Math.round(x(at)), MARKS_PX, 1, axis - MARKS_PX + 3);
    context.fillStyle = ink;
    context.fillText(words, Math.min(width - wide, Math.max(0, x(at) - wide / 2)), axis + AXIS_PX - 3);
  }
}

/**
 * Somebody was looked for and nothing could be told: quiet hatching about the middle.
 * @param {CanvasRenderingContext2D} context
 * @param {import("./runs.js").Run} run
 * @param {Place} place
 * @param {string} colour
 */
function paintUnknown(context, run, { x, width, middle, half }, colour) {
  const left = Math.max(-1, x(run.from));
  const right = Math.min(width + 1, x(run.to));
  const reach = half / 4;
  context.save();
  context.beginPath();
  context.rect(left, middle - reach, right - left, 2 * reach);
  context.clip();
  context.beginPath();
  // The lines stand on the session and move along with it.
  const start = left - ((left - x(0)) % HATCH_PX) - 2 * reach;
  for (let at = start; at < right; at += HATCH_PX) {
    context.moveTo(at, middle + reach);
    context.lineTo(at + 2 * reach, middle - reach);
  }
  context.strokeStyle = colour;
  context.globalAlpha = 0.7;
  context.stroke();
  context.restore();
}

/**
 * A thin line under all that a clip was kept of; a stronger one under the clip that plays.
 * @param {CanvasRenderingContext2D} context
 * @param {import("./bins.js").Level} level
 * @param {Scene} scene
 * @param {Place} place
 * @param {string} colour
 * @param {string} strong
 */
function paintClips(context, { width, count, data }, { range, playing }, { x, strip }, colour, strong) {
  context.fillStyle = colour;
  const last = Math.min(count - 1, Math.ceil(range.to / width));
  for (let bin = Math.max(0, Math.floor(range.from / width)); bin <= last; bin += 1) {
    if (data[bin * STRIDE + CLIPS] === 0) continue;
    let next = bin + 1;
    while (next <= last && data[next * STRIDE + CLIPS] > 0) next += 1;
    context.fillRect(x(bin * width), strip, x(next * width) - x(bin * width), 2);
    bin = next;
  }
  if (playing === null) return;
  context.fillStyle = strong;
  context.fillRect(x(playing.start), strip - 1, Math.max(3, x(playing.end) - x(playing.start)), 4);
}

/**
 * What the person said is a full dot, what was answered a ring.
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 * @param {Place} place
 * @param {string} ink
 * @param {string} ground
 */
function paintMarks(context, { marks, range }, { x, width }, ink, ground) {
  context.lineWidth = 1.5;
  for (const { at, role } of marks) {
    if (at < range.from || at > range.to) continue;
    context.beginPath();
    // Whole at the edges too: what was just said stands at the right one.
    const place = Math.min(width - DOT_PX, Math.max(DOT_PX, x(at)));
    context.arc(place, MARKS_PX / 2 - 1, role === "user" ? 4 : 3.5, 0, 2 * Math.PI);
    context.fillStyle = role === "user" ? ink : ground;
    context.strokeStyle = role === "user" ? ground : ink;
    context.fill();
    context.stroke();
  }
  context.lineWidth = 1;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} cursor
 * @param {Place} place
 * @param {string} ink
 * @param {string} ground
 */
function paintCursor(context, cursor, { x, width, axis }, ink, ground) {
  const at = Math.min(width - 2, Math.max(2, Math.round(x(cursor))));
  context.fillStyle = ground;
  context.fillRect(at - 2, MARKS_PX - 2, 4, axis - MARKS_PX + 3);
  context.fillStyle = ink;
  context.fillRect(at - 1, MARKS_PX - 2, 2, axis - MARKS_PX + 3);
}
