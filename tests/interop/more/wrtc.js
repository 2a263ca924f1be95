// @roamhq/wrtc, which is libwebrtc, as a publisher by whip-whep: node wrtc.js FILE URL. It encodes pictures and sound.
import wrtc from "@roamhq/wrtc";
import { WHIPClient } from "whip-whep/whip.js";

import { playRaw } from "./media.js";

const [file, url] = process.argv.slice(2);
const WIDTH = 320;
const HEIGHT = 240;
const PICTURE = (WIDTH * HEIGHT * 3) / 2;
const SAMPLES = 480; // 10 ms
const { RTCAudioSource, RTCVideoSource } = wrtc.nonstandard;

const peer = new wrtc.RTCPeerConnection({ iceServers: [], bundlePolicy: "max-bundle" });
const sound = new RTCAudioSource();
const picture = new RTCVideoSource();
for (const source of [sound, picture]) peer.addTransceiver(source.createTrack(), { direction: "sendonly" });

const statuses = [];
const asked = globalThis.fetch;
globalThis.fetch = async (address, request) => {
  const response = await asked(address, request);
  statuses.push([request.method, response.status]);
  return response;
};
const client = new WHIPClient();
await client.publish(peer, url);
while (peer.connectionState !== "connected") {
  if (peer.connectionState === "failed") throw new Error("not connected");
  await new Promise((resolve) => setTimeout(resolve, 20));
}
await Promise.all([
  playRaw(file, ["-map", "0:v", "-f", "rawvideo", "-pix_fmt", "yuv420p"], PICTURE, (data) =>
    picture.onFrame({ width: WIDTH, height: HEIGHT, data: new Uint8ClampedArray(data) })),
  playRaw(file, ["-map", "0:a", "-f", "s16le", "-ac", "1", "-ar", "48000"], SAMPLES * 2, (data) =>
    sound.onData({
      samples: new Int16Array(data.buffer.slice(data.byteOffset, data.byteOffset + SAMPLES * 2)),
      sampleRate: 48000, bitsPerSample: 16, channelCount: 1, numberOfFrames: SAMPLES,
    })),
]);
await client.stop();
console.log(JSON.stringify({ statuses }));
process.exit(0);
