/** Words of what all pages share: the ways between them, and whether what they show is of now. */

export const en = {
  nav: {
    region: "Pages",
    menu: "Open the menu of pages",
    call: "Call",
    library: "Library",
    sessions: "Sessions",
    monitor: "Monitor",
    newTab: "Opens in a new tab, so that your call goes on",
  },
  live: {
    loading: "Loading…",
    gone: "The server does not answer. What you see is what it said last; it is asked again and again.",
    back: "The server is back.",
    historyAway: (/** @type {string} */ reason) => `The history cannot be read now: ${reason}`,
    refused: (/** @type {string} */ reason) => `The server refuses: ${reason}`,
    code: "The server wants its access code. Reload this page to enter it.",
    thisMachine: "This page is for the machine that Mien runs on",
    thisMachineHint: "What other people's calls looked like is shown only there: open http://localhost:8080 on that machine.",
    script: "This page needs JavaScript.",
  },
  sure: {
    cancel: "Keep",
    failed: (/** @type {string} */ reason) => `It was not deleted: ${reason}`,
  },
};

/** @type {typeof en} */
export const zh = {
  nav: {
    region: "页面",
    menu: "打开页面菜单",
    call: "通话",
    library: "片段库",
    sessions: "会话",
    monitor: "监控",
    newTab: "在新标签页中打开，通话不会中断",
  },
  live: {
    loading: "正在加载…",
    gone: "服务器没有响应。当前显示的是它最后提供的内容，页面会不断重试。",
    back: "服务器已恢复。",
    historyAway: (reason) => `暂时无法读取历史记录：${reason}`,
    refused: (reason) => `服务器拒绝了请求：${reason}`,
    code: "服务器需要访问码。请刷新页面后输入。",
    thisMachine: "此页面只能在运行 Mien 的机器上查看",
    thisMachineHint: "他人的通话内容只在那台机器上显示：请在那台机器上打开 http://localhost:8080。",
    script: "此页面需要 JavaScript。",
  },
  sure: {
    cancel: "保留",
    failed: (reason) => `没有删除：${reason}`,
  },
};
