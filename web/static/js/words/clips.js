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
    all: "All expressions",
    filter: "Show clips of",
    download: (/** @type {string} */ format) => `Download ${format}`,
    downloadMp4: "as MP4 with AAC",
    formats: "As recorded it plays in browsers and VLC; editors, iPhones and slides want the MP4, which is made when you ask.",
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
    all: "全部表情",
    filter: "只显示",
    download: (format) => `下载 ${format}`,
    downloadMp4: "转为 MP4（AAC）",
    formats: "原始格式可在浏览器和 VLC 中播放；剪辑软件、iPhone 和幻灯片需要 MP4，按需生成。",
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
