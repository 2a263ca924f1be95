/** What the person chose, for this browser to remember. Where it remembers nothing, it is chosen anew each time. */

/** @typedef {"language" | "mood" | "camera" | "microphone" | "shortcuts" | "quality" | "outline"} Choice */

/**
 * @param {Choice} choice
 * @returns {string | null} null where nothing was chosen
 */
export function recalled(choice) {
  try {
    return localStorage.getItem(key(choice));
  } catch {
    return null;
  }
}

/**
 * @param {Choice} choice
 * @param {string} value
 */
export function remember(choice, value) {
  try {
    localStorage.setItem(key(choice), value);
  } catch {
    // Storage may be blocked or full; the choice then holds for this page.
  }
}

/**
 * @param {Choice} choice
 * @returns {boolean | null}
 */
export function recalledSwitch(choice) {
  const value = recalled(choice);
  return value === null ? null : value === "on";
}

/**
 * @param {Choice} choice
 * @param {boolean} on
 */
export function rememberSwitch(choice, on) {
  remember(choice, on ? "on" : "off");
}

/** @param {Choice} choice */
function key(choice) {
  return `mien.${choice}`;
}
