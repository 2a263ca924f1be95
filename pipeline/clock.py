"""The session's clock: seconds since the session began, on which audio and video are lined up.

Each track brings RTP timestamps that start anywhere and tick at its own rate. At first a track is placed by when its
frames arrive; the fastest of the last seconds decides, for the others were held up. A sender report (RFC 3550 section
6.4.1) says which RTP timestamp was captured at which moment of the sender's own wall clock; since all tracks of a
sender share that wall clock, the reports place the tracks relative to each other exactly.

Time within a track never steps back, and no frame is later than it arrived: corrections are slewed, but what lies ahead
of its arrival, or has fallen far behind, is put right at once.
"""

from __future__ import annotations

SLEW = 0.1
"""How much faster or slower than real time a track may run while it is being corrected."""

FAR_BEHIND = 0.1
"""Seconds behind its place from which on a track is put there at once: its sender lost that much, which is a gap."""

DISCONTINUITY = 5.0
"""Seconds by which media time and arrival may part before the sender is taken to have started over."""

FASTEST_OF = 10.0
"""Seconds of arrivals, up to twice as many, of which the fastest tells how long the way is."""

BACKWARD = 0.5
"""Seconds by which media time may step back before the sender is taken to have started over, with another camera."""

_WRAP, _HALF = 1 << 32, 1 << 31
_STEP = 0.001  # the least distance between two frames of a track: a millisecond, the unit of WebM


class SessionClock:
    """Lines up the tracks of one session. `origin` is the moment of session zero, in the clock of `arrival`."""

    def __init__(self, origin: float) -> None:
        self.origin = origin
        self._tracks: list[TrackClock] = []

    def track(self, rate: int) -> TrackClock:
        """A clock for one more track whose RTP timestamps tick `rate` times a second."""
        clock = TrackClock(self, rate)
        self._tracks.append(clock)
        return clock

    def begin(self) -> None:
        """The tracks so far are over: only those to come are lined up."""
        self._tracks.clear()

    def line_up(self) -> None:
        """Place all tracks that have a sender report by the sender's wall clock.

        The track whose frames took the least time to get here decides where that wall clock lies on ours.
        """
        reported = [track for track in self._tracks if track.report is not None]
        if len(reported) < 2:
            return
        wall_to_session = min(track.implied_wall_offset() for track in reported)
        for track in reported:
            track.aim_at(wall_to_session)


class TrackClock:
    """Turns one track's RTP timestamps into session seconds."""

    def __init__(self, session: SessionClock, rate: int) -> None:
        self._session = session
        self._rate = rate
        self._last_timestamp: int | None = None
        self._ticks = 0
        self._arrival = 0.0
        self._media = 0.0
        self._offset = 0.0
        self._target = 0.0
        self._fastest = Fastest(0.0, 0.0)  # where arrival alone would place the track
        self._start = float("-inf")
        self.report: tuple[float, float] | None = None  # (media seconds, sender's wall clock seconds)

    def time_of(self, rtp_timestamp: int, arrival: float) -> float:
        """The session time of a frame, in seconds. `arrival` is monotonic seconds. Strictly grows."""
        arrival -= self._session.origin
        if self._last_timestamp is None:
            self._last_timestamp = rtp_timestamp
            self._place(arrival)
        else:
            self._advance(rtp_timestamp, arrival)
        start = self._media + self._offset
        self._start = start if start > self._start + _STEP else self._start + _STEP
        self._arrival = arrival
        return self._start

    def start_over(self) -> None:
        """The track's timestamps begin anew, anywhere: the next frame is placed by when it arrives."""
        self._last_timestamp = None
        self.report = None

    def sender_report(self, rtp_timestamp: int, wall: float) -> None:
        """Note that `rtp_timestamp` was captured at `wall`, in seconds of the sender's wall clock."""
        if self._last_timestamp is None:
            return  # no frame yet to place it by
        media = (self._ticks + _signed(rtp_timestamp - self._last_timestamp)) / self._rate
        if self.report is not None:
            lost = (wall - media) - (self.report[1] - self.report[0])
            if lost > FAR_BEHIND:  # which makes the way here no shorter for what is left
                self._fastest.shift(lost)
        self.report = (media, wall)
        self._session.line_up()

    def implied_wall_offset(self) -> float:
        """Session time minus the sender's wall clock, going by arrival."""
        assert self.report is not None
        media, wall = self.report
        return media + self._fastest.least - wall

    def aim_at(self, wall_to_session: float) -> None:
        """Drift towards the place that the sender's wall clock gives this track."""
        assert self.report is not None
        media, wall = self.report
        self._target = wall + wall_to_session - media

    def _advance(self, rtp_timestamp: int, arrival: float) -> None:
        assert self._last_timestamp is not None
        self._ticks += (rtp_timestamp - self._last_timestamp + _HALF) % _WRAP - _HALF  # `_signed`, in place
        self._last_timestamp = rtp_timestamp
        media = self._ticks / self._rate
        elapsed = media - self._media
        self._media = media
        ahead = media + self._offset - arrival
        leap = max(abs(elapsed - (arrival - self._arrival)), abs(ahead))
        if leap > DISCONTINUITY or elapsed < -BACKWARD:
            self._place(arrival)
            return
        before = self._fastest.least
        self._fastest.see(arrival - media, arrival)
        if self.report is None:
            self._target += self._fastest.least - before
        self._offset = min(self._corrected(elapsed), arrival - media)

    def _corrected(self, elapsed: float) -> float:
        """The offset after so many seconds of media."""
        missing = self._target - self._offset
        if missing > FAR_BEHIND:
            return self._target
        room = SLEW * max(elapsed, 0.0)
        return self._offset + min(max(missing, -room), room)

    def _place(self, arrival: float) -> None:
        self._offset = self._target = arrival - self._media
        self._fastest = Fastest(self._offset, arrival)
        self.report = None


class Fastest:
    """The least of the values seen in the last `FASTEST_OF` seconds or somewhat more."""

    def __init__(self, value: float, now: float) -> None:
        self.least = self._newer = self._older = value
        self._since = now

    def see(self, value: float, now: float) -> None:
        if now - self._since >= FASTEST_OF:
            self._older, self._newer, self._since = self._newer, value, now
        elif value < self._newer:
            self._newer = value
        self.least = min(self._older, self._newer)

    def shift(self, seconds: float) -> None:
        """All that was seen would have been so much more."""
        self._older += seconds
        self._newer += seconds
        self.least += seconds


def _signed(difference: int) -> int:
    """A difference of 32-bit timestamps, unwrapped: a step back stays a step back."""
    return (difference + _HALF) % _WRAP - _HALF
