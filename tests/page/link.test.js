/** What two reports of a connection say of the link: cut down from two of Chromium, a second apart, with sound added. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { read, sampleOf } from "../../web/static/js/link.js";

const PAIR = { id: "CP1", type: "candidate-pair", nominated: true, state: "succeeded", currentRoundTripTime: 0.001 };
const VIDEO = {
  id: "OT1", type: "outbound-rtp", kind: "video", frameHeight: 480, frameWidth: 640, framesPerSecond: 20,
  qualityLimitationReason: "none",
};
const AUDIO = { id: "OA1", type: "outbound-rtp", kind: "audio" };
const REMOTE = { id: "RI1", type: "remote-inbound-rtp", kind: "video", packetsLost: 0, fractionLost: 0 };
const OTHERS = [
  { id: "T01", type: "transport", selectedCandidatePairId: "CP1" },
  { id: "RIA", type: "remote-inbound-rtp", kind: "audio", timestamp: 1, packetsLost: 9, fractionLost: 0.9 },
  { id: "CP0", type: "candidate-pair", nominated: true, availableOutgoingBitrate: 1 },
];
/** @type {Record<string, any>[]} */
const FIRST = [
  ...OTHERS,
  { ...PAIR, timestamp: 1795538813056.852, availableOutgoingBitrate: 430706 },
  { ...VIDEO, timestamp: 1795538813056.852, bytesSent: 371526, headerBytesSent: 10072, packetsSent: 444 },
  { ...AUDIO, timestamp: 1795538813056.852, bytesSent: 40000, headerBytesSent: 8000, packetsSent: 560 },
  { ...REMOTE, timestamp: 1795538812821.024, jitter: 0.0005329, roundTripTime: 0.001 },
];
/** @type {Record<string, any>[]} */
const SECOND = [
  ...OTHERS,
  { ...PAIR, timestamp: 1795538814063.728, availableOutgoingBitrate: 468754 },
  { ...VIDEO, timestamp: 1795538814063.728, bytesSent: 417609, headerBytesSent: 10992, packetsSent: 490 },
  { ...AUDIO, timestamp: 1795538814063.728, bytesSent: 44000, headerBytesSent: 8800, packetsSent: 610 },
  { ...REMOTE, timestamp: 1795538813977.983, jitter: 0.0005, roundTripTime: 0.00114 },
];

/** @param {Record<string, any>[]} stats @param {string} id @param {Record<string, any>} difference */
function changed(stats, id, difference) {
  return stats.map((entry) => (entry.id === id ? { ...entry, ...difference } : entry));
}

test("two reports give bitrate, size, loss, times and what may be sent", () => {
  const { bitrate, ...rest } = sampleOf(read(FIRST), read(SECOND));
  // 46,083 + 920 bytes of picture and 4,000 + 800 of sound in 1.0069 s.
  assert.equal(Math.round(/** @type {number} */ (bitrate)), 411_594);
  assert.deepEqual(rest, {
    loss: 0, lastLoss: 0, roundTrip: 1.14, jitter: 0.5, available: 468754, limitation: "none",
    width: 640, height: 480, frameRate: 20,
  });
});

test("the first report alone tells no bitrate", () => {
  assert.equal(sampleOf(null, read(FIRST)).bitrate, null);
});

test("loss is told once for each report of the receiver, and remembered", () => {
  const lossy = read(changed(SECOND, "RI1", { fractionLost: 0.125 }));
  const first = sampleOf(read(FIRST), lossy);
  assert.equal(first.loss, 0.125);
  const again = sampleOf(lossy, lossy, first);
  assert.deepEqual([again.loss, again.lastLoss], [null, 0.125]);
});

test("where a browser tells no share, it is counted from the packets", () => {
  const before = read(changed(FIRST, "RI1", { fractionLost: undefined, packetsLost: 3 }));
  const now = read(changed(SECOND, "RI1", { fractionLost: undefined, packetsLost: 14.5 }));
  assert.equal(sampleOf(before, now).loss, 0.25);
  assert.equal(sampleOf(null, now).loss, null);
});

test("a browser that tells little leaves the rest unknown", () => {
  const bare = [{ id: "O", type: "outbound-rtp", mediaType: "video", timestamp: 5, packetsSent: 1, bytesSent: 9 }];
  assert.deepEqual(sampleOf(null, read(bare)), {
    bitrate: null, loss: null, lastLoss: null, roundTrip: null, jitter: null, available: null, limitation: null,
    width: null, height: null, frameRate: null,
  });
});
