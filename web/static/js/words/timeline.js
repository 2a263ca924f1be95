/** Words of the timeline. */

export const en = {
  timeline: {
    region: "Timeline",
    river: "Moments of the session",
    hint: "Arrow keys move through time, plus and minus zoom, Enter plays the clip of the moment.",
    live: "Now",
    last: "To the end",
    closer: "Zoom in",
    wider: "Zoom out",
    csv: "Export as CSV",
    json: "Export as JSON",
    seen: (/** @type {string} */ label, /** @type {string} */ percent) => `${label} ${percent}`,
    unknown: (/** @type {string} */ label, /** @type {string} */ reason) => (reason ? `${label}: ${reason}` : label),
    nothing: "Nothing was looked at",
    firstLook: "first look",
    clip: "clip",
    comma: ", ",
    you: (/** @type {string} */ text) => `You: ${text}`,
    assistant: (/** @type {string} */ text) => `Assistant: ${text}`,
    not_recorded: (/** @type {string} */ time) => `Nothing was recorded at ${time}.`,
    not_kept: (/** @type {string} */ time) =>
      `The clip of ${time} is no longer kept: the server removes the oldest ones to stay within its limits.`,
    exported: (/** @type {string} */ name) => `Saved as ${name}.`,
    export_missing: "The server has kept nothing of this session that could be exported.",
    export_failed: (/** @type {string} */ reason) =>
      reason ? `The export failed: ${reason}` : "The export failed: the server did not answer.",
  },
};

/** @type {typeof en} */
export const zh = {
  timeline: {
    region: "时间线",
    river: "会话的各个时刻",
    hint: "方向键在时间中移动，加号和减号缩放，回车键播放该时刻的片段。",
    live: "回到现在",
    last: "到结尾",
    closer: "放大",
    wider: "缩小",
    csv: "导出为 CSV",
    json: "导出为 JSON",
    seen: (label, percent) => `${label} ${percent}`,
    unknown: (label, reason) => (reason ? `${label}：${reason}` : label),
    nothing: "这段时间没有分析",
    firstLook: "初步结果",
    clip: "有片段",
    comma: "，",
    you: (text) => `您：${text}`,
    assistant: (text) => `助手：${text}`,
    not_recorded: (time) => `${time} 没有录制。`,
    not_kept: (time) => `${time} 的片段已不再保留：服务器会删除最旧的片段，以免超出限额。`,
    exported: (name) => `已保存为 ${name}。`,
    export_missing: "服务器没有保存这次会话的内容，无法导出。",
    export_failed: (reason) => (reason ? `导出失败：${reason}` : "导出失败：服务器没有响应。"),
  },
};
