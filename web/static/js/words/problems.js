/** Words for what went wrong, and what to do about it. */

/**
 * What happened, and what to do about it; some of that needs this server's addresses.
 * @typedef {{title: string, todo: string | ((secure: string, local: string) => string)}} Explanation
 */

export const en = {
  problem: {
    again: "Start again",
    code: "Enter access code",
    dismiss: "Dismiss",
    said: (/** @type {string} */ detail) => `The reason given: ${detail}`,
    notKept: (/** @type {string} */ why) => `Clips are not kept: ${why}. The call goes on.`,
  },
  /** @type {Record<string, Explanation>} */
  problems: {
    permission_refused: {
      title: "The camera and microphone are blocked for this page.",
      todo: "Click the camera or lock sign in the address bar, allow both, and start again. On a phone or a Mac, the system's privacy settings must allow the browser, too.",
    },
    no_device: {
      title: "No camera and no microphone were found.",
      todo: "Plug one in or switch it on, check that the system sees it, and start again.",
    },
    device_in_use: {
      title: "The camera or microphone cannot be opened.",
      todo: "Another program may be using it. Close other calls and camera apps, and start again.",
    },
    device_lost: {
      title: "The camera and microphone went away.",
      todo: "They were unplugged or taken back. Connect them and start again.",
    },
    media_failed: {
      title: "The camera could not be started.",
      todo: "Start again; if it stays like this, restart the browser.",
    },
    insecure_origin: {
      title: "This address cannot use a camera.",
      todo: (secure, local) =>
        `Browsers give the camera to secure pages only. Open ${secure} instead, or ${local} on the server's own machine.`,
    },
    no_webrtc: {
      title: "This browser cannot make a call.",
      todo: "It has no WebRTC, or it is switched off. Use a current Chrome, Edge, Firefox or Safari.",
    },
    no_candidates: {
      title: "No network interface is up.",
      todo: "A call needs one even on a single machine. Connect to Wi-Fi or a cable and start again; a privacy extension that blocks WebRTC does the same.",
    },
    server_unreachable: {
      title: "The server does not answer.",
      todo: "See whether it is running and this device is on its network, and start again.",
    },
    too_many_sessions: {
      title: "The server is full.",
      todo: "It has as many callers as it allows. Try again in a moment.",
    },
    no_port_left: {
      title: "The server has no port left for this call.",
      todo: "Every port that it may use is taken. Try again in a moment; its operator can widen UDP_PORT_RANGE.",
    },
    access_code_required: {
      title: "The server wants its access code.",
      todo: "Enter the one that it printed when it started.",
    },
    wrong_host: {
      title: "The server is not known by this address.",
      todo: "Open one of the addresses that it printed when it started.",
    },
    wrong_origin: {
      title: "This page is not the server's own.",
      todo: "Open one of the addresses that it printed when it started.",
    },
    offer_refused: {
      title: "The server could not use this browser's offer.",
      todo: "Reload the page and start again.",
    },
    connection_failed: {
      title: "The server answered, but no connection came about.",
      todo: "A firewall or VPN may block UDP between this device and the server. Switch it off or use the same network, and start again.",
    },
    connection_lost: {
      title: "The connection was lost.",
      todo: "The network went away or the server stopped. Your camera is off now. Start again when it is back.",
    },
    channel_closed: {
      title: "The server ended the call.",
      todo: "It may have been stopped or restarted. Your camera is off now. Start again to call anew.",
    },
    deleted: {
      title: "This session was deleted.",
      todo: "What was kept of it is gone, and your camera is off. Start the camera for a new one.",
    },
    server_stopping: {
      title: "The server has stopped.",
      todo: "Your camera is off now. Start again when it is back.",
    },
    unheard: {
      title: "The server heard nothing from this page.",
      todo: "The network was away or this page asleep. Your camera is off now. Start again.",
    },
    hello_timeout: {
      title: "The server did not hear from this page in time.",
      todo: "The network may be slow. Start again.",
    },
    version_unsupported: {
      title: "This page and the server are of different versions.",
      todo: "Reload the page.",
    },
    consent_required: {
      title: "Recording needs your word first.",
      todo: "Tick “Let me record the call”, then start recording.",
    },
    bad_message: {
      title: "The server did not understand this page.",
      todo: "The call goes on. Reload the page if something does not work.",
    },
    unexpected: {
      title: "Something went wrong.",
      todo: "Start again; if it stays like this, reload the page.",
    },
  },
  /** @type {Record<string, string>} */
  notices: {
    no_microphone: "No microphone: going on with your picture only.",
    no_camera: "No camera: going on with your voice only.",
    labels_deleted: "Labels of this call were deleted.",
    labels_deleted_later: "The server's history cannot be reached: labels of this call are deleted as soon as it can.",
    clips_deleted: "Clips and recordings of this call were deleted.",
    clips_deleted_later: "Clips and recordings of this call were deleted; what the history says of them follows as soon as it can be reached.",
    clips_not_deleted: "Clips of this call could not be deleted from the server's disk. Delete the call to try again.",
    resumed: "Connected again. The call goes on.",
    reconnected: "Connected again. A new session began; what was said before stays above.",
    reconnected_recording: "Connected again. A new session began, and the recording goes on in it; what was said before stays above.",
  },
};

/** @type {typeof en} */
export const zh = {
  problem: {
    again: "重新开始",
    code: "输入访问码",
    dismiss: "关闭",
    said: (detail) => `给出的原因：${detail}`,
    notKept: (why) => `片段未能保存：${why}。通话会继续。`,
  },
  problems: {
    permission_refused: {
      title: "本页被禁止使用摄像头和麦克风。",
      todo: "点击地址栏中的摄像头或锁形图标，允许两者，然后重新开始。在手机或 Mac 上，还需在系统隐私设置中允许浏览器使用。",
    },
    no_device: {
      title: "没有找到摄像头和麦克风。",
      todo: "请接上或打开设备，确认系统能识别，然后重新开始。",
    },
    device_in_use: {
      title: "无法打开摄像头或麦克风。",
      todo: "可能有其他程序正在使用。请关闭其他通话和摄像头应用，然后重新开始。",
    },
    device_lost: {
      title: "摄像头和麦克风已断开。",
      todo: "设备被拔出或收回。请重新连接并开始。",
    },
    media_failed: {
      title: "无法启动摄像头。",
      todo: "请重新开始；如果仍然如此，请重启浏览器。",
    },
    insecure_origin: {
      title: "此地址不能使用摄像头。",
      todo: (secure, local) => `浏览器只允许安全页面使用摄像头。请打开 ${secure}，或在服务器本机上打开 ${local}。`,
    },
    no_webrtc: {
      title: "此浏览器无法通话。",
      todo: "它没有 WebRTC，或已被关闭。请使用最新的 Chrome、Edge、Firefox 或 Safari。",
    },
    no_candidates: {
      title: "没有可用的网络接口。",
      todo: "即使在同一台机器上，通话也需要网络接口。请连接 Wi-Fi 或网线后重新开始；屏蔽 WebRTC 的隐私扩展也会造成此问题。",
    },
    server_unreachable: {
      title: "服务器没有响应。",
      todo: "请检查服务器是否在运行、此设备是否在它的网络中，然后重新开始。",
    },
    too_many_sessions: {
      title: "服务器已满。",
      todo: "通话人数已达上限。请稍后再试。",
    },
    no_port_left: {
      title: "服务器没有剩余端口可用于此通话。",
      todo: "允许使用的端口都已被占用。请稍后再试；管理员可以扩大 UDP_PORT_RANGE。",
    },
    access_code_required: {
      title: "服务器需要访问码。",
      todo: "请输入服务器启动时显示的访问码。",
    },
    wrong_host: {
      title: "服务器不认识这个地址。",
      todo: "请打开服务器启动时显示的地址之一。",
    },
    wrong_origin: {
      title: "此页面不属于该服务器。",
      todo: "请打开服务器启动时显示的地址之一。",
    },
    offer_refused: {
      title: "服务器无法使用此浏览器的连接请求。",
      todo: "请重新加载页面，然后重新开始。",
    },
    connection_failed: {
      title: "服务器有响应，但未能建立连接。",
      todo: "防火墙或 VPN 可能阻止了此设备与服务器之间的 UDP。请将其关闭或使用同一网络，然后重新开始。",
    },
    connection_lost: {
      title: "连接已断开。",
      todo: "网络中断或服务器已停止。您的摄像头现已关闭。恢复后请重新开始。",
    },
    channel_closed: {
      title: "服务器结束了通话。",
      todo: "服务器可能已停止或重启。您的摄像头现已关闭。请重新开始新的通话。",
    },
    deleted: {
      title: "此会话已被删除。",
      todo: "它的内容已全部清除，摄像头已关闭。打开摄像头即可开始新的会话。",
    },
    server_stopping: {
      title: "服务器已停止。",
      todo: "您的摄像头现已关闭。服务器恢复后请重新开始。",
    },
    unheard: {
      title: "服务器没有收到本页的任何消息。",
      todo: "网络可能中断，或本页处于休眠。您的摄像头现已关闭。请重新开始。",
    },
    hello_timeout: {
      title: "服务器未能及时收到本页的消息。",
      todo: "网络可能较慢。请重新开始。",
    },
    version_unsupported: {
      title: "本页与服务器的版本不同。",
      todo: "请重新加载页面。",
    },
    consent_required: {
      title: "录制前需要您的同意。",
      todo: "请勾选“允许录制通话”，然后开始录制。",
    },
    bad_message: {
      title: "服务器无法理解本页的消息。",
      todo: "通话会继续。如有功能不正常，请重新加载页面。",
    },
    unexpected: {
      title: "出现了问题。",
      todo: "请重新开始；如果仍然如此，请重新加载页面。",
    },
  },
  notices: {
    no_microphone: "没有麦克风：只发送您的画面。",
    no_camera: "没有摄像头：只发送您的声音。",
    labels_deleted: "本次通话的标签已删除。",
    labels_deleted_later: "服务器的历史记录暂时无法访问：恢复后会立即删除本次通话的标签。",
    clips_deleted: "本次通话的片段和录像已删除。",
    clips_deleted_later: "本次通话的片段和录像已删除；历史记录恢复后会立即清除其中的相关条目。",
    clips_not_deleted: "本次通话的片段无法从服务器磁盘上删除。请删除本次通话以重试。",
    resumed: "已重新连接，通话继续。",
    reconnected: "已重新连接，开始了新的会话；之前的对话仍保留在上方。",
    reconnected_recording: "已重新连接，开始了新的会话，并继续录制；之前的对话仍保留在上方。",
  },
};
