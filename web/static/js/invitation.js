/** What an invitation carries in the fragment of its address. */

const LONGEST = 200;

/**
 * The access code in a fragment, or "" where there is none that could be one.
 * @param {string} fragment as `location.hash` gives it
 * @returns {string}
 */
export function codeIn(fragment) {
  try {
    const code = decodeURIComponent(fragment.replace(/^#/, "")).trim();
    return code.length <= LONGEST ? code : "";
  } catch {
    return ""; // half an escape
  }
}
