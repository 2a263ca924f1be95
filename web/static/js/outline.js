/** Where the outline of a face lies over the preview. Pure: boxes and sizes in, pixels out. */

/** @typedef {import("./protocol.js").FaceBox} FaceBox */
/** @typedef {{width: number, height: number}} Size pixels */
/** @typedef {{left: number, top: number, width: number, height: number}} Area pixels */

/** The face that was found last, and the session second up to which that is known. */
/** @typedef {{box: FaceBox | null, windowEnd: number}} FaceSeen */

/** By how much of its sides the box, which ends at brows and chin, is grown to hold the whole head calmly. */
const GROWN = { side: 0.14, top: 0.42, bottom: 0.16 };

/**
 * A later window wins. Engines that do not look for faces answer for windows in which one was found: those keep it.
 * @param {FaceSeen | null} seen
 * @param {import("./protocol.js").EmotionResult} result
 * @returns {FaceSeen | null}
 */
export function faceAfter(seen, { face, window_end }) {
  if (seen !== null && window_end < seen.windowEnd) return seen;
  if (seen !== null && window_end === seen.windowEnd && face === null) return seen;
  return { box: face ?? null, windowEnd: window_end };
}

/**
 * The part of a frame that a picture fills with `object-fit: contain`.
 * @param {Size} frame
 * @param {Size} picture
 * @returns {Area}
 */
export function contained(frame, picture) {
  const scale = Math.min(frame.width / picture.width, frame.height / picture.height);
  const width = picture.width * scale;
  const height = picture.height * scale;
  return { left: (frame.width - width) / 2, top: (frame.height - height) / 2, width, height };
}

/**
 * The outline in the frame, around the face as the mirrored preview shows it, and nowhere outside the picture.
 * @param {FaceBox} box
 * @param {Size} frame
 * @param {Size} picture
 * @returns {Area | null} null while there is nothing to draw over
 */
export function outlined(box, frame, picture) {
  if (!(picture.width > 0 && picture.height > 0 && frame.width > 0 && frame.height > 0)) return null;
  const shown = contained(frame, picture);
  const left = clamp(1 - box.x - box.width * (1 + GROWN.side));
  const right = clamp(1 - box.x + box.width * GROWN.side);
  const top = clamp(box.y - box.height * GROWN.top);
  const bottom = clamp(box.y + box.height * (1 + GROWN.bottom));
  return {
    left: shown.left + left * shown.width,
    top: shown.top + top * shown.height,
    width: (right - left) * shown.width,
    height: (bottom - top) * shown.height,
  };
}

/** @param {number} share */
function clamp(share) {
  return Math.min(1, Math.max(0, share));
}
