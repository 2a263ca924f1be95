/** Words of the call itself: the camera, what is allowed, the signs. */

export const en = {
  page: {
    title: "Mien",
    heading: "A call with Mien",
    recordingTitle: "● Recording · Mien",
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
};

/** @type {typeof en} */
export const zh = {
  page: {
    title: "Mien",
    heading: "与 Mien 通话",
    recordingTitle: "● 正在录制 · Mien",
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
};
