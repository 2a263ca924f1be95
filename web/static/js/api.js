/** What the server's HTTP interface answers, or why it does not. */

/** The server did not do what was asked. `code` is the server's, or `server_unreachable`. */
export class ApiProblem extends Error {
  /**
   * @param {string} code
   * @param {string} message
   */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/**
 * @param {string} path
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>} Rejects with `ApiProblem`.
 */
export async function read(path, signal) {
  const response = await ask(path, { signal });
  try {
    return await response.json();
  } catch (error) {
    throw new ApiProblem("server_unreachable", String(error));
  }
}

/**
 * @param {string} path
 * @param {string | null} [token] of a caller, for what belongs to their call; the server's own machine needs none
 * @returns {Promise<void>} Rejects with `ApiProblem`.
 */
export async function remove(path, token = null) {
  await ask(path, { method: "DELETE", headers: token === null ? {} : { Authorization: `Bearer ${token}` } });
}

/**
 * @param {string} path
 * @param {RequestInit} options
 */
async function ask(path, options) {
  let response;
  try {
    response = await fetch(path, { cache: "no-store", ...options });
  } catch (error) {
    throw new ApiProblem("server_unreachable", String(error));
  }
  // A server that is not ready says so with the same body, which is what is asked for.
  if (response.ok || path === "/readyz") return response;
  const { error } = await response.json().catch(() => ({}));
  throw new ApiProblem(error?.code ?? "server_unreachable", error?.message ?? response.statusText);
}
