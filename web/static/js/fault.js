/** Why a part of the server does not do its work, for a reader of any language. Pure. */

import { words } from "./words.js";

/**
 * @param {string} language
 * @param {{code: string | null, reason?: string | null}} fault as the server tells it; `reason` is English
 * @returns {{text: string, detail: string}} our words for the code, and beside them the server's; its own where we have
 *   none
 */
export function faultOf(language, { code, reason }) {
  const text = words(language).faults[code ?? ""];
  return text ? { text, detail: reason ?? "" } : { text: reason ?? code ?? "", detail: "" };
}

/**
 * Both, for who runs the server.
 * @param {string} language
 * @param {{code: string | null, reason?: string | null}} fault
 */
export function faultInFull(language, fault) {
  const { text, detail } = faultOf(language, fault);
  return [text, detail].filter(Boolean).join(" — ");
}

/**
 * Why those who go before did not speak. What nobody has set up is no news.
 * @param {string} language
 * @param {{fallback_codes: Record<string, string>, fallback_reason: string | null}} result
 */
export function passedOver(language, { fallback_codes, fallback_reason }) {
  const { faults } = words(language);
  const told = Object.entries(fallback_codes).filter(([, code]) => code !== "not_set_up");
  if (told.some(([, code]) => !(code in faults))) return fallback_reason ?? "";
  return told.map(([engine, code]) => `${engine}: ${faults[code]}`).join("; ");
}
