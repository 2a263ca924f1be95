/** The timeline on the review page: what its view asks for, from the state of the review. */

/** @typedef {import("./record.js").Review} Review */
/** @typedef {import("../views/timeline.js").Seen} Seen */

/**
 * @param {import("../state.js").Store<Review, import("./record.js").ReviewEvent>} store
 * @returns {import("../views/timeline.js").Source}
 */
export function riverOf(store) {
  return {
    get state() {
      return seen(store.state);
    },
    watch: (select, render) => store.watch((state) => select(seen(state)), (state) => render(seen(state))),
    dispatch: (event) => {
      if (event.type === "timeline") store.dispatch({ type: "river", change: event.change });
      if (event.type === "play") {
        const clip = store.state.gallery.clips.find(({ name }) => name === event.name);
        if (clip) store.dispatch({ type: "play", clip });
      }
    },
  };
}

/** No call goes on here, and the chat's turns are in the river. @type {Pick<Seen, "connection" | "chat">} */
const PAST = { connection: "idle", chat: { turns: [] } };

/**
 * @param {Review} state
 * @returns {Seen}
 */
function seen({ language, river, gallery }) {
  return { ...PAST, language, moments: river, playing: gallery.playing?.name ?? null };
}
