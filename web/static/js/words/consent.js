/** The words of the consent, and of its withdrawal. What is agreed to is `consent`, and it has a version. */

/** Goes up with every change of `consent` in either language; behind the dash is a hash of both, which a test holds. */
export const CONSENT_VERSION = "2-15e4c73b";

export const en = {
  consent: {
    region: "What you allow",
    analysis: "Analyse my expression",
    analysisHint: "The last seconds of picture and sound are looked at in memory and forgotten; the labels stay in the server's history. Unticking deletes them.",
    analysisHintRemote: (/** @type {string} */ hosts) =>
      `With this box, the last seconds of picture and sound are sent to ${hosts} to be looked at; the labels stay in the server's history. Unticking deletes them.`,
    recording: "Let me record the call",
    recordingHint: (/** @type {string} */ length) =>
      `Between Start and Stop recording, the call is written to the server's disk, whole (recordings/) and in clips of up to ${length} s (videos/), and only then. Unticking deletes all of it.`,
    privacy: (/** @type {string} */ name) => `Your picture and voice go to the Mien server at ${name} and nowhere else.`,
    privacyRemote: (/** @type {string} */ name, /** @type {string} */ hosts) =>
      `Your picture and voice go to the Mien server at ${name}. While your expression is analysed, pictures and sound go on from there to ${hosts}.`,
  },
  withdrawal: {
    ask: (/** @type {string} */ clips) => `Withdrawing deletes ${clips} and the recordings of this call. Export first?`,
    clips: (/** @type {number} */ count) => (count === 1 ? "the one clip" : `the ${count} clips`),
    export: "Export everything (zip)",
    yes: "Withdraw and delete",
    no: "Keep them",
  },
  own: {
    region: "This call",
    export: "Export this call (zip)",
    remove: "Delete this call",
    sure: "Delete all that is kept of this call?",
    sureLive: "End the call and delete all that is kept of it?",
    yes: "Delete",
  },
};

/** @type {typeof en} */
export const zh = {
  consent: {
    region: "您允许什么",
    analysis: "分析我的表情",
    analysisHint: "最近几秒的画面和声音只在内存中查看，随后即被遗忘；结果标签保存在服务器的历史记录里。取消勾选会将其删除。",
    analysisHintRemote: (hosts) =>
      `勾选后，最近几秒的画面和声音会发送到 ${hosts} 查看；结果标签保存在服务器的历史记录里。取消勾选会将其删除。`,
    recording: "允许录制通话",
    recordingHint: (length) =>
      `从“开始录制”到“停止录制”之间，通话会写入服务器的磁盘：完整录像在 recordings/，最长 ${length} 秒的片段在 videos/；其他时候不会。取消勾选会将其全部删除。`,
    privacy: (name) => `您的画面和声音只发送到 ${name} 上的 Mien 服务器，不会发往别处。`,
    privacyRemote: (name, hosts) =>
      `您的画面和声音发送到 ${name} 上的 Mien 服务器。分析表情期间，画面和声音会从那里转发到 ${hosts}。`,
  },
  withdrawal: {
    ask: (clips) => `撤回同意会删除本次通话的${clips}和录像。要先导出吗？`,
    clips: (count) => ` ${count} 个片段`,
    export: "导出全部内容（zip 压缩包）",
    yes: "撤回并删除",
    no: "保留",
  },
  own: {
    region: "本次通话",
    export: "导出本次通话（zip 压缩包）",
    remove: "删除本次通话",
    sure: "要删除本次通话保存的全部内容吗？",
    sureLive: "要结束通话并删除它保存的全部内容吗？",
    yes: "删除",
  },
};
