/** Words of what is drawn of a face: its outline, where it stands between moods, and what is read out of it. */

export const en = {
  outline: {
    switch: "Outline my face",
    hint: "Draw a line around the face that is looked at. Only you see it.",
  },
  pad: {
    region: "Mood",
    empty: "Pleasantness and energy: not known yet.",
    at: (/** @type {string} */ valence, /** @type {string} */ arousal) => `Pleasantness ${valence}, energy ${arousal}.`,
    silent: (/** @type {string} */ valence) => `Pleasantness ${valence}, energy not known without a voice.`,
    high: "lively",
    low: "calm",
    left: "unpleasant",
    right: "pleasant",
  },
  spoken: {
    likely: (/** @type {string} */ label) => `Expression likely seen: ${label}.`,
    unknown: (/** @type {string} */ advice) => `Expression unknown. ${advice}`,
  },
  titles: {
    analysing: "Analysing · Mien",
    both: "● Recording and analysing · Mien",
  },
};

/** @type {typeof en} */
export const zh = {
  outline: {
    switch: "显示面部轮廓",
    hint: "在被分析的面部周围画一圈轮廓线，只有您能看到。",
  },
  pad: {
    region: "情绪",
    empty: "愉悦度和活跃度：尚不清楚。",
    at: (valence, arousal) => `愉悦度 ${valence}，活跃度 ${arousal}。`,
    silent: (valence) => `愉悦度 ${valence}，没有声音，活跃度未知。`,
    high: "活跃",
    low: "平静",
    left: "不愉快",
    right: "愉快",
  },
  spoken: {
    likely: (label) => `可能看到的表情：${label}。`,
    unknown: (advice) => `表情未知。${advice}`,
  },
  titles: {
    analysing: "正在分析 · Mien",
    both: "● 正在录制和分析 · Mien",
  },
};
