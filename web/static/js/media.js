/** The camera and the microphone: asking for them, and what it means when they do not come. */

import { Problem } from "./problem.js";

/** @typedef {import("./devices.js").Kind} Kind */
/** @typedef {{width: number, height: number, frame_rate: number}} Capture */
/** @typedef {{stream: MediaStream, missing: Kind | null}} Media `missing` is the kind we go on without */

/** @type {Record<string, string>} */
const CODES = {
  NotAllowedError: "permission_refused",
  SecurityError: "permission_refused",
  NotFoundError: "no_device",
  OverconstrainedError: "no_device",
  NotReadableError: "device_in_use",
  AbortError: "device_in_use",
};

/**
 * Ask for both; where one of the two cannot be had, go on with the other.
 * @param {Capture} capture
 * @param {Record<Kind, string | null>} chosen ids of devices, each used while it is there
 * @returns {Promise<Media>}
 * @throws {Problem}
 */
export async function openMedia(capture, chosen) {
  const wanted = constraints(capture, chosen);
  try {
    return { stream: await ask(wanted), missing: null };
  } catch (error) {
    for (const kind of await worthTrying(error)) {
      try {
        const stream = await ask({ [kind]: wanted[kind] });
        return { stream, missing: kind === "video" ? "audio" : "video" };
      } catch {
        // The first failure, of both together, is the one to explain.
      }
    }
    throw explained(error);
  }
}

/**
 * Ask for one device, or for the browser's choice where it is null or gone.
 * @param {Kind} kind
 * @param {Capture} capture
 * @param {string | null} id
 * @returns {Promise<MediaStreamTrack>}
 * @throws {Problem}
 */
export async function openTrack(kind, capture, id) {
  const wanted = constraints(capture, { audio: id, video: id });
  try {
    const stream = await ask({ [kind]: wanted[kind] });
    return stream.getTracks()[0];
  } catch (error) {
    throw explained(error);
  }
}

/** @returns {Promise<MediaDeviceInfo[]>} none where the browser does not say */
export async function listDevices() {
  try {
    return await navigator.mediaDevices.enumerateDevices();
  } catch {
    return [];
  }
}

/** @param {MediaStream | null} stream */
export function closeMedia(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/**
 * What keeps this page from calling at all, known without asking anyone.
 * @returns {Problem | null}
 */
export function obstacle() {
  // An insecure origin has no mediaDevices either, so it must be asked first.
  if (!window.isSecureContext) return new Problem("insecure_origin");
  if (!navigator.mediaDevices?.getUserMedia || !("RTCPeerConnection" in window)) {
    return new Problem("no_webrtc");
  }
  return null;
}

/**
 * Where a chosen device is gone, another one is better than none. A browser weighs an `ideal` device against the size
 * of its picture and may take another, so the chosen one is asked for as `exact` first.
 * @param {Partial<Record<Kind, MediaTrackConstraints>>} wanted
 */
async function ask(wanted) {
  try {
    return await navigator.mediaDevices.getUserMedia(wanted);
  } catch (error) {
    if (named(error).name !== "OverconstrainedError") throw error;
    const any = Object.entries(wanted).map(([kind, { deviceId: _, ...rest }]) => [kind, rest]);
    return navigator.mediaDevices.getUserMedia(Object.fromEntries(any));
  }
}

/**
 * @param {Capture} capture
 * @param {Record<Kind, string | null>} chosen
 * @returns {Record<Kind, MediaTrackConstraints>}
 */
function constraints(capture, chosen) {
  const device = (/** @type {Kind} */ kind) => (chosen[kind] ? { deviceId: { exact: chosen[kind] } } : {});
  return {
    video: {
      ...device("video"),
      width: { ideal: capture.width },
      height: { ideal: capture.height },
      frameRate: { ideal: capture.frame_rate },
    },
    // Gain control would flatten the loudness that arousal is read from.
    audio: { ...device("audio"), echoCancellation: true, autoGainControl: false, noiseSuppression: true },
  };
}

/**
 * The kinds that may still come alone after both together failed.
 * @param {unknown} error
 * @returns {Promise<Kind[]>}
 */
async function worthTrying(error) {
  switch (CODES[named(error).name]) {
    case "no_device": {
      const devices = await navigator.mediaDevices.enumerateDevices();
      const has = (/** @type {string} */ kind) => devices.some((device) => device.kind === kind);
      if (has("videoinput")) return ["video"];
      return has("audioinput") ? ["audio"] : [];
    }
    case "permission_refused": {
      const [camera, microphone] = await Promise.all([denied("camera"), denied("microphone")]);
      if (camera === microphone) return [];
      return camera ? ["audio"] : ["video"];
    }
    case "device_in_use":
      return ["video", "audio"];
    default:
      return [];
  }
}

/** @param {string} name */
async function denied(name) {
  try {
    const status = await navigator.permissions.query({ name: /** @type {PermissionName} */ (name) });
    return status.state === "denied";
  } catch {
    return true; // a browser that cannot say: taken as refused, so that nobody is asked twice
  }
}

/** @param {unknown} error */
function explained(error) {
  const { name, message } = named(error);
  return new Problem(CODES[name] ?? "media_failed", message);
}

/**
 * @param {unknown} error
 * @returns {{name: string, message: string}}
 */
function named(error) {
  return error instanceof Error ? error : { name: "", message: String(error) };
}
