"""Offers as publishers write them."""

from __future__ import annotations

AUDIO = """\
m=audio 9 UDP/TLS/RTP/SAVPF 111
c=IN IP4 0.0.0.0
a=ice-ufrag:EsAw
a=ice-pwd:bP+XJMM09aR8AiX1jdukzR6Y
a=fingerprint:sha-256 {fingerprint}
a=setup:{setup}
a=mid:0
a={direction}
a=msid:stream sound
a=rtcp-mux
a=rtpmap:111 opus/48000/2
"""

VIDEO = """\
m=video 9 UDP/TLS/RTP/SAVPF {payloads}
c=IN IP4 0.0.0.0
a=ice-ufrag:EsAw
a=ice-pwd:bP+XJMM09aR8AiX1jdukzR6Y
a=fingerprint:sha-256 {fingerprint}
a=setup:{setup}
a=mid:1
a={direction}
a=msid:stream picture
a=rtcp-mux
{formats}"""

FINGERPRINT = ":".join(["AB"] * 32)


def h264(payload=106, profile="64000d", mode=1):
    """The lines of an H.264, those of FFmpeg unless told otherwise."""
    parameters = f"level-asymmetry-allowed=1;packetization-mode={mode};profile-level-id={profile}"
    return f"a=rtpmap:{payload} H264/90000\na=fmtp:{payload} {parameters}\na=rtcp-fb:{payload} nack\n"


VP8 = "a=rtpmap:96 VP8/90000\na=rtcp-fb:96 nack pli\n"


def offer(formats=VP8, *, setup="actpass", direction="sendonly", sections="av", more=""):
    """An offer of one sound and one picture."""
    given = {"fingerprint": FINGERPRINT, "setup": setup, "direction": direction}
    payloads = " ".join(
        line[9:].split(" ")[0] for line in formats.splitlines() if line.startswith("a=rtpmap:")
    )
    head = "v=0\no=- 1 2 IN IP4 127.0.0.1\ns=-\nt=0 0\na=group:BUNDLE 0 1\n"
    audio = AUDIO.format(**given) if "a" in sections else ""
    video = VIDEO.format(**given, payloads=payloads, formats=formats) if "v" in sections else ""
    return (head + audio + video + more).replace("\n", "\r\n")
