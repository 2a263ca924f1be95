/** The review of one session. */

import { ApiProblem, read, remove } from "../api.js";
import { Live } from "../live.js";
import { Store } from "../state.js";
import { GalleryView } from "../views/gallery.js";
import { LanguageView } from "../views/language.js";
import { MomentsView } from "../views/moments.js";
import { ReachView } from "../views/reach.js";
import { RecordingsView } from "../views/recordings.js";
import { ReviewView } from "../views/review.js";
import { TimelineView } from "../views/timeline.js";
import { ViewerView } from "../views/viewer.js";
import { behind, newReview, reduceReview } from "./record.js";
import { riverOf } from "./river.js";

const store = new Store(newReview(document.body), reduceReview);
const path = `/api/sessions/${store.state.sessionId}`;
let reading = false;
let notBefore = 0;

const of = `session_id=${store.state.sessionId}`;
const live = new Live(() => [path, `/api/videos?limit=600&${of}`, `/api/recordings?${of}`], {
  answered: ([session, clips, recordings]) => {
    store.dispatch({ type: "answered", session, clips, recordings });
    readTimeline();
  },
  failed: (problem) => {
    store.dispatch({ type: "failed", problem });
    if (store.state.end) live.stop();
  },
});

new LanguageView(store);
new ReachView(store);
new ReviewView(store, drop);
new TimelineView(riverOf(store));
new MomentsView(store);
new GalleryView(store, document.querySelector("#gallery") ?? document.body, (state) => state.gallery);
new ViewerView(store, (state) => state.gallery, dropClip);
const recordings = new RecordingsView({
  token: () => null,
  deleted: (name) => store.dispatch({ type: "recording_deleted", name }),
  refused: ({ message }) => store.dispatch({ type: "not_deleted", message }),
});
store.watch((s) => [s.language, s.recordings], (state) => recordings.render(state.recordings, state.language));
if (store.state.end === "") live.start();

/** All of it, where there is more than is shown; the longer it is the less often. */
async function readTimeline() {
  if (reading || Date.now() < notBefore || !behind(store.state)) return;
  reading = true;
  try {
    const timeline = await read(`${path}/timeline`);
    store.dispatch({ type: "timeline", timeline });
    notBefore = Date.now() + 2 * timeline.labels.length;
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error;
    store.dispatch({ type: "failed", problem: error });
  } finally {
    reading = false;
  }
}

/** Delete all of the session. */
async function drop() {
  live.stop();
  if (await deleted(path, "no_such_session")) store.dispatch({ type: "deleted" });
  else live.again();
}

/** @param {import("./gallery.js").Clip} clip */
async function dropClip(clip) {
  if (await deleted(clip.url, "no_such_clip")) store.dispatch({ type: "clip_deleted", name: clip.name });
  live.again();
}

/**
 * @param {string} what
 * @param {string} already the code that says that it is not there
 */
async function deleted(what, already) {
  try {
    await remove(what);
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error;
    if (error.code === already) return true;
    store.dispatch({ type: "play", clip: null });
    store.dispatch({ type: "not_deleted", message: error.message });
    return false;
  }
  return true;
}
