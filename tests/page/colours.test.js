/** The colours: read on their grounds (WCAG 2.2, 1.4.3 and 1.4.11), told apart by those who see fewer of them. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const CSS = readFileSync(new URL("../../web/static/css/base.css", import.meta.url), "utf8");
const EMOTIONS = ["happy", "surprise", "neutral", "sad", "fear", "angry", "disgust"];

/** Text on its grounds. @type {[string, string[]][]} */
const TEXT = [
  ["ink", ["ground", "surface", "sunken"]],
  ["quiet", ["ground", "surface", "sunken"]],
  ["link", ["ground", "surface"]],
  ["on-accent", ["accent", "accent-hover"]],
  ["ink", ["asked", "red-soft", "amber-soft"]],
  ["red", ["surface", "red-soft"]],
];

/** Below this difference in CIELAB (CIE76) two bars side by side look alike; just seen apart is 2.3. */
const APART = 14;

/** Machado, Oliveira and Fernandes, 2009, severity 1.0, on linear RGB. @type {Record<string, number[][]>} */
const SIGHT = {
  "full sight": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  protanopia: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
  deuteranopia: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
  tritanopia: [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
};

/** @param {string} block @returns {Record<string, number[]>} linear RGB by name */
function colours(block) {
  const found = block.matchAll(/--([\w-]+):\s*#([0-9a-f]{6});/g);
  return Object.fromEntries([...found].map(([, name, hex]) => [name, hex.match(/../g)?.map(linear) ?? []]));
}

/** @param {string} pair of hexadecimal digits */
function linear(pair) {
  const value = parseInt(pair, 16) / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

const light = colours(CSS.slice(0, CSS.indexOf("@media (prefers-color-scheme: dark)")));
const dark = colours(CSS.slice(CSS.indexOf("@media (prefers-color-scheme: dark)")));
const THEMES = { light, dark: { ...light, ...dark } };

/** @param {number[]} rgb */
const luminance = ([red, green, blue]) => 0.2126 * red + 0.7152 * green + 0.0722 * blue;

/** @param {number[]} one @param {number[]} other */
function contrast(one, other) {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

/** @param {number[][]} matrix @param {number[]} rgb */
const seen = (matrix, rgb) => matrix.map((row) => Math.min(1, Math.max(0, row.reduce((sum, by, at) => sum + by * rgb[at], 0))));

/** CIELAB, D65. @param {number[]} rgb linear */
function lab([red, green, blue]) {
  const [x, y, z] = [
    (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505,
    0.2126 * red + 0.7152 * green + 0.0722 * blue,
    (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089,
  ].map((value) => (value > 216 / 24389 ? Math.cbrt(value) : (24389 / 27 * value + 16) / 116));
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** @param {number[]} one @param {number[]} other */
const difference = (one, other) => Math.hypot(...lab(one).map((value, at) => value - lab(other)[at]));

for (const [theme, palette] of Object.entries(THEMES)) {
  test(`text is read on its grounds: ${theme}`, () => {
    for (const [name, grounds] of TEXT) {
      for (const ground of grounds) {
        const ratio = contrast(palette[name], palette[ground]);
        assert.ok(ratio >= 4.5, `${name} on ${ground}: ${ratio.toFixed(2)}`);
      }
    }
  });

  test(`bars, edges and dots stand out from what they lie on: ${theme}`, () => {
    for (const name of [...EMOTIONS, "focus", "line-strong", "accent"]) {
      const ratio = contrast(palette[name], palette.surface);
      assert.ok(ratio >= 3, `${name} on surface: ${ratio.toFixed(2)}`);
    }
  });

  for (const [sight, matrix] of Object.entries(SIGHT)) {
    test(`no two expressions look alike: ${theme}, ${sight}`, () => {
      for (const [at, one] of EMOTIONS.entries()) {
        for (const other of EMOTIONS.slice(at + 1)) {
          const apart = difference(seen(matrix, palette[one]), seen(matrix, palette[other]));
          assert.ok(apart >= APART, `${one} and ${other}: ${apart.toFixed(1)}`);
        }
      }
    });
  }
}
