"""The tap: encoded frames out of an aiortc peer, before aiortc would decode them.

The only folder that touches aiortc's insides; `insides` names all of them, and `tests/webrtc/tap/` holds the contract
with the version that is pinned. ICE, DTLS, SCTP and SDP stay aiortc's. Media is received in one of two ways: `lean` is
one short synchronous way from the datagram to the frame; `ordinary` is aiortc's own as far as its jitter buffer, for
an aiortc in which the lean way would not find its feet.
"""

from webrtc.tap.choice import Chosen, ReceivePath, Way, choose, path
from webrtc.tap.gate import Gate
from webrtc.tap.guard import guard
from webrtc.tap.insides import IncompatibleAiortc
from webrtc.tap.lean import LeanPath
from webrtc.tap.track import CODECS, MAX_QUEUED, EncodedTrack

__all__ = [
    "CODECS",
    "MAX_QUEUED",
    "Chosen",
    "EncodedTrack",
    "Gate",
    "IncompatibleAiortc",
    "LeanPath",
    "ReceivePath",
    "Way",
    "choose",
    "guard",
    "path",
]
