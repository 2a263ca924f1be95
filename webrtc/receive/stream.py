"""The stream: one synchronization source, from its packets to its frames, and what its sender is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import inf
from typing import Protocol

from pipeline.frames import CLOCK_RATE, Codec, Kind
from webrtc.receive.assembly import Assembly, Frame
from webrtc.receive.keyframes import Keyframes
from webrtc.receive.missing import Missing
from webrtc.receive.ordering import Ordering
from webrtc.receive.packet import Packet
from webrtc.receive.queueing import Queueing
from webrtc.receive.sequence import Unwrapper
from webrtc.receive.statistics import Freezes, Statistics

VIDEO_PATIENCE = (0.2, 0.4)
"""Seconds that a missing packet of video is waited for: time for two and a half round trips between these."""

OVERTAKEN_PATIENCE = 0.1
"""Seconds that a missing packet is waited for which is not sent again and can only have been overtaken: one of sound,
and one between a loss and the request for a keyframe."""

WORTH = 8
"""Packets that may be missing at least before a keyframe is taken to be cheaper than all of them."""

FULL = 0.12
"""Seconds that packets wait longer than the fastest on a link that is full: what is missing there found no room."""

HESITATION = 0.05
"""Seconds for which nothing is asked for again on a full link: by then it shows whether little is missing or much."""

SILENT = 2.0
"""Seconds without a packet after which a sender is asked for no keyframe any more: its camera is off."""

FAR_BACK = 1000
"""Packets behind the newest at which a sender has not sent late but begun to count anew (RFC 3550 appendix A.1)."""


class Feedback(Protocol):
    """What a stream tells its sender."""

    def nack(self, ssrc: int, sequences: list[int]) -> None:
        """Ask for packets again (RFC 4585 section 6.2.1). Sequence numbers of 16 bits."""

    def pli(self, ssrc: int) -> None:
        """Ask for a keyframe (RFC 4585 section 6.3.1)."""

    def congested(self) -> None:
        """The link is too narrow: much of what is sent finds no room in it, or will soon find none."""


class Stream:
    """Takes the packets of one source. `codecs` are those that can be kept, by payload type; `deliver` is given each
    frame and when it was whole.

    Times are monotonic seconds. What must be done later is done by `tick` at `due`.
    """

    def __init__(
        self,
        ssrc: int,
        kind: Kind,
        codecs: Mapping[int, Codec],
        deliver: Callable[[Frame, float], None],
        feedback: Feedback,
        *,
        nack: bool,
    ) -> None:
        self.ssrc = ssrc
        self._video = kind == "video"
        queueing = Queueing(self._grows) if self._video else None
        self.statistics = Statistics(CLOCK_RATE["vp8" if self._video else "opus"], queueing)
        self.freezes = Freezes()
        self.retransmitted = 0
        self.nacks = 0
        self.plis = 0
        self._nack = nack
        self._keyframes = Keyframes(lambda: 2.5 * (self.round_trip or 0.0) + self._queued(), self._queued)
        self._deliver = deliver
        self._feedback = feedback
        self._unwrapper = Unwrapper()
        self.assembly = Assembly(kind, codecs, self._emit)
        self.ordering = Ordering(
            Missing(asks=nack, hesitation=self._hesitation),
            patience=self._patience,
            take=self.assembly.take,
            lose=self.assembly.lose,
        )
        self._stray: int | None = None
        self._now = 0.0
        self._heard = 0.0

    def add(self, packet: Packet, now: float) -> float:
        """Take a packet as it comes; when to `tick` next."""
        self._now = self._heard = now
        highest = self._unwrapper.highest
        unwrapped = self._unwrapper.take(packet.sequence)
        if highest is not None and unwrapped < highest - FAR_BACK and not self._starts_over(unwrapped):
            return self.due
        ordering = self.ordering
        self.statistics.add(unwrapped, packet.timestamp, len(packet.payload), now)
        ordering.missing.arrived += 1
        ordering.add(unwrapped, packet, now)
        if ordering.held:
            full = self._full
            dearer = WORTH if full else max(WORTH, self.assembly.keyframe_packets)
            if self._video and len(ordering.missing) > dearer and ordering.missing.certain(now) > dearer:
                ordering.give_up()
                if full:
                    self._congested(now)
        elif not self.assembly.awaits_keyframe and self._keyframes.due == inf:
            return inf  # all is well, as mostly
        self._ask(now)
        return self.due

    def add_retransmitted(self, packet: Packet, now: float) -> float:
        """Take a packet that was asked for again and came by another source (RFC 4588); when to `tick` next."""
        if self._unwrapper.highest is None:
            return self.due
        self._now = now
        unwrapped = self._unwrapper.peek(packet.sequence)
        self.retransmitted += unwrapped in self.ordering.missing  # else sent again to probe the link
        self.ordering.add(unwrapped, packet, now, retransmitted=True)
        self._ask(now)
        return self.due

    def tick(self, now: float) -> float:
        """Ask again, and give up, what is due; when to do so next."""
        self._now = now
        self.ordering.expire(now)
        self._ask(now)
        return self.due

    @property
    def due(self) -> float:
        """When to `tick` next; infinity while all is well."""
        if not self.ordering.held:
            return self._keyframes.due
        ask = self.ordering.missing.due if self._useful else inf
        return min(self.ordering.due, ask, self._keyframes.due)

    @property
    def round_trip(self) -> float | None:
        """Seconds that a retransmission takes, or None while none was needed."""
        return self.ordering.missing.round_trip

    def request_keyframe(self, now: float) -> None:
        """Ask the sender for a keyframe that would be of use, such as to begin a clip, unless one that was asked for
        may still come, or the link is busy and one has come in the last seconds."""
        if self._keyframes.ask_wanted(now):
            self._request_keyframe()

    def _request_keyframe(self) -> None:
        self.plis += 1
        self._feedback.pli(self.ssrc)

    def _starts_over(self, unwrapped: int) -> bool:
        """Whether the sender counts anew: two in a row from far back."""
        if self._stray is None or unwrapped != self._stray + 1:
            self._stray = unwrapped
            return False
        self._stray = None
        self._unwrapper.highest = unwrapped
        self.statistics.start_over()
        self.ordering.start_over()
        return True

    def _grows(self) -> None:
        """A queue grows before the link: the sender is to know before it is full."""
        self._keyframes.told(self._now)
        self._feedback.congested()

    def _congested(self, now: float) -> None:
        """Much found no room."""
        self._keyframes.crowded_out(now)
        self._feedback.congested()

    def _emit(self, frame: Frame) -> None:
        if self._video:
            self.freezes.see(self._now)
        if frame.keyframe:
            self._keyframes.came(self._now)
        self._deliver(frame, self._now)

    def _ask(self, now: float) -> None:
        if not self.assembly.awaits_keyframe or now - self._heard > SILENT:
            self._keyframes.due = inf
        else:
            self._keyframes.need(now, missed=self.assembly.missed)
        if self._keyframes.due <= now and self._keyframes.ask(now):
            self._request_keyframe()
        missing = self.ordering.missing
        if len(missing) and self._useful and (sequences := missing.ask(now)):
            self.nacks += len(sequences)
            self._feedback.nack(self.ssrc, [each & 0xFFFF for each in sequences])

    @property
    def _useful(self) -> bool:
        """Whether what is missing is of use: between a loss and a keyframe only if the keyframe may begin with it, and
        on a link with room for it."""
        return self.assembly.cares or (self._nack and self._keyframes.asked > 0 and not self._full)

    @property
    def _full(self) -> bool:
        return self._queued() > FULL

    def _queued(self) -> float:
        """Seconds that the newest frame waited on its way."""
        queueing = self.statistics.queueing
        return 0.0 if queueing is None else queueing.seconds

    def _hesitation(self) -> float:
        return HESITATION if self._full else 0.0

    def _patience(self) -> float:
        if not self._video or not self._useful:
            return OVERTAKEN_PATIENCE
        least, most = VIDEO_PATIENCE
        return min(most, max(least, 2.5 * (self.round_trip or 0.0)))
