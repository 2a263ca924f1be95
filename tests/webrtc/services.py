"""What sessions share, made of fakes."""

from __future__ import annotations

import os
from pathlib import Path

from pipeline.audit import Audit
from pipeline.chat.chat import Chat
from tests.pipeline.chat.fakes import FakeFigures, FakeHistory, FakeProvider
from webrtc.lag import LoopLag
from webrtc.services import Services
from webrtc.tokens import Tokens


class FakeTranscoder:
    """Keeps the names whose MP4s were removed."""

    def __init__(self):
        self.removed = []

    async def remove(self, names):
        self.removed += names


class FakeRecordings:
    """Keeps nothing."""

    def remove(self, session_id):
        return []


def fake_services(
    *, analysis=None, library=None, history=None, provider=None, recordings=None, finisher=None
):
    history, figures = history or FakeHistory(), FakeFigures()
    return Services(
        analysis=analysis,
        library=library,
        transcoder=FakeTranscoder(),
        recordings=recordings or FakeRecordings(),
        finisher=finisher,
        chat=Chat(provider or FakeProvider(), history, figures),
        history=history,
        figures=figures,
        tokens=Tokens(b"secret"),
        audit=Audit(Path(os.devnull)),
        lag=LoopLag(),
    )
