// The material of the clients in JavaScript: a file played in real time by ffmpeg, as RTP or as pictures and sound.
import { spawn } from "node:child_process";
import dgram from "node:dgram";

/**
 * Plays one kind of a file as it was encoded.
 * @param {string} file
 * @param {"audio" | "video"} kind
 * @param {(packet: Buffer) => void} take gets each RTP packet
 * @returns {Promise<void>} settles at the file's end
 */
export function playRtp(file, kind, take) {
  return new Promise((resolve, reject) => {
    const socket = dgram.createSocket("udp4");
    socket.on("message", take);
    socket.bind(0, "127.0.0.1", () => {
      const filters = kind === "video" && file.endsWith(".mp4") ? ["-bsf:v", "h264_mp4toannexb"] : [];
      const to = ["-f", "rtp", "-payload_type", "96", `rtp://127.0.0.1:${socket.address().port}?pkt_size=1200`];
      const command = ["-v", "error", "-re", "-i", file, "-map", `0:${kind[0]}`, "-c", "copy", ...filters, ...to];
      const playing = spawn("ffmpeg", command, { stdio: ["ignore", "ignore", "inherit"] });
      playing.on("close", (code) => {
        socket.close();
        if (code === 0) resolve();
        else reject(new Error(`ffmpeg ended with ${code}`));
      });
    });
  });
}

/**
 * Plays one kind of a file decoded.
 * @param {string} file
 * @param {string[]} to what ffmpeg is to make of it
 * @param {number} size bytes of a chunk
 * @param {(chunk: Buffer) => void} take gets each chunk
 * @returns {Promise<void>} settles at the file's end
 */
export function playRaw(file, to, size, take) {
  return new Promise((resolve, reject) => {
    const playing = spawn("ffmpeg", ["-v", "error", "-re", "-i", file, ...to, "-"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let waiting = Buffer.alloc(0);
    playing.stdout.on("data", (data) => {
      waiting = Buffer.concat([waiting, data]);
      for (; waiting.length >= size; waiting = waiting.subarray(size)) take(waiting.subarray(0, size));
    });
    playing.on("close", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`ffmpeg ended with ${code}`));
    });
  });
}
