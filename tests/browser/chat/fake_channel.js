/**
 * A peer connection without a server or a camera: it opens at once, keeps what the page sends in `window.sent` (pings
 * apart, which it answers) and hands the page what a test gives to `window.serve(...messages)`. `window.hangUp()` is the
 * server going, until `window.comeBack()`.
 */
(() => {
  class Channel extends EventTarget {
    readyState = "connecting";

    send(text) {
      const message = JSON.parse(text);
      if (message.type === "ping") return this.pong(message);
      window.sent.push(message);
      if (message.type === "hello") window.serve(...window.greeting);
      return undefined;
    }

    pong({ client_ts }) {
      const queue_info = { video_frames: 0, audio_chunks: 0, video_duration: 0, audio_duration: 0, max_duration: 10 };
      window.serve({ type: "pong", session_id: "s", client_ts, server_ts: 0, queue_info, load: {} });
    }

    close() {
      if (this.readyState === "closed") return;
      this.readyState = "closed";
      this.dispatchEvent(new Event("close"));
    }
  }

  class Connection extends EventTarget {
    iceGatheringState = "complete";
    connectionState = "new";
    localDescription = null;

    createDataChannel() {
      return (this.channel = window.channel = new Channel());
    }

    addTransceiver() {
      return {};
    }

    async setLocalDescription() {
      this.localDescription = { type: "offer", sdp: "a=candidate:" };
    }

    async setRemoteDescription() {
      queueMicrotask(() => {
        this.channel.readyState = "open";
        this.channel.dispatchEvent(new Event("open"));
      });
    }

    close() {}
  }

  window.RTCPeerConnection = Connection;
  navigator.mediaDevices.getUserMedia = async () => new MediaStream();
  // Not by the test's own routes: those would do without the browser's cache, and each page would load anew.
  const { fetch } = window;
  let back = Promise.resolve();
  window.fetch = async (path, options) => {
    if (path !== "/offer") return fetch(path, options);
    await back;
    return new Response(JSON.stringify({ sdp: "v=0", type: "answer", session_id: "s", token: "t" }));
  };
  navigator.sendBeacon = () => true;
  window.sent = [];
  window.greeting = [];
  window.serve = (...messages) => {
    for (const message of messages) {
      window.channel.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(message) }));
    }
  };
  window.hangUp = () => {
    back = new Promise((resolve) => { window.comeBack = resolve; });
    window.channel.close();
  };
})();
