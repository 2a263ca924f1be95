/** Which devices there are, which is shown as chosen, and what a call's end makes of them. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { changed, closed, found, isHeld, newDevices, selected, wanted } from "../../web/static/js/devices.js";

const INFOS = [
  { kind: "videoinput", deviceId: "front", label: "Front" },
  { kind: "videoinput", deviceId: "back", label: "Back" },
  { kind: "audioinput", deviceId: "desk", label: "Desk" },
  { kind: "audiooutput", deviceId: "speaker", label: "Speaker" },
];

test("each kind has its own devices, and a speaker is neither", () => {
  const { audio, video } = found(newDevices(), INFOS);
  assert.deepEqual(audio.found, [{ id: "desk", label: "Desk" }]);
  assert.deepEqual(video.found.map(({ id }) => id), ["front", "back"]);
});

test("a device without an id is none to choose, since the browser was not allowed to name it", () => {
  const { video } = found(newDevices(), [{ kind: "videoinput", deviceId: "", label: "" }]);
  assert.deepEqual(video.found, []);
  assert.equal(selected(video), null);
});

test("the chosen device is shown, and the first one once it is gone", () => {
  const devices = found(newDevices({ video: "back" }), INFOS);
  assert.equal(selected(devices.video), "back");
  assert.equal(selected(found(devices, INFOS.slice(0, 1)).video), "front");
  assert.equal(selected(found(devices, INFOS).video), "back");
});

test("the chosen device is asked for unless it is known to be gone", () => {
  const devices = newDevices({ video: "back" });
  assert.equal(wanted(devices.video), "back");
  assert.equal(wanted(found(devices, INFOS).video), "back");
  assert.equal(wanted(found(devices, INFOS.slice(0, 1)).video), null);
});

test("the device in use is shown whatever was chosen", () => {
  const devices = changed(found(newDevices({ video: "back" }), INFOS), "video", { used: "front" });
  assert.equal(selected(devices.video), "front");
});

test("what is switched off is held, what is missing is not", () => {
  const { video } = newDevices();
  assert.equal(isHeld(video), false);
  assert.equal(isHeld({ ...video, on: false }), true);
  assert.equal(isHeld({ ...video, used: "front" }), true);
});

test("the next call begins with all switched on, and remembers the choice", () => {
  const devices = changed(newDevices({ audio: "desk" }), "audio", { used: "desk", on: false });
  const { audio } = closed(devices);
  assert.deepEqual([audio.on, audio.used, audio.chosen], [true, null, "desk"]);
});
