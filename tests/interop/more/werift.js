// werift as a publisher: node werift.js FILE URL. The file's packets are sent as they were encoded.
import {
  MediaStreamTrack,
  RTCPeerConnection,
  RTCRtpCodecParameters,
  RtpPacket,
} from "werift";

import { playRtp } from "./media.js";

const [file, url] = process.argv.slice(2);
const h264 = file.endsWith(".mp4");
const peer = new RTCPeerConnection({
  iceServers: [],
  codecs: {
    audio: [new RTCRtpCodecParameters({ mimeType: "audio/opus", clockRate: 48000, channels: 2 })],
    video: [
      new RTCRtpCodecParameters({
        mimeType: h264 ? "video/H264" : "video/VP8",
        clockRate: 90000,
        rtcpFeedback: [{ type: "nack" }, { type: "nack", parameter: "pli" }],
        parameters: h264
          ? "profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1"
          : undefined,
      }),
    ],
  },
});
const tracks = ["audio", "video"].map((kind) => new MediaStreamTrack({ kind }));
for (const track of tracks) peer.addTransceiver(track, { direction: "sendonly" });

await peer.setLocalDescription(await peer.createOffer());
const posted = await fetch(url, {
  method: "POST",
  headers: { "Content-Type": "application/sdp" },
  body: peer.localDescription.sdp,
});
if (posted.status !== 201) throw new Error(`${posted.status}: ${await posted.text()}`);
const connected = peer.connectionStateChange.watch((state) => state === "connected");
await peer.setRemoteDescription({ type: "answer", sdp: await posted.text() });
await connected;
await Promise.all(
  tracks.map((track) => playRtp(file, track.kind, (data) => track.writeRtp(RtpPacket.deSerialize(data)))),
);
const ended = await fetch(new URL(posted.headers.get("Location"), url), { method: "DELETE" });
console.log(JSON.stringify({ ended: ended.status }));
await peer.close();
process.exit(0);
