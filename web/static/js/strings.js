/**
 * Every word that the page shows. A language is one object of this shape; `words(language)` picks it, so that
 * a second one is a second object and an entry in `LANGUAGES`.
 */

/** @typedef {{title: string, todo: string}} Explanation what happened, and what to do about it */

const host = globalThis.location?.hostname ?? "localhost";

const en = {
  page: {
    title: "Mien",
    heading: "A call with Mien",
    recordingTitle: "● Recording · Mien",
    privacy: (/** @type {string} */ name) => `Your picture and voice go to the Mien server at ${name} and nowhere else.`,
    privacyRemote: (/** @type {string} */ name, /** @type {string} */ hosts) =>
      `Your picture and voice go to the Mien server at ${name}. While your expression is analysed, pictures and sound go on from there to ${hosts}.`,
  },
  connection: {
    idle: "Not connected",
    asking: "Asking for camera",
    connecting: "Connecting",
    connected: "Connected",
    lost: "Connection lost",
    failed: "Could not start",
  },
  camera: {
    region: "Your camera",
    preview: "Your own picture, mirrored",
    start: "Start camera",
    stop: "Stop camera",
    off: "Your camera is off",
    offHint: "Nothing is sent before you start it.",
    asking: "Your browser is asking",
    askingHint: "Allow the camera and the microphone to go on.",
    soundOnly: "No camera",
    soundOnlyHint: "Only your voice is sent.",
  },
  memory: {
    name: "In memory",
    value: (/** @type {string} */ held, /** @type {string} */ max) => `${held} of ${max} s`,
    hint: "The newest seconds of your call, held in the server's memory and replaced as time goes on.",
  },
  recording: {
    start: "Start recording",
    stop: "Stop recording",
  },
  signs: {
    recording: "Recording",
    recordingPaused: "Recording paused",
    analysing: "Analysing",
    analysingPaused: "Analysis paused",
  },
  pause: {
    analysis: "Pause analysis",
    recording: "Pause recording",
    resumeAnalysis: "Resume analysis",
    resumeRecording: "Resume recording",
  },
  consent: {
    region: "What you allow",
    analysis: "Analyse my expression",
    analysisHint: "The last seconds of picture and sound are looked at in memory and forgotten; the labels stay in the server's history.",
    analysisHintRemote: (/** @type {string} */ hosts) =>
      `The last seconds of picture and sound are sent to ${hosts} to be looked at; the labels stay in the server's history.`,
    recording: "Let me record clips",
    recordingHint: (/** @type {string} */ length) =>
      `Between Start and Stop recording, clips of up to ${length} s are written to the server's videos/ folder, and only then.`,
  },
  expression: {
    region: "Expression",
    likely: "Expression likely seen",
    confidence: (/** @type {string} */ percent) => `${percent} confidence`,
    provisional: "first look",
    probabilities: "Probability of each expression",
    valence: "Pleasantness",
    arousal: "Energy",
    none: "–",
    hedge: "A guess from face and voice, not a reading of what you feel.",
    stale: "No new look for some seconds.",
    engine: (/** @type {string} */ name) => `Engine\u00a0${name}`,
    considered: (/** @type {string} */ engine, /** @type {string} */ label, /** @type {string} */ ago) =>
      `${engine}, of ${ago} s ago: ${label}`,
    latency: (/** @type {string} */ ms) => `${ms}\u00a0ms\u00a0to\u00a0the\u00a0label`,
    roundTrip: (/** @type {string} */ ms) => `${ms}\u00a0ms\u00a0round\u00a0trip`,
    skipped: (/** @type {number} */ count) => (count === 1 ? "1 window skipped" : `${count} windows skipped`),
  },
  engines: {
    title: "Engines",
    ready: "ready",
    loading: "loading",
    progress: (/** @type {string} */ percent) => `loading, ${percent}`,
    unavailable: "not available",
    failing: "failing, asked again in a while",
    notSetUp: "not set up",
  },
  /** In place of a label, while there is none. */
  waiting: {
    idle: { title: "Nothing yet", todo: "Allow analysis and start your camera." },
    off: { title: "Analysis is off", todo: "Tick “Analyse my expression” to see what yours looks like." },
    paused: { title: "Paused", todo: "Nothing is looked at until you resume." },
    looking: { title: "Looking…", todo: "The first look needs about a second." },
    loading: { title: "Getting ready…", todo: "The model is being loaded." },
    unavailable: { title: "No engine", todo: "The server has no expression model that works. Open “Engines” below to see why." },
  },
  /** @type {Record<string, string>} */
  emotions: {
    happy: "Happy",
    sad: "Sad",
    angry: "Angry",
    surprise: "Surprise",
    fear: "Fear",
    disgust: "Disgust",
    neutral: "Neutral",
    unknown: "Unknown",
  },
  /** @type {Record<string, string>} */
  reasons: {
    no_video: "There is no picture to look at. Turn your camera on.",
    no_face: "No face in view. Look towards the camera.",
    face_too_small: "Your face is too small in the picture. Come closer.",
    too_dark: "It is too dark to tell. Move into the light.",
    turned_away: "You are turned away. Face the camera.",
    blurred: "Your face is blurred. Hold still, or wipe the lens.",
  },
  reasonUnknown: "It could not be told this time.",
  clips: {
    region: "Clips",
    count: (/** @type {number} */ count) => (count === 1 ? "1 clip" : `${count} clips`),
    empty: "No clips yet",
    emptyHint: (/** @type {string} */ interval) => `While you record, a new one arrives here ${interval}.`,
    everySecond: "every second",
    everySeconds: (/** @type {string} */ seconds) => `every ${seconds} s`,
    older: (/** @type {number} */ count) =>
      count === 1 ? "1 earlier clip was saved on the server, too." : `${count} earlier clips were saved on the server, too.`,
    play: (/** @type {string} */ time, /** @type {string} */ emotion) => `Play the clip of ${time}${emotion && `, ${emotion}`}`,
    seconds: (/** @type {string} */ value) => `${value} s`,
    player: "Clip",
    close: "Close the player",
    gone: "This clip is no longer there: the server removes the oldest ones to stay within its limits.",
  },
  panels: {
    list: "What is shown",
    call: "Call",
    chat: "Chat",
    clips: "Clips",
    unread: "new answer",
  },
  chat: {
    region: "Chat",
    transcript: "Conversation",
    empty: "Talk with the assistant",
    emptyHint: "It reads what you write here. It does not see or hear the call. What is said here is kept in the server's history.",
    here: (/** @type {string} */ model) => `${model} on this machine`,
    elsewhere: (/** @type {string} */ model, /** @type {string} */ hostName) =>
      `${model} at ${hostName}: what you write goes there`,
    someModel: "An assistant",
    looking: "Looking for the assistant…",
    historyOff: (/** @type {string} */ reason) => `The history cannot be written (${reason}). The conversation goes on.`,
    reasonUnknown: "no reason was given",
    you: "You",
    assistant: "Assistant",
    sending: "sending…",
    waiting: "thinking…",
    ahead: (/** @type {number} */ count) => `waits, ${count} before it`,
    notKept: "not kept in the history",
    told: "What the assistant was told",
    cut: "cut at the longest that is allowed",
    stopped: "stopped",
    stoppedEmpty: "Stopped before the first word.",
    firstWord: (/** @type {string} */ time) => `first word ${time}`,
    again: "Try again",
    copy: "Copy this answer",
    copied: "Copied",
    copyRefused: "Your browser does not let this page copy. Select the text instead.",
    newCall: "A new call begins; the assistant does not remember what is above.",
    newest: "Jump to the newest",
    announced: (/** @type {string} */ text) => `The assistant answered: ${text}`,
    write: "Message to the assistant",
    placeholder: "Write a message",
    before: "Start the camera to talk.",
    send: "Send",
    stop: "Stop the answer",
    left: (/** @type {string} */ count) => `${count} left`,
    over: (/** @type {string} */ count) => `${count} too many`,
    mood: "Tell the assistant how I seem",
    moodHint: "While this is on, each message tells it which expressions were likely seen in the last minute. What it was told stands below your message.",
    moodHintElsewhere: (/** @type {string} */ hostName) =>
      `While this is on, each message tells ${hostName} which expressions were likely seen in the last minute. What it was told stands below your message.`,
    moodNeedsAnalysis: "For this, tick “Analyse my expression” first.",
    clear: "Clear the conversation",
    clearAsk: "Forget this conversation?",
    clearYes: "Forget it",
    clearNo: "Keep it",
    stillKept: "The conversation is cleared here. The history still holds it.",
  },
  /** Why the assistant cannot be asked, or did not answer. @type {Record<string, string>} */
  chatCodes: {
    chat_no_key: "No assistant is set up: set OPENAI_API_KEY, or OPENAI_API_BASE for a local server.",
    chat_wrong_key: "The assistant's server refuses the key. See that OPENAI_API_KEY is right.",
    chat_unreachable: "The assistant's server cannot be reached. See whether it is running, and try again.",
    chat_too_slow: "The assistant took too long.",
    chat_rate_limited: "The assistant's server is asked too often. Wait a moment and try again.",
    chat_quota: "The account with the assistant's provider has no credit left.",
    chat_no_model: "The assistant's server does not have the model. See that OPENAI_MODEL is right.",
    chat_refused: "The assistant's server refused the request.",
    chat_too_long: "The conversation is too long for the model. Clear it, or write less at once.",
    chat_server_error: "The assistant's server had an error. Try again in a moment.",
    chat_cut_off: "The answer broke off.",
    chat_empty: "The assistant answered nothing.",
    chat_restarted: "The chat was restarted in the middle of the answer.",
    chat_busy: "Too many messages wait for an answer. Send this one again when some are answered.",
    rate_limited: "Too many messages at once. Wait a moment and try again.",
    call_ended: "The call ended before the answer did.",
    unknown: "The assistant could not answer.",
  },
  problem: {
    again: "Start again",
    code: "Enter access code",
    dismiss: "Dismiss",
    said: (/** @type {string} */ detail) => `The reason given: ${detail}`,
  },
  /** @type {Record<string, Explanation>} */
  problems: {
    permission_refused: {
      title: "The camera and microphone are blocked for this page.",
      todo: "Click the camera or lock sign in the address bar, allow both, and start again. On a phone or a Mac, the system's privacy settings must allow the browser, too.",
    },
    no_device: {
      title: "No camera and no microphone were found.",
      todo: "Plug one in or switch it on, check that the system sees it, and start again.",
    },
    device_in_use: {
      title: "The camera or microphone cannot be opened.",
      todo: "Another program may be using it. Close other calls and camera apps, and start again.",
    },
    device_lost: {
      title: "The camera and microphone went away.",
      todo: "They were unplugged or taken back. Connect them and start again.",
    },
    media_failed: {
      title: "The camera could not be started.",
      todo: "Start again; if it stays like this, restart the browser.",
    },
    insecure_origin: {
      title: "This address cannot use a camera.",
      todo: `Browsers give the camera to secure pages only. Open https://${host}:8443 instead, or http://localhost:8080 on the server's own machine.`,
    },
    no_webrtc: {
      title: "This browser cannot make a call.",
      todo: "It has no WebRTC, or it is switched off. Use a current Chrome, Edge, Firefox or Safari.",
    },
    no_candidates: {
      title: "No network interface is up.",
      todo: "A call needs one even on a single machine. Connect to Wi-Fi or a cable and start again; a privacy extension that blocks WebRTC does the same.",
    },
    server_unreachable: {
      title: "The server does not answer.",
      todo: "See whether it is running and this device is on its network, and start again.",
    },
    too_many_sessions: {
      title: "The server is full.",
      todo: "It has as many callers as it allows. Try again in a moment.",
    },
    access_code_required: {
      title: "The server wants its access code.",
      todo: "Enter the one that it printed when it started.",
    },
    wrong_host: {
      title: "The server is not known by this address.",
      todo: "Open one of the addresses that it printed when it started.",
    },
    wrong_origin: {
      title: "This page is not the server's own.",
      todo: "Open one of the addresses that it printed when it started.",
    },
    offer_refused: {
      title: "The server could not use this browser's offer.",
      todo: "Reload the page and start again.",
    },
    connection_failed: {
      title: "The server answered, but no connection came about.",
      todo: "A firewall or VPN may block UDP between this device and the server. Switch it off or use the same network, and start again.",
    },
    connection_lost: {
      title: "The connection was lost.",
      todo: "The network went away or the server stopped. Your camera is off now. Start again when it is back.",
    },
    channel_closed: {
      title: "The server ended the call.",
      todo: "It may have been stopped or restarted. Your camera is off now. Start again to call anew.",
    },
    hello_timeout: {
      title: "The server did not hear from this page in time.",
      todo: "The network may be slow. Start again.",
    },
    version_unsupported: {
      title: "This page and the server are of different versions.",
      todo: "Reload the page.",
    },
    consent_required: {
      title: "Recording needs your word first.",
      todo: "Tick “Let me record clips”, then start recording.",
    },
    bad_message: {
      title: "The server did not understand this page.",
      todo: "The call goes on. Reload the page if something does not work.",
    },
    unexpected: {
      title: "Something went wrong.",
      todo: "Start again; if it stays like this, reload the page.",
    },
  },
  /** @type {Record<string, string>} */
  notices: {
    no_microphone: "No microphone: going on with your picture only.",
    no_camera: "No camera: going on with your voice only.",
  },
};

/** @typedef {typeof en} Words */

/** @type {Record<string, Words>} */
const LANGUAGES = { en };

/**
 * The language that the page is shown in to somebody who reads `language`.
 * @param {string} language a BCP 47 tag
 */
export function shownIn(language) {
  const primary = language.split("-")[0];
  return primary in LANGUAGES ? primary : "en";
}

/**
 * @param {string} language a BCP 47 tag
 * @returns {Words}
 */
export function words(language) {
  return LANGUAGES[shownIn(language)];
}
