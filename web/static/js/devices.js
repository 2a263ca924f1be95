/** The cameras and microphones that there are, which of them is used, and whether it is on. Pure: state in, state out. */

/** @typedef {"audio" | "video"} Kind */
/** @typedef {{id: string, label: string}} Device a label is empty until the browser was allowed to open one */

/**
 * One kind of device. `chosen` is remembered from visit to visit, `used` is the one that is open now; `on` is what the
 * person wishes: a device that is off may be had again at any time.
 * @typedef {object} Source
 * @property {Device[]} found
 * @property {string | null} chosen
 * @property {string | null} used
 * @property {boolean} on
 */

/** @typedef {Record<Kind, Source>} Devices */

/** @type {readonly Kind[]} */
export const KINDS = ["audio", "video"];

/**
 * @param {Partial<Record<Kind, string | null>>} [chosen] device ids
 * @returns {Devices}
 */
export function newDevices(chosen = {}) {
  const source = (/** @type {Kind} */ kind) => ({ found: [], chosen: chosen[kind] ?? null, used: null, on: true });
  return { audio: source("audio"), video: source("video") };
}

/**
 * @param {Devices} devices
 * @param {readonly {kind: string, deviceId: string, label: string}[]} infos of `enumerateDevices`
 * @returns {Devices}
 */
export function found(devices, infos) {
  const of = (/** @type {Kind} */ kind) => infos
    // Until the browser was allowed to open one, it names none and gives no id.
    .filter((info) => info.kind === `${kind}input` && info.deviceId !== "")
    .map(({ deviceId, label }) => ({ id: deviceId, label }));
  return {
    audio: { ...devices.audio, found: of("audio") },
    video: { ...devices.video, found: of("video") },
  };
}

/**
 * @param {Devices} devices
 * @param {Kind} kind
 * @param {Partial<Source>} change
 * @returns {Devices}
 */
export function changed(devices, kind, change) {
  return { ...devices, [kind]: { ...devices[kind], ...change } };
}

/**
 * Nothing is open any more; what is opened next begins switched on.
 * @param {Devices} devices
 * @returns {Devices}
 */
export function closed(devices) {
  return {
    audio: { ...devices.audio, used: null, on: true },
    video: { ...devices.video, used: null, on: true },
  };
}

/**
 * The device that a picker shows: the one in use, else the chosen one while it is there, else the browser's first.
 * @param {Source} source
 * @returns {string | null} null where the browser will choose
 */
export function selected({ found: all, chosen, used }) {
  const there = (/** @type {string | null} */ id) => all.some((device) => device.id === id);
  if (there(used)) return used;
  if (there(chosen)) return chosen;
  return all[0]?.id ?? null;
}

/**
 * The device to ask for: the chosen one, unless it is known to be gone.
 * @param {Source} source
 * @returns {string | null} null for whichever there is
 */
export function wanted({ found: all, chosen }) {
  return all.length === 0 || all.some((device) => device.id === chosen) ? chosen : null;
}

/**
 * @param {Source} source
 * @returns {boolean} whether it is open, or only switched off
 */
export function isHeld({ used, on }) {
  return used !== null || !on;
}
