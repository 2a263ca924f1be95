/** The monitor, for who runs the server. */

import { Live } from "../live.js";
import { Store } from "../state.js";
import { CallsView } from "../views/calls.js";
import { HealthView } from "../views/health.js";
import { LanguageView } from "../views/language.js";
import { ReachView } from "../views/reach.js";
import { newHealth, reduceHealth } from "./health.js";

const store = new Store(newHealth(document.body), reduceHealth);

new LanguageView(store);
new ReachView(store);
new HealthView(store);
new CallsView(store);
new Live(() => ["/status", "/readyz"], {
  answered: ([status, readiness]) => store.dispatch({ type: "answered", status, readiness }),
  failed: (problem) => store.dispatch({ type: "failed", problem }),
}).start();
