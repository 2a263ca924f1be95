/** How many of the clips that this page was told of the server may still have: it keeps the newest. Pure. */

/**
 * @param {{clips: readonly unknown[], olderClips: number}} told those that are listed, and how many no longer are
 * @param {number} most that the server keeps
 * @returns {{all: number, older: number}} at most
 */
export function kept({ clips, olderClips }, most) {
  const all = Math.min(clips.length + olderClips, most);
  return { all, older: Math.max(0, all - clips.length) };
}
