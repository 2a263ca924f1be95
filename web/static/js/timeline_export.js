/** Asks the server for all that it kept of a session and saves it as a file. */

const LIMIT_MS = 60_000;
const ALL_LIMIT_MS = 600_000;

/** @typedef {import("./moments.js").Said} Said */

/**
 * @param {{session_id: string, token: string | null}} session
 * @param {"csv" | "json" | "zip"} format a zip has everything, clips included
 * @returns {Promise<Said>} what to say of it
 */
export async function exportTimeline({ session_id, token }, format) {
  try {
    const path = format === "zip" ? "export" : `timeline?format=${format}`;
    const response = await fetch(`/api/sessions/${encodeURIComponent(session_id)}/${path}`, {
      headers: token === null ? {} : { Authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(format === "zip" ? ALL_LIMIT_MS : LIMIT_MS),
    });
    if (!response.ok) return await failed(response);
    const name = `mien-${session_id}.${format}`;
    save(await response.blob(), name);
    return { code: "exported", at: null, detail: name };
  } catch {
    return { code: "export_failed", at: null, detail: "" };
  }
}

/**
 * @param {Response} response
 * @returns {Promise<Said>}
 */
async function failed(response) {
  const body = await response.json().catch(() => null);
  if (body?.error?.code === "no_such_session") return { code: "export_missing", at: null, detail: "" };
  return { code: "export_failed", at: null, detail: body?.error?.message ?? `HTTP ${response.status}` };
}

/**
 * @param {Blob} file
 * @param {string} name
 */
function save(file, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  // Browsers take it on a later turn: taken back at once it would be gone before that.
  window.setTimeout(() => URL.revokeObjectURL(link.href), LIMIT_MS);
}
