/** What is asked before consent to recording is withdrawn, where clips of the call would go with it. */

import { ownClips } from "../reduce.js";
import { exportTimeline } from "../timeline_export.js";
import { words } from "../words.js";
import { byId, part, setText } from "./dom.js";
import { told } from "./own.js";

export class WithdrawalView {
  #store;
  #question = byId("withdrawal", HTMLElement);
  #ask = byId("withdrawal-ask", HTMLElement);
  #said = byId("withdrawal-said", HTMLElement);
  #export = byId("withdrawal-export", HTMLButtonElement);

  /**
   * @param {import("../state.js").Store} store
   * @param {import("../call.js").Call} call
   */
  constructor(store, call) {
    this.#store = store;
    const no = part(this.#question, ".sure-no", HTMLButtonElement);
    const keep = () => {
      store.dispatch({ type: "withdrawing", asked: false });
      byId("consent-recording", HTMLInputElement).focus();
    };
    no.addEventListener("click", keep);
    this.#question.addEventListener("keydown", ({ key }) => { if (key === "Escape") keep(); });
    part(this.#question, ".sure-yes", HTMLButtonElement).addEventListener("click", () => {
      call.consent("recording", false);
      byId("consent-recording", HTMLInputElement).focus();
    });
    this.#export.addEventListener("click", () => this.#save());
    store.watch(({ withdrawing }) => [withdrawing], ({ withdrawing }) => {
      this.#question.hidden = !withdrawing;
      setText(this.#said, "");
      if (withdrawing) this.#export.focus();
    });
    store.watch(({ language, clips, moments }) => [language, clips, moments.session], (state) => {
      const { withdrawal } = words(state.language);
      setText(this.#ask, withdrawal.ask(withdrawal.clips(ownClips(state))));
    });
  }

  async #save() {
    const { session } = this.#store.state.moments;
    if (session === null) return;
    this.#export.disabled = true;
    const said = await exportTimeline(session, "zip");
    this.#export.disabled = false;
    setText(this.#said, told(this.#store.state.language, said));
  }
}
