// A peer that vanishes without a word: node flaky.js FILE SERVER ENTRANCE PHASE. Made of node-datachannel.
//
// ENTRANCE is "offer", a page's way in, or "whip". It goes, as a process does that is killed, when it has come as far as
// PHASE: "asking" (waits for the answer), "offer" (is answered), "ice" (looks for a way), "dtls" (has found one), "channel"
// (has it open), "media" (has sent a second of it). It says how far it came. At times its handshake fails, where its ICE
// has connected before it has put down our answer and the fingerprint in it; then it goes where it stands.
import { writeSync } from "node:fs";

import { Audio, PeerConnection, Video } from "node-datachannel";

import { playRtp } from "./media.js";

const [file, server, entrance, phase] = process.argv.slice(2);
const GIVE_UP = 5000; // ms
const TYPES = { audio: 111, video: 96 };

/** @param {string} reached */
function vanish(reached) {
  writeSync(1, `${reached}\n`);
  process.kill(process.pid, "SIGKILL");
}

/** @param {string} reached */
const at = (reached) => {
  if (reached === phase) vanish(reached);
};

const peer = new PeerConnection("flaky", { iceServers: [], disableAutoNegotiation: true });
const tracks = { audio: new Audio("0", "SendOnly"), video: new Video("1", "SendOnly") };
tracks.audio.addOpusCodec(TYPES.audio);
tracks.video.addVP8Codec(TYPES.video);
const senders = {};
for (const [kind, track] of Object.entries(tracks)) {
  track.addSSRC(TYPES[kind], "flaky", "stream", kind);
  senders[kind] = peer.addTrack(track);
}
const channel = entrance === "offer" ? peer.createDataChannel("events") : null;
channel?.onOpen(() => {
  channel.sendMessage(JSON.stringify({
    type: "hello", version: 1, language: "en", consent: { analysis: true, recording: true },
  }));
  at("channel");
});

const gathered = new Promise((resolve) => {
  peer.onGatheringStateChange((state) => state === "complete" && resolve());
});
peer.onIceStateChange((state) => {
  if (state === "connected") at("dtls");
});
const connected = new Promise((resolve) => {
  peer.onStateChange((state) => state === "connected" && resolve());
});
setTimeout(() => vanish(`gave up, ${peer.iceState()} and ${peer.state()}`), GIVE_UP);

peer.setLocalDescription("offer");
await gathered;
const { sdp } = peer.localDescription();
const [type, body] = entrance === "whip"
  ? ["application/sdp", sdp]
  : ["application/json", JSON.stringify({ type: "offer", sdp })];
const asked = fetch(`${server}/${entrance}`, {
  method: "POST", headers: { "Content-Type": type }, body,
});
setTimeout(() => at("asking"), 10 + 40 * Math.random());
const answered = await asked;
if (!answered.ok) vanish(`refused, ${answered.status} ${await answered.text()}`);
at("offer");
peer.setRemoteDescription(entrance === "whip" ? await answered.text() : (await answered.json()).sdp, "answer");
at("ice");
await connected;
setTimeout(() => at("media"), 1000);
for (const kind of Object.keys(tracks)) {
  playRtp(file, kind, (packet) => {
    packet[1] = (packet[1] & 0x80) | TYPES[kind];
    packet.writeUInt32BE(TYPES[kind], 8);
    if (senders[kind].isOpen()) senders[kind].sendMessageBinary(packet);
  });
}
