/** Words of the call itself: the camera, what is allowed, the signs. */

export const en = {
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
    reconnecting: "Reconnecting",
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
};

/** @type {typeof en} */
export const zh = {
  page: {
    title: "Mien",
    heading: "与 Mien 通话",
    recordingTitle: "● 正在录制 · Mien",
    privacy: (name) => `您的画面和声音只发送到 ${name} 上的 Mien 服务器，不会发往别处。`,
    privacyRemote: (name, hosts) =>
      `您的画面和声音发送到 ${name} 上的 Mien 服务器。分析表情期间，画面和声音会从那里转发到 ${hosts}。`,
  },
  connection: {
    idle: "未连接",
    asking: "正在请求摄像头",
    connecting: "正在连接",
    connected: "已连接",
    reconnecting: "正在重新连接",
    lost: "连接已断开",
    failed: "无法开始",
  },
  camera: {
    region: "您的摄像头",
    preview: "您自己的画面（镜像）",
    start: "打开摄像头",
    stop: "关闭摄像头",
    off: "摄像头已关闭",
    offHint: "打开之前不会发送任何内容。",
    asking: "浏览器正在询问",
    askingHint: "请允许使用摄像头和麦克风。",
    soundOnly: "没有摄像头",
    soundOnlyHint: "只发送您的声音。",
  },
  memory: {
    name: "内存中",
    value: (held, max) => `${held} / ${max} 秒`,
    hint: "通话中最新的几秒，保存在服务器内存里，随时间不断被替换。",
  },
  recording: {
    start: "开始录制",
    stop: "停止录制",
  },
  signs: {
    recording: "正在录制",
    recordingPaused: "录制已暂停",
    analysing: "正在分析",
    analysingPaused: "分析已暂停",
  },
  pause: {
    analysis: "暂停分析",
    recording: "暂停录制",
    resumeAnalysis: "继续分析",
    resumeRecording: "继续录制",
  },
  consent: {
    region: "您允许什么",
    analysis: "分析我的表情",
    analysisHint: "最近几秒的画面和声音只在内存中查看，随后即被遗忘；结果标签保存在服务器的历史记录里。",
    analysisHintRemote: (hosts) =>
      `最近几秒的画面和声音会发送到 ${hosts} 查看；结果标签保存在服务器的历史记录里。`,
    recording: "允许录制片段",
    recordingHint: (length) =>
      `从“开始录制”到“停止录制”之间，最长 ${length} 秒的片段会写入服务器的 videos/ 文件夹，其他时候不会。`,
  },
};
