/** The clips that a page lists, and the one that is looked at. Pure. */

/**
 * A clip as the server lists it. `timestamp` is epoch seconds, `duration` seconds, `size` bytes.
 * @typedef {{name: string, session_id: string, timestamp: number, size: number, url: string, mp4: string,
 *   thumbnail: string | null, emotion: string | null, duration: number | null}} Clip
 */

/**
 * @typedef {object} Gallery
 * @property {Clip[]} clips newest first
 * @property {boolean} older whether there are more than are listed
 * @property {Clip | null} playing it stays, also where it leaves the list
 */

/** @typedef {{type: "play", clip: Clip | null} | {type: "step", by: 1 | -1} | {type: "clip_deleted", name: string}} GalleryEvent */

/** @type {Gallery} */
export const NO_CLIPS = { clips: [], older: false, playing: null };

/**
 * @param {Gallery} gallery
 * @param {{videos: Clip[], next: string | null}} answer
 * @returns {Gallery}
 */
export function listed(gallery, { videos, next }) {
  // Rows are drawn anew only where something differs.
  const known = new Map(gallery.clips.map((clip) => [clip.name, clip]));
  const clips = videos.map((clip) => {
    const before = known.get(clip.name);
    return before && same(before, clip) ? before : clip;
  });
  const unchanged = clips.length === gallery.clips.length && clips.every((clip, at) => clip === gallery.clips[at]);
  return { ...gallery, clips: unchanged ? gallery.clips : clips, older: next !== null };
}

/**
 * @param {Gallery} gallery
 * @param {GalleryEvent} event
 * @returns {Gallery}
 */
export function look(gallery, event) {
  switch (event.type) {
    case "play":
      return { ...gallery, playing: event.clip };
    case "step":
      return { ...gallery, playing: neighbour(gallery, event.by) ?? gallery.playing };
    case "clip_deleted": {
      const following = neighbour(gallery, 1) ?? neighbour(gallery, -1);
      const playing = gallery.playing?.name === event.name ? following : gallery.playing;
      return { ...gallery, clips: gallery.clips.filter(({ name }) => name !== event.name), playing };
    }
  }
}

/**
 * @param {Gallery} gallery
 * @param {1 | -1} by 1 is the next older one
 * @returns {Clip | null}
 */
export function neighbour({ clips, playing }, by) {
  if (playing === null) return null;
  const at = clips.findIndex(({ name }) => name === playing.name);
  return at < 0 ? null : clips[at + by] ?? null;
}

/**
 * @param {Clip} one
 * @param {Clip} other
 */
function same(one, other) {
  return one.emotion === other.emotion && one.duration === other.duration && one.thumbnail === other.thumbnail;
}
