/** The hosts that pictures and sound may be sent on to, as the words beside the box name them. Pure. */

/**
 * All that the server was told to use, whether they answer at the moment or not: those that it named with the page, and
 * those of a server that was started anew since.
 * @param {readonly string[]} configured
 * @param {readonly import("./protocol.js").Engine[]} engines
 * @returns {string[]}
 */
export function hostsOf(configured, engines) {
  const named = engines.map(({ sends_to }) => sends_to).filter((host) => host !== null);
  return [...new Set([...configured, ...named])];
}
