"""What a session does at the moment: what the consent, the person's wishes and the pauses come to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from pipeline.audit import Event
from pipeline.history.records import GivenBy
from webrtc.messages import Consent, Pausable, Pause, Resume, SetConsent, StartRecording, StopRecording

Wish = SetConsent | StartRecording | StopRecording | Pause | Resume
"""What a page says to change what the session does."""


class Refused(Exception):
    """A wish that cannot be granted. `code` is stable."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """Absent consent means no. Recording has to be started too; analysis runs while it is consented to."""

    consent: Consent = field(default_factory=Consent)
    consent_version: str | None = None
    told: frozenset[str] = frozenset()
    """The hosts that the words of the consent named."""
    given_by: GivenBy = "caller"
    """Who has decided: of a stream that is published, the operator."""
    recording_started: bool = False
    paused: frozenset[Pausable] = frozenset()

    @property
    def analysing(self) -> bool:
        return self.consent.analysis and "analysis" not in self.paused

    @property
    def recording(self) -> bool:
        return self.consent.recording and self.recording_started and "recording" not in self.paused

    def after(self, wish: Wish) -> Activity:
        """What it comes to once the page's wish is granted. Raises `Refused`."""
        match wish:
            case SetConsent():
                consent = Consent(analysis=wish.analysis, recording=wish.recording)
                return self.with_consent(consent, wish.consent_version, wish.told)
            case StartRecording():
                return self.start_recording()
            case StopRecording():
                return self.stop_recording()
            case Pause():
                return self.pause(wish.what)
            case Resume():
                return self.resume(wish.what)

    def with_consent(
        self,
        consent: Consent,
        version: str | None = None,
        told: Iterable[str] = (),
        given_by: GivenBy = "caller",
    ) -> Activity:
        """Withdrawn consent ends what it had allowed; given again, recording has to be started again. `version` is
        that of the words that it was given to, `told` the hosts that they named."""
        return replace(
            self,
            consent=consent,
            consent_version=version,
            told=frozenset(told),
            given_by=given_by,
            recording_started=self.recording_started and consent.recording,
        )

    def start_recording(self) -> Activity:
        """Raises `Refused` with `consent_required`."""
        if not self.consent.recording:
            raise Refused("consent_required", "Recording needs your consent: tick the box for it first.")
        return replace(self, recording_started=True, paused=self.paused - {"recording"})

    def stop_recording(self) -> Activity:
        return replace(self, recording_started=False)

    def pause(self, what: Pausable) -> Activity:
        return replace(self, paused=self.paused | {what})

    def resume(self, what: Pausable) -> Activity:
        return replace(self, paused=self.paused - {what})


def changes(before: Consent, now: Consent) -> Iterator[tuple[Event, Pausable]]:
    """What was given or withdrawn from one to the other, as the audit log calls it."""
    both: tuple[Pausable, ...] = ("analysis", "recording")
    for what in both:
        if getattr(before, what) != (given := getattr(now, what)):
            yield "consent_given" if given else "consent_withdrawn", what
