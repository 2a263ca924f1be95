/** What the person chose for this browser to remember. Where it remembers nothing, it is chosen anew each time. */

const MOOD = "mien.chat.mood";

/** @returns {boolean | null} null where nothing was chosen */
export function rememberedMood() {
  try {
    const value = localStorage.getItem(MOOD);
    return value === null ? null : value === "on";
  } catch {
    return null;
  }
}

/** @param {boolean} told */
export function rememberMood(told) {
  try {
    localStorage.setItem(MOOD, told ? "on" : "off");
  } catch {
    // Storage may be blocked or full; the choice then holds for this page.
  }
}
