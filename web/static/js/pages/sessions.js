/** The list of sessions. */

import { ApiProblem, read, remove } from "../api.js";
import { Live } from "../live.js";
import { Store } from "../state.js";
import { LanguageView } from "../views/language.js";
import { ReachView } from "../views/reach.js";
import { SessionsView } from "../views/sessions.js";
import { newPast, reducePast } from "./past.js";

const PAGE = 50;

const store = new Store(newPast(document.body), reducePast);
const live = new Live(() => [`/api/sessions?limit=${PAGE}`], {
  answered: ([answer]) => store.dispatch({ type: "answered", answer }),
  failed: (problem) => store.dispatch({ type: "failed", problem }),
});

new LanguageView(store);
new ReachView(store);
new SessionsView(store, { older, drop });
live.start();

async function older() {
  const { next } = store.state;
  if (next === null) return;
  try {
    const answer = await read(`/api/sessions?limit=${PAGE}&before=${encodeURIComponent(next)}`);
    // Asked twice, it is added once.
    if (store.state.next === next) store.dispatch({ type: "older", answer });
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error;
    store.dispatch({ type: "failed", problem: error });
  }
}

/** @param {string} id */
async function drop(id) {
  try {
    await remove(`/api/sessions/${id}`);
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error;
    if (error.code !== "no_such_session") {
      store.dispatch({ type: "not_deleted", message: error.message });
      return;
    }
  }
  store.dispatch({ type: "session_deleted", id });
  live.again();
}
