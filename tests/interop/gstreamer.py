"""GStreamer's webrtcbin as a WHIP client; for the Python that Debian's packages of GStreamer belong to.

    /usr/bin/python3 gstreamer.py <WHIP endpoint> <file> vp8|h264

Publishes the file as if it came from a camera, encoded anew, until SIGINT. A keyframe comes by itself every 10 s only.
Without arguments it only says whether it could.
"""

import signal
import sys
import urllib.request
from urllib.parse import urljoin

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

ELEMENTS = "webrtcbin nicesrc dtlsenc srtpenc rtpvp8pay matroskademux vp8enc x264enc opusenc clocksync"
ENCODERS = {
    "vp8": "vp8enc deadline=1 cpu-used=8 keyframe-max-dist=150 target-bitrate=400000 ! rtpvp8pay ! "
    "application/x-rtp,media=video,encoding-name=VP8,payload=96",
    "h264": "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=150 bitrate=400 ! "
    "video/x-h264,profile=constrained-baseline ! rtph264pay config-interval=-1 aggregate-mode=zero-latency ! "
    "application/x-rtp,media=video,encoding-name=H264,payload=96",
}
PIPELINE = """
    webrtcbin name=peer bundle-policy=max-bundle
    filesrc location={file} ! matroskademux name=file
    file. ! queue ! vp8dec ! videoconvert ! clocksync ! {encoder} ! peer.
    file. ! queue ! opusdec ! audioconvert ! audioresample ! clocksync ! opusenc ! rtpopuspay !
        application/x-rtp,media=audio,encoding-name=OPUS,payload=97 ! peer.
"""


class Publisher:
    def __init__(self, endpoint: str, file: str, codec: str) -> None:
        self.endpoint = endpoint
        self.location = None
        self.loop = GLib.MainLoop()
        self.pipeline = Gst.parse_launch(PIPELINE.format(file=file, encoder=ENCODERS[codec]))
        self.peer = self.pipeline.get_by_name("peer")
        for index in range(2):
            transceiver = self.peer.emit("get-transceiver", index)
            transceiver.set_property("direction", GstWebRTC.WebRTCRTPTransceiverDirection.SENDONLY)
        self.peer.connect("on-negotiation-needed", self._offer)
        self.peer.connect("notify::ice-gathering-state", self._gathered)
        self.peer.connect("notify::connection-state", self._changed)

    def run(self) -> None:
        GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, signal.SIGINT, self._stop)
        self.pipeline.set_state(Gst.State.PLAYING)
        self.loop.run()
        self.pipeline.set_state(Gst.State.NULL)

    def _offer(self, peer) -> None:
        peer.emit("create-offer", None, Gst.Promise.new_with_change_func(self._offered))

    def _offered(self, promise) -> None:
        reply = promise.get_reply()  # the offer lives as long as it does
        self.peer.emit("set-local-description", reply.get_value("offer"), Gst.Promise.new())

    def _gathered(self, peer, _) -> None:
        if peer.get_property("ice-gathering-state") == GstWebRTC.WebRTCICEGatheringState.COMPLETE:
            GLib.idle_add(self._post)

    def _post(self) -> bool:
        offer = self.peer.get_property("local-description").sdp.as_text()
        headers = {"Content-Type": "application/sdp"}
        with urllib.request.urlopen(
            urllib.request.Request(self.endpoint, offer.encode(), headers)
        ) as response:
            self.location = urljoin(self.endpoint, response.headers["Location"])
            _, sdp = GstSdp.SDPMessage.new_from_text(response.read().decode())
        answer = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, sdp)
        self.peer.emit("set-remote-description", answer, Gst.Promise.new())
        return GLib.SOURCE_REMOVE

    def _changed(self, peer, _) -> None:
        print(peer.get_property("connection-state").value_nick, flush=True)

    def _stop(self) -> bool:
        urllib.request.urlopen(urllib.request.Request(self.location, method="DELETE")).close()
        self.loop.quit()
        return GLib.SOURCE_REMOVE


Gst.init(None)
print(Gst.version_string(), flush=True)
if missing := [name for name in ELEMENTS.split() if Gst.ElementFactory.find(name) is None]:
    sys.exit(f"GStreamer has no {' '.join(missing)}")
if sys.argv[1:]:
    Publisher(*sys.argv[1:]).run()
