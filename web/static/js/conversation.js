/** The chat's part of the state: its turns, and what each message and event makes of them. Pure. */

/** @typedef {import("./protocol.js").ChatState} ChatState */
/** @typedef {import("./protocol.js").HistoryState} HistoryState */

/**
 * How far a turn is: on its way, taken and not begun, being answered, or over in one of four ways.
 * @typedef {"sending" | "waiting" | "answering" | "complete" | "length" | "stopped" | "failed"} Phase
 */

/**
 * What the person wrote and what came back. Times are epoch milliseconds on this page, latencies milliseconds.
 * @typedef {object} Turn
 * @property {string} id
 * @property {string} text as the person wrote it
 * @property {number} sentAt
 * @property {Phase} phase
 * @property {number} ahead how many turns are answered before this one
 * @property {boolean | null} kept whether the history has all of it that is there by now, null while not known
 * @property {string | null} mood exactly what the assistant was told of the person's expressions
 * @property {boolean} afterBreak the first of a new call, below turns of an earlier one
 * @property {boolean} retried sent again since
 * @property {string} answer so far
 * @property {string | null} html the finished answer, rendered and cleaned by the server
 * @property {{code: string, message: string} | null} failure
 * @property {string | null} model
 * @property {number | null} firstWord
 * @property {number} answeredAt 0 until it is over
 */

/**
 * @typedef {object} Chat
 * @property {Turn[]} turns oldest first
 * @property {ChatState | null} provider null until the server told
 * @property {HistoryState | null} history null until the server told
 * @property {number} limit characters of a message
 * @property {boolean | null} mood what the person chose, null until they did
 * @property {boolean} broken a call began since the last turn: the assistant remembers none of them
 * @property {string | null} clearing the last turn that a clearing under way takes with it
 * @property {boolean} stillKept what was cleared last is still in the history
 */

export const TURNS_SHOWN = 500;
const CHARACTERS = 8000;

/** @type {ReadonlySet<Phase>} */
const OPEN = new Set(["sending", "waiting", "answering"]);

/**
 * @param {ChatState | null} provider
 * @param {boolean | null} mood
 * @returns {Chat}
 */
export function newChat(provider, mood) {
  return {
    turns: [],
    provider,
    history: null,
    limit: CHARACTERS,
    mood,
    broken: false,
    clearing: null,
    stillKept: false,
  };
}

/**
 * What the assistant was told of the person's expressions is deleted.
 * @param {Chat} chat
 * @returns {Chat}
 */
export function withoutMoods(chat) {
  return { ...chat, turns: chat.turns.map((turn) => (turn.mood === null ? turn : { ...turn, mood: null })) };
}

/** @param {Turn} turn */
export function isOpen(turn) {
  return OPEN.has(turn.phase);
}

/**
 * The turn that is being answered, or is the next to be.
 * @param {Chat} chat
 * @returns {Turn | null}
 */
export function current(chat) {
  return chat.turns.find(isOpen) ?? null;
}

/**
 * Whether the assistant is to be told of the person's expressions: as chosen, or else only where that stays here.
 * @param {Chat} chat
 */
export function tellsMood({ mood, provider }) {
  return mood ?? provider?.sends_to === null;
}

/**
 * A person's message has a length in characters, of which some take two places in a string.
 * @param {string} text
 */
export function lengthOf(text) {
  let length = 0;
  for (const _ of text) length += 1;
  return length;
}

/**
 * @param {Chat} chat
 * @param {import("./protocol.js").Welcome} welcome
 * @param {boolean} resumed whether it is still the call of the turns before
 * @returns {Chat}
 */
export function welcomed(chat, welcome, resumed) {
  const limit = welcome.limits.chat_characters ?? chat.limit;
  return { ...told(chat, welcome), limit, broken: !resumed && chat.turns.length > 0 };
}

/**
 * @param {Chat} chat
 * @param {{chat: ChatState, history: HistoryState}} status
 * @returns {Chat}
 */
export function told(chat, status) {
  return { ...chat, provider: status.chat ?? null, history: status.history ?? null };
}

/**
 * @param {Chat} chat
 * @param {{id: string, text: string, retries: string | null}} said
 * @param {number} now
 * @returns {Chat}
 */
export function said(chat, { id, text, retries }, now) {
  const ahead = chat.turns.filter(isOpen).length;
  /** @type {Turn} */
  const turn = {
    id, text, sentAt: now, phase: "sending", ahead, kept: null, mood: null, afterBreak: chat.broken, retried: false,
    answer: "", html: null, failure: null, model: null, firstWord: null, answeredAt: 0,
  };
  const earlier = retries === null ? chat : change(chat, retries, () => ({ retried: true }));
  return { ...chat, turns: [...earlier.turns, turn].slice(-TURNS_SHOWN), broken: false, stillKept: false };
}

/**
 * @param {Chat} chat
 * @param {import("./protocol.js").ChatAccepted} accepted
 * @returns {Chat}
 */
export function accepted(chat, { message_id, kept, mood, ahead }) {
  return change(chat, message_id, (turn) => (
    turn.phase === "sending" ? { phase: "waiting", kept, mood, ahead } : { mood }
  ));
}

/**
 * @param {Chat} chat
 * @param {import("./protocol.js").ChatDelta} delta
 * @returns {Chat}
 */
export function grown(chat, { message_id, text }) {
  return change(chat, message_id, (turn) => (
    isOpen(turn) ? { phase: "answering", ahead: 0, answer: turn.answer + text } : {}
  ));
}

/**
 * @param {Chat} chat
 * @param {import("./protocol.js").ChatDone} done
 * @param {number} now
 * @returns {Chat}
 */
export function answered(chat, done, now) {
  const { turns } = change(chat, done.message_id, (turn) => ({
    phase: done.finish,
    ahead: 0,
    answer: done.text,
    html: done.html,
    failure: done.error,
    model: done.model,
    firstWord: done.latency.first,
    kept: turn.kept !== false && done.kept,
    answeredAt: now,
  }));
  return { ...chat, turns: advance(turns, done.message_id) };
}

/**
 * A message that the server did not take.
 * @param {Chat} chat
 * @param {string} id
 * @param {{code: string, message: string}} failure
 * @param {number} now
 * @returns {Chat}
 */
export function refused(chat, id, failure, now) {
  const { turns } = change(chat, id, () => ({ phase: "failed", ahead: 0, failure, answeredAt: now }));
  return { ...chat, turns: advance(turns, id) };
}

/**
 * The turns of a call as the history keeps them.
 * @param {Chat} chat
 * @param {readonly import("./moments.js").Kept[]} kept
 * @returns {Chat}
 */
export function recalled(chat, kept) {
  const answers = new Map(kept.filter(({ role }) => role === "assistant").map((turn) => [turn.message_id, turn]));
  const turns = kept.filter(({ role }) => role === "user").map(({ message_id, text, at, mood }) => {
    const answer = answers.get(message_id);
    const failure = answer?.error ? { code: answer.error, message: "" } : null;
    /** @type {Turn} */
    const turn = {
      id: message_id, text, sentAt: at * 1000, phase: /** @type {Phase} */ (answer?.finish ?? "failed"), ahead: 0,
      kept: true, mood, afterBreak: false, retried: false, answer: answer?.text ?? "", html: answer?.html ?? null,
      failure: answer ? failure : { code: "call_ended", message: "" }, model: answer?.model ?? null, firstWord: null,
      answeredAt: (answer?.at ?? at) * 1000,
    };
    return turn;
  });
  return { ...chat, turns: turns.slice(-TURNS_SHOWN), broken: false };
}

/**
 * The call ended, and with it whatever was not over.
 * @param {Chat} chat
 * @param {number} now
 * @returns {Chat}
 */
export function hungUp(chat, now) {
  if (current(chat) === null && chat.clearing === null) return chat;
  const failure = { code: "call_ended", message: "" };
  const turns = chat.turns.map((turn) => (
    isOpen(turn) ? { ...turn, phase: /** @type {Phase} */ ("failed"), ahead: 0, failure, answeredAt: now } : turn
  ));
  return { ...chat, turns, clearing: null };
}

/**
 * @param {Chat} chat
 * @returns {Chat}
 */
export function clearing(chat) {
  return { ...chat, clearing: chat.turns.at(-1)?.id ?? null };
}

/**
 * What was said after the word to clear stays: it is the beginning of the new conversation.
 * @param {Chat} chat
 * @param {boolean} kept the history still has it
 * @returns {Chat}
 */
export function cleared(chat, kept) {
  const last = chat.turns.findIndex(({ id }) => id === chat.clearing);
  const turns = chat.clearing === null || last < 0 ? [] : chat.turns.slice(last + 1);
  return { ...chat, turns, clearing: null, broken: false, stillKept: kept };
}

/**
 * @param {Chat} chat
 * @param {string} id
 * @param {(turn: Turn) => Partial<Turn>} difference
 * @returns {Chat} the same one where no such turn is there
 */
function change(chat, id, difference) {
  const index = chat.turns.findLastIndex((turn) => turn.id === id);
  if (index < 0) return chat;
  const turns = chat.turns.slice();
  turns[index] = { ...turns[index], ...difference(turns[index]) };
  return { ...chat, turns };
}

/**
 * One turn is over: those after it have one fewer ahead.
 * @param {Turn[]} turns
 * @param {string} id
 */
function advance(turns, id) {
  const over = turns.findLastIndex((turn) => turn.id === id);
  if (over < 0) return turns;
  return turns.map((turn, index) => (
    index > over && isOpen(turn) && turn.ahead > 0 ? { ...turn, ahead: turn.ahead - 1 } : turn
  ));
}
