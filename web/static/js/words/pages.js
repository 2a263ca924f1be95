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
    own: "You see what is yours.",
    operator: "The operator's code shows all of it.",
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
    own: "这里只显示您自己的内容。",
    operator: "输入管理员访问码可查看全部。",
    script: "此页面需要 JavaScript。",
  },
  sure: {
    cancel: "保留",
    failed: (reason) => `没有删除：${reason}`,
  },
};
