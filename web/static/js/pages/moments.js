/** What happened in a session, in order of time, with like labels that follow one another as one. Pure. */

/**
 * As the server tells them. `at` is epoch seconds; `window_end` is seconds on the session's clock.
 * @typedef {{at: number, window_end: number, emotion: string, reason: string | null, provisional: boolean,
 *   video_name: string | null}} Label
 * @typedef {{at: number, message_id: string, role: "user" | "assistant", text: string, html: string | null,
 *   model: string | null, finish: string | null, error: string | null, first_ms: number | null}} Turn
 * @typedef {{began_at: number, ended_at: number | null}} Recording
 * @typedef {{at: number, analysis: boolean, recording: boolean, given_by: "caller" | "operator"}} Consent
 * @typedef {{labels: Label[], turns: Turn[], recordings: Recording[], consents: Consent[]}} Timeline
 */

/**
 * `key` tells one from another, `at` is epoch seconds.
 * @typedef {{key: string, at: number} & (
 *   {kind: "seen", emotion: string, reason: string | null, seconds: number, clips: string[]}
 *   | {kind: "said", question: Turn | null, answer: Turn | null}
 *   | {kind: "recording", began: boolean}
 *   | {kind: "consent", analysis: boolean, recording: boolean, given_by: "caller" | "operator"})} Moment
 */

/** Seconds without a label after which the same expression is a new moment. */
const GAP = 5;

/**
 * @param {Timeline} timeline
 * @returns {Moment[]}
 */
export function moments({ labels, turns, recordings, consents }) {
  return [
    ...consents.map((consent) => /** @type {Moment} */ ({ kind: "consent", key: `c${consent.at}`, ...consent })),
    ...recordings.flatMap(spans),
    ...runs(final(labels)),
    ...exchanges(turns),
  ].sort((one, other) => one.at - other.at);
}

/**
 * One label for each window: the last word on it.
 * @param {Label[]} labels in order, the provisional one of a window first
 */
export function final(labels) {
  return [...new Map(labels.map((label) => [label.window_end, label])).values()];
}

/**
 * @param {Label[]} labels
 * @returns {Moment[]}
 */
function runs(labels) {
  /** @type {Label[][]} */
  const found = [];
  for (const label of labels) {
    const run = found.at(-1);
    const last = run?.at(-1);
    if (run && last?.emotion === label.emotion && label.window_end - last.window_end <= GAP) run.push(label);
    else found.push([label]);
  }
  return found.map((run) => ({
    kind: "seen",
    key: `l${run[0].window_end}`,
    at: run[0].at,
    emotion: run[0].emotion,
    reason: run[0].reason,
    seconds: Math.max(1, run[run.length - 1].window_end - run[0].window_end),
    clips: run.flatMap(({ video_name }) => video_name ?? []),
  }));
}

/**
 * @param {Turn[]} turns
 * @returns {Moment[]}
 */
function exchanges(turns) {
  /** @type {Map<string, {question: Turn | null, answer: Turn | null}>} */
  const found = new Map();
  for (const turn of turns) {
    const exchange = found.get(turn.message_id) ?? { question: null, answer: null };
    exchange[turn.role === "user" ? "question" : "answer"] = turn;
    found.set(turn.message_id, exchange);
  }
  return [...found].map(([id, { question, answer }]) => ({
    kind: "said", key: `t${id}`, at: (question ?? answer)?.at ?? 0, question, answer,
  }));
}

/**
 * @param {Recording} recording
 * @returns {Moment[]}
 */
function spans({ began_at, ended_at }) {
  /** @type {Moment[]} */
  const both = [{ kind: "recording", key: `r${began_at}`, at: began_at, began: true }];
  if (ended_at !== null) both.push({ kind: "recording", key: `e${ended_at}`, at: ended_at, began: false });
  return both;
}
