/** Wires the page: one store, one call, one view for each panel. */

import { Call } from "./call.js";
import { readConfig } from "./config.js";
import { obstacle } from "./media.js";
import { initialState, Store } from "./state.js";
import { ClipsView } from "./views/clips.js";
import { ConnectionView } from "./views/connection.js";
import { ConsentView } from "./views/consent.js";
import { ControlsView } from "./views/controls.js";
import { EnginesView } from "./views/engines.js";
import { ExpressionView } from "./views/expression.js";
import { MessagesView } from "./views/messages.js";
import { PlayerView } from "./views/player.js";
import { StageView } from "./views/stage.js";
import { fillWords } from "./views/words.js";

const config = readConfig(document.body);
const store = new Store(initialState(navigator.language));
const call = new Call(config, store);

store.watch(({ language }) => [language], ({ language }) => fillWords(document, language));
new ConnectionView(store);
new StageView(store, config);
new ControlsView(store, call);
new ConsentView(store, call, config);
new ExpressionView(store);
new EnginesView(store);
new ClipsView(store, config);
new PlayerView(store);
new MessagesView(store, call);

const blocked = obstacle();
if (blocked) store.dispatch({ type: "problem", problem: { code: blocked.code, detail: blocked.detail } });

// Also when the page goes into the back-forward cache: the camera must not stay on behind another page.
window.addEventListener("pagehide", () => call.stop());
