/** The HTTP requests of a call: for its ICE servers, the offer, and the word that we have left. */

import { Problem } from "./problem.js";

/** @typedef {{sdp: string, type: RTCSdpType, session_id: string, token: string, resumed: boolean}} Answer */

const OFFER_LIMIT_MS = 10000;
/** While the network is away a request may hang: better ask again. */
const RESUME_LIMIT_MS = 2500;
const KNOCK_LIMIT_MS = 600;
const ICE_SERVERS_LIMIT_MS = 2500;

/** Refusals with words of their own; any other is `offer_refused`, with the server's reason beside it. */
const CODES = new Set(["access_code_required", "wrong_host", "wrong_origin", "too_many_sessions", "no_port_left"]);
/** What a proxy in front of the server says when the server is not there. */
const ABSENT = new Set([502, 503, 504]);

/**
 * The ICE servers for one connection: their credentials are good for a while only, and a page may have been open for
 * longer. Where the server does not say, a call on the same network does without.
 * @returns {Promise<RTCIceServer[]>}
 */
export async function getIceServers() {
  try {
    const response = await fetch("/api/ice-servers", { signal: AbortSignal.timeout(ICE_SERVERS_LIMIT_MS) });
    return response.ok ? (await response.json()).ice_servers : [];
  } catch {
    return [];
  }
}

/**
 * @param {RTCSessionDescription} offer
 * @param {{session_id: string, token: string | null} | null} session that is to go on, where it still can
 * @returns {Promise<Answer>}
 * @throws {Problem}
 */
export async function postOffer(offer, session) {
  /** @type {Response} */
  let response;
  try {
    response = await fetch("/offer", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({
        sdp: offer.sdp, type: offer.type, session_id: session?.session_id, token: session?.token ?? undefined,
      }),
      signal: AbortSignal.timeout(session ? RESUME_LIMIT_MS : OFFER_LIMIT_MS),
    });
  } catch {
    throw new Problem("server_unreachable");
  }
  const body = await response.json().catch(() => null);
  if (response.ok && body?.sdp) return body;
  const { code, message } = body?.error ?? {};
  if (CODES.has(code)) throw new Problem(code, message);
  if (ABSENT.has(response.status)) throw new Problem("server_unreachable", message);
  throw new Problem("offer_refused", message ?? `HTTP ${response.status}`);
}

/**
 * Whether the server can be reached at this moment. What hangs, as it does while the network is away, is not waited for.
 * @returns {Promise<boolean>}
 */
export async function isThere() {
  try {
    await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(KNOCK_LIMIT_MS) });
    return true;
  } catch {
    return false;
  }
}

/**
 * A beacon is the one request that outlives its page.
 * @param {{session_id: string, token: string}} session
 * @param {boolean} back whether the page may come back: the server then waits for it
 */
export function sendLeave({ session_id, token }, back) {
  const body = new Blob([JSON.stringify({ token, back })], { type: "application/json" });
  navigator.sendBeacon(`/api/sessions/${encodeURIComponent(session_id)}/leave`, body);
}
