/** What a connection's statistics say of the link, from two reports. Pure. */

/**
 * One look at the link. Null is what this browser, or the receiver, does not tell.
 * @typedef {object} Sample
 * @property {number | null} bitrate bits a second sent, sound and picture
 * @property {number | null} loss share of the picture's packets, null where no new report came since the last look
 * @property {number | null} lastLoss the same as last told
 * @property {number | null} roundTrip milliseconds, of the media
 * @property {number | null} jitter milliseconds
 * @property {number | null} available bits a second that the browser thinks it may send
 * @property {string | null} limitation what the browser's encoder is held back by
 * @property {number | null} width pixels sent
 * @property {number | null} height
 * @property {number | null} frameRate frames a second sent
 */

/**
 * The figures of one report that a sample is made of. Times are milliseconds, `bytes` and `packets` are counts since
 * the call began.
 * @typedef {object} Reading
 * @property {number} at
 * @property {number} bytes
 * @property {number} packets
 * @property {Record<string, any>} video of the sent picture
 * @property {Record<string, any>} remote what the receiver reported of it
 * @property {Record<string, any>} pair the way that the packets take
 */

/**
 * @param {Iterable<Record<string, any>>} stats the values of an `RTCStatsReport`
 * @returns {Reading}
 */
export function read(stats) {
  /** @type {Reading} */
  const reading = { at: 0, bytes: 0, packets: 0, video: {}, remote: {}, pair: {} };
  let selected = "";
  const pairs = [];
  for (const entry of stats) {
    const isVideo = (entry.kind ?? entry.mediaType) === "video";
    if (entry.type === "outbound-rtp") {
      reading.at = Math.max(reading.at, entry.timestamp);
      reading.bytes += (entry.bytesSent ?? 0) + (entry.headerBytesSent ?? 0);
      if (isVideo) Object.assign(reading, { video: entry, packets: entry.packetsSent ?? 0 });
    } else if (entry.type === "remote-inbound-rtp" && isVideo) {
      reading.remote = entry;
    } else if (entry.type === "transport") {
      selected = entry.selectedCandidatePairId ?? "";
    } else if (entry.type === "candidate-pair") {
      pairs.push(entry);
    }
  }
  reading.pair = pairs.find(({ id }) => id === selected) ?? pairs.find(({ nominated }) => nominated) ?? {};
  return reading;
}

/**
 * @param {Reading | null} before
 * @param {Reading} now
 * @param {Sample | null} [last]
 * @returns {Sample}
 */
export function sampleOf(before, now, last = null) {
  const { video, remote, pair } = now;
  const seconds = before ? (now.at - before.at) / 1000 : 0;
  const loss = lossBetween(before, now);
  return {
    bitrate: before && seconds > 0 ? Math.max(0, ((now.bytes - before.bytes) * 8) / seconds) : null,
    loss,
    lastLoss: loss ?? last?.lastLoss ?? null,
    roundTrip: milliseconds(remote.roundTripTime ?? pair.currentRoundTripTime),
    jitter: milliseconds(remote.jitter),
    available: number(pair.availableOutgoingBitrate),
    limitation: video.qualityLimitationReason ?? null,
    width: number(video.frameWidth),
    height: number(video.frameHeight),
    frameRate: number(video.framesPerSecond),
  };
}

/**
 * A receiver reports about once a second: between two of its reports nothing new is known.
 * @param {Reading | null} before
 * @param {Reading} now
 * @returns {number | null}
 */
function lossBetween(before, { remote, packets }) {
  if (remote.timestamp === undefined || remote.timestamp === before?.remote.timestamp) return null;
  const told = number(remote.fractionLost);
  if (told !== null) return share(told);
  if (!before || before.remote.packetsLost === undefined) return null;
  const lost = remote.packetsLost - before.remote.packetsLost;
  const sent = packets - before.packets;
  return sent > 0 ? share(lost / sent) : null;
}

/** @param {number} value */
function share(value) {
  return Math.min(1, Math.max(0, value));
}

/** @param {unknown} value */
function number(value) {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** @param {unknown} seconds */
function milliseconds(seconds) {
  const value = number(seconds);
  return value === null ? null : value * 1000;
}
