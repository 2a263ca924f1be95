"""A call without a network: a sender, a link that loses, delays and reorders by a seed, and our receiving stream.

Time is virtual: what happens when depends on the seed alone.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count, pairwise
from math import inf
from typing import Any

from pipeline.frames import CLOCK_RATE, Kind
from webrtc.receive.assembly import Frame
from webrtc.receive.packet import Packet
from webrtc.receive.stream import Stream

VIDEO, AUDIO, SSRC = 96, 111, 0x51AC
KEYFRAME = b"\x10\0\0\x9d\x01\x2a\x40\x01\xf0\0"  # 320x240
DELTA = b"\x11\0\0"


@dataclass(slots=True)
class Link:
    """One way: the share of packets lost, seconds of delay and of jitter beside it, and when nothing passes at all."""

    loss: float = 0.0
    delay: float = 0.02
    jitter: float = 0.0
    twice: float = 0.0
    until: float = inf
    """Seconds until which packets are lost; none are afterwards."""
    silent: tuple[float, float] = (inf, inf)
    narrow: float = inf
    """Seconds from which on only `width` packets a second pass to us, and a queue of `queue` seconds forms."""
    width: float = 60.0
    queue: float = 0.3


@dataclass(frozen=True, slots=True)
class Given:
    """A frame that came out: its number, when it was sent, when its last packet came and when it was given out."""

    number: int
    sent: float
    whole: float
    given: float
    frame: Frame


@dataclass
class Emulation:
    """Runs a sender against a `Stream`. `given` are the frames that came out; `asked` when keyframes were asked for. A
    sender that hears of `congestions` makes frames of one packet from then on."""

    seed: int = 0
    kind: Kind = "video"
    link: Link = field(default_factory=Link)
    rate: float = 30.0
    packets: int = 4
    first_sequence: int = 0xFFF0
    first_timestamp: int = 0xFFFF_F000
    repairs: bool = True
    deaf: float = 0.3
    """Seconds after a request for a keyframe in which the sender does not hear another, as Chromium's does."""
    given: list[Given] = field(default_factory=list)
    asked: list[float] = field(default_factory=list)
    nacked: list[int] = field(default_factory=list)
    congestions: list[float] = field(default_factory=list)
    now: float = 0.0

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._queue: list[tuple[float, int, Callable[..., None], tuple[Any, ...]]] = []
        self._order = count()
        self._sequence = self.first_sequence
        self._history: dict[int, Packet] = {}
        self._keyframe_wanted = True
        self._wanted = -inf
        self._sent: dict[int, tuple[int, float]] = {}
        self._whole: dict[int, float] = {}
        self._numbers = count()
        self._free = 0.0
        codec = "vp8" if self.kind == "video" else "opus"
        self.stream = Stream(
            SSRC,
            self.kind,
            {VIDEO: "vp8", AUDIO: "opus"},
            self._deliver,
            self,
            nack=self.repairs and self.kind == "video",
        )
        self._ticks = CLOCK_RATE[codec] / self.rate
        self._packets = self.packets if self.kind == "video" else 1

    def run(self, seconds: float) -> list[Given]:
        """Send for so long, then wait for a second more."""
        for number in range(round(seconds * self.rate)):
            self._at(number / self.rate, self._send_frame)
        end = seconds + 1.0
        while self._queue or self.stream.due < end:
            due = self.stream.due
            if not self._queue or due < self._queue[0][0]:
                self.now = max(self.now, due)
                self.stream.tick(self.now)
                assert self.stream.due > self.now, "what is due is done"
            else:
                self.now, _, action, arguments = heapq.heappop(self._queue)
                action(*arguments)
        return self.given

    # --- the stream's feedback ---------------------------------------------------------------------------------

    def nack(self, ssrc: int, sequences: list[int]) -> None:
        assert ssrc == SSRC
        self.nacked += sequences
        if self._passes():
            self._at(self.now + self._delay(), self._repair, list(sequences))

    def pli(self, ssrc: int) -> None:
        assert ssrc == SSRC
        self.asked.append(self.now)
        if self._passes():
            self._at(self.now + self._delay(), self._want_keyframe)

    def congested(self) -> None:
        self.congestions.append(self.now)
        self._at(self.now + self._delay(), self._slow_down)

    # --- the sender --------------------------------------------------------------------------------------------

    def _send_frame(self) -> None:
        number = next(self._numbers)
        timestamp = (self.first_timestamp + round(number * self._ticks)) & 0xFFFFFFFF
        keyframe, self._keyframe_wanted = self._keyframe_wanted, False
        self._sent[timestamp] = number, self.now
        for part in range(self._packets):
            last = part == self._packets - 1
            if self.kind == "video":
                head = (KEYFRAME if keyframe else DELTA) if part == 0 else b""
                payload = (b"\x10" if part == 0 else b"\0") + head + b"%d.%d;" % (number, part)
            else:
                payload = b"%d.%d;" % (number, part)
            payload_type = VIDEO if self.kind == "video" else AUDIO
            packet = Packet(payload_type, last, self._sequence, timestamp, SSRC, payload, {})
            self._history[self._sequence] = packet
            self._sequence = (self._sequence + 1) & 0xFFFF
            self._forward(packet, retransmitted=False)

    def _repair(self, sequences: list[int]) -> None:
        for sequence in sequences:
            self._forward(self._history[sequence], retransmitted=True)

    def _slow_down(self) -> None:
        self._packets = 1

    def _want_keyframe(self) -> None:
        if self.now >= self._wanted + self.deaf:
            self._wanted, self._keyframe_wanted = self.now, True

    # --- the link ----------------------------------------------------------------------------------------------

    def _forward(self, packet: Packet, *, retransmitted: bool) -> None:
        for _ in range(2 if self._random.random() < self.link.twice else 1):
            waiting = self._wait()
            if waiting <= self.link.queue and self._passes():
                self._at(self.now + waiting + self._delay(), self._arrive, packet, retransmitted)

    def _wait(self) -> float:
        """Seconds until a packet has got through the narrow place; more than the queue holds where it is lost."""
        if self.now < self.link.narrow:
            return 0.0
        waiting = max(0.0, self._free - self.now)
        if waiting <= self.link.queue:
            self._free = self.now + waiting + 1 / self.link.width
        return waiting

    def _arrive(self, packet: Packet, retransmitted: bool) -> None:
        self._whole[packet.timestamp] = self.now
        add = self.stream.add_retransmitted if retransmitted else self.stream.add
        add(packet, self.now)

    def _passes(self) -> bool:
        start, end = self.link.silent
        lossy = self.now < self.link.until and self._random.random() < self.link.loss
        return not lossy and not start <= self.now < end

    def _delay(self) -> float:
        return self.link.delay + self._random.random() * self.link.jitter

    def _at(self, when: float, action: Callable[..., None], *arguments: Any) -> None:
        heapq.heappush(self._queue, (when, next(self._order), action, arguments))

    # --- what comes out ----------------------------------------------------------------------------------------

    def _deliver(self, frame: Frame, now: float) -> None:
        number, sent = self._sent[frame.rtp_timestamp]
        self.given.append(Given(number, sent, self._whole[frame.rtp_timestamp], now, frame))

    def expected(self, given: Given) -> bytes:
        """The bytes that the sender made of this frame."""
        head = b""
        if self.kind == "video":
            head = KEYFRAME if given.frame.keyframe else DELTA
        return head + b"".join(b"%d.%d;" % (given.number, part) for part in range(self._packets))


def longest_freeze(given: list[Given]) -> float:
    """Seconds between two frames that came out, at most."""
    return max(after.given - before.given for before, after in pairwise(given))
