/**
 * The river's bands. It is as wide everywhere and turns about the calm in its middle: what is pleasant or sudden lifts it,
 * what is unpleasant lets it sink, so that its course alone tells how it went.
 */

import { EMOTIONS } from "../protocol.js";
import { means } from "./model.js";

const MIDDLE = EMOTIONS.indexOf("neutral");
const EDGES = EMOTIONS.length + 1;
/** Bins narrower than this many pixels are joined by straight lines: nobody can tell. */
const CURVED_PX = 3;

/**
 * Where the edges of the bands lie, from the topmost down, in [-1, 1] with 0 as the middle of the calm.
 * @param {ArrayLike<number>} shares of each class, together 1
 * @param {Float32Array} edges one more than there are classes
 */
export function course(shares, edges) {
  edges[0] = 0 - shares[MIDDLE] / 2;
  for (let i = 0; i < MIDDLE; i += 1) edges[0] -= shares[i];
  for (let i = 0; i < EMOTIONS.length; i += 1) edges[i + 1] = edges[i] + shares[i];
}

/**
 * Paint a stretch that was known.
 * @param {CanvasRenderingContext2D} context
 * @param {import("./runs.js").Run} run
 * @param {import("./bins.js").Level} level
 * @param {{x: (seconds: number) => number, middle: number, half: number}} place
 * @param {string[]} colours of the classes
 */
export function paintBands(context, run, { width, data }, { x, middle, half }, colours) {
  const points = run.bins.length + 2;
  const xs = new Float32Array(points);
  const ys = new Float32Array(points * EDGES);
  const shares = new Float32Array(EMOTIONS.length);
  const edges = new Float32Array(EDGES);
  for (let point = 0; point < points; point += 1) {
    const bin = run.bins[Math.min(run.bins.length - 1, Math.max(0, point - 1))];
    means(data, bin, shares);
    course(shares, edges);
    xs[point] = point === 0 ? x(run.from) : point === points - 1 ? x(run.to) : x((bin + 0.5) * width);
    for (let edge = 0; edge < EDGES; edge += 1) ys[point * EDGES + edge] = middle + edges[edge] * half;
  }
  for (const [band, colour] of colours.entries()) {
    context.beginPath();
    trace(context, xs, ys, band, 1);
    trace(context, xs, ys, band + 1, -1);
    context.closePath();
    context.fillStyle = colour;
    context.fill();
  }
}

/**
 * One edge, to the right or back to the left.
 * @param {CanvasRenderingContext2D} context
 * @param {Float32Array} xs
 * @param {Float32Array} ys
 * @param {number} edge
 * @param {1 | -1} step
 */
function trace(context, xs, ys, edge, step) {
  const last = xs.length - 1;
  const first = step === 1 ? 0 : last;
  context.lineTo(xs[first], ys[first * EDGES + edge]);
  for (let point = first + step; point >= 0 && point <= last; point += step) {
    const before = point - step;
    const y = ys[point * EDGES + edge];
    if (Math.abs(xs[point] - xs[before]) < CURVED_PX) {
      context.lineTo(xs[point], y);
    } else {
      const half = (xs[point] + xs[before]) / 2;
      context.bezierCurveTo(half, ys[before * EDGES + edge], half, y, xs[point], y);
    }
  }
}
