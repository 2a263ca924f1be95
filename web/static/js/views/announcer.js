/** The region that a screen reader reads the expression from; nobody sees it. */

import { words } from "../words.js";
import { byId, setText } from "./dom.js";

export class AnnouncerView {
  #region = byId("announced", HTMLElement);

  /** @param {import("../state.js").Store} store */
  constructor(store) {
    store.watch(({ language, announcer }) => [language, announcer.said], ({ language, announcer: { said } }) => {
      if (said === null) return setText(this.#region, "");
      const { emotions, reasons, reasonUnknown, spoken } = words(language);
      const text = said.emotion === "unknown"
        ? spoken.unknown(reasons[said.reason ?? ""] ?? reasonUnknown)
        : spoken.likely(emotions[said.emotion] ?? said.emotion);
      setText(this.#region, text);
    });
  }
}
