"""WHIP (RFC 9725) as far as it is about media: what a publisher may offer, how it is answered, what a PATCH means.

Nothing here knows of HTTP, and nothing but reads and returns values.
"""

from webrtc.whip.fragment import BadFragment, Fragment, read_fragment
from webrtc.whip.offer import Offer, finished, read_offer
from webrtc.whip.publication import Publication, Verdict

__all__ = [
    "BadFragment",
    "Fragment",
    "Offer",
    "Publication",
    "Verdict",
    "finished",
    "read_fragment",
    "read_offer",
]
