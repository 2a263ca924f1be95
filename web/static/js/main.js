/** Wires the page: one store, one call, one view for each panel. */

import { Call } from "./call.js";
import { recalled, recalledSwitch } from "./choice.js";
import { readConfig } from "./config.js";
import { takeInterrupted } from "./interrupted.js";
import { obstacle } from "./media.js";
import { asProfile } from "./quality-rules.js";
import { initialState, Store } from "./state.js";
import { recalledDevices } from "./stream.js";
import { BeforeView } from "./views/before.js";
import { AnnouncerView } from "./views/announcer.js";
import { ChatView } from "./views/chat.js";
import { ClearingView } from "./views/clearing.js";
import { ClipsView } from "./views/clips.js";
import { ComposerView } from "./views/composer.js";
import { ConnectionView } from "./views/connection.js";
import { ConsentView } from "./views/consent.js";
import { ControlsView } from "./views/controls.js";
import { DevicesView } from "./views/devices.js";
import { EnginesView } from "./views/engines.js";
import { ExpressionView } from "./views/expression.js";
import { LanguageView } from "./views/language.js";
import { LevelView } from "./views/level.js";
import { LeavingView } from "./views/leaving.js";
import { MessagesView } from "./views/messages.js";
import { MoodView } from "./views/mood.js";
import { OwnView } from "./views/own.js";
import { OutlineView } from "./views/outline.js";
import { PadView } from "./views/pad.js";
import { PanelsView } from "./views/panels.js";
import { PlayerView } from "./views/player.js";
import { ProviderView } from "./views/provider.js";
import { QualityView } from "./views/quality.js";
import { RecordingsView } from "./views/recordings.js";
import { ReconnectingView } from "./views/reconnecting.js";
import { StageView } from "./views/stage.js";
import { TogglesView } from "./views/toggles.js";
import { Wake } from "./wake.js";
import { TimelineView } from "./views/timeline.js";
import { WithdrawalView } from "./views/withdrawal.js";

const config = readConfig(document.body);
const store = new Store(initialState(recalled("language") ?? navigator.language, {
  provider: config.chat ?? null,
  mood: recalledSwitch("mood"),
  devices: recalledDevices(),
  profile: asProfile(recalled("quality")) ?? config.quality?.profile,
}));
const call = new Call(config, store);

new LanguageView(store);
new ConnectionView(store);
new QualityView(store);
new StageView(store, config);
new ControlsView(store, call);
new DevicesView(store, call);
new TogglesView(store, call);
new LevelView(store);
new BeforeView(store, config);
new ConsentView(store, call, config);
new WithdrawalView(store, call);
new OwnView(store);
new ExpressionView(store);
new TimelineView(store);
new PadView(store);
new AnnouncerView(store);
new OutlineView(store);
new EnginesView(store);
new ClipsView(store, config);
const recordings = new RecordingsView({
  token: () => store.state.moments.session?.token ?? null,
  deleted: (name) => store.dispatch({ type: "recording_deleted", name }),
  refused: ({ code, message }) => store.dispatch({ type: "problem", problem: { code, detail: message } }),
});
store.watch((s) => [s.language, s.recordings], (state) => recordings.render(state.recordings, state.language));
new PlayerView(store);
new PanelsView(store, config);
new ProviderView(store);
new ChatView(store, call);
new ClearingView(store, call);
new ComposerView(store, call);
new MoodView(store);
new MessagesView(store, call, config);
new ReconnectingView(store, call);
new Wake(store);

new LeavingView(store);

const blocked = obstacle();
if (blocked) store.dispatch({ type: "problem", problem: { code: blocked.code, detail: blocked.detail } });

// Also when the page goes into the back-forward cache: the camera must not stay on behind another page.
window.addEventListener("pagehide", () => call.leave());

const interrupted = blocked ? null : takeInterrupted(Date.now(), config.session_grace);
if (interrupted) call.resume(interrupted);
