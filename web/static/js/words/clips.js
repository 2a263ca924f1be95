/** Words of the clips, and of the panels that stand beside the call. */

export const en = {
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
};

/** @type {typeof en} */
export const zh = {
  clips: {
    region: "片段",
    count: (count) => `${count} 个片段`,
    empty: "还没有片段",
    emptyHint: (interval) => `录制期间，${interval}会有一个新片段出现在这里。`,
    everySecond: "每秒",
    everySeconds: (seconds) => `每 ${seconds} 秒`,
    older: (count) => `服务器上还保存了更早的 ${count} 个片段。`,
    play: (time, emotion) => `播放 ${time} 的片段${emotion && `，${emotion}`}`,
    seconds: (value) => `${value} 秒`,
    player: "片段",
    close: "关闭播放器",
    gone: "这个片段已不在：服务器会删除最旧的片段，以免超出限额。",
  },
  panels: {
    list: "显示内容",
    call: "通话",
    chat: "聊天",
    clips: "片段",
    unread: "有新回答",
  },
};
