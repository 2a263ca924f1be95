/** The library: all clips that are kept, by expression and by session. */

import { ApiProblem, remove } from "../api.js";
import { Live } from "../live.js";
import { Store } from "../state.js";
import { GalleryView } from "../views/gallery.js";
import { LanguageView } from "../views/language.js";
import { LibraryView } from "../views/library.js";
import { ReachView } from "../views/reach.js";
import { ViewerView } from "../views/viewer.js";
import { listPath, newLibrary, reduceLibrary } from "./shelf.js";

const store = new Store(newLibrary(document.body, new URLSearchParams(location.search)), reduceLibrary);
const live = new Live(() => [listPath(store.state)], {
  answered: ([answer]) => store.dispatch({ type: "answered", answer }),
  failed: (problem) => store.dispatch({ type: "failed", problem }),
});

new LanguageView(store);
new ReachView(store);
new LibraryView(store);
new GalleryView(store, document.querySelector("#gallery") ?? document.body, (state) => state.gallery);
new ViewerView(store, (state) => state.gallery, async (clip) => {
  try {
    await remove(clip.url);
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error;
    if (error.code !== "no_such_clip") {
      store.dispatch({ type: "play", clip: null });
      store.dispatch({ type: "not_deleted", message: error.message });
      return;
    }
  }
  store.dispatch({ type: "clip_deleted", name: clip.name });
  live.again();
});

live.start();
let asked = listPath(store.state);
store.watch((state) => [listPath(state)], (state) => {
  if (listPath(state) === asked) return;
  asked = listPath(state);
  live.again();
});
