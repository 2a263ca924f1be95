"""Records to keep."""

from __future__ import annotations

from pipeline.history.records import ClipKept, LabelSeen, RecordingKept, SessionBegan, TurnSaid

AT = 1_700_000_000.0
"""When everything begins here."""


def began(session_id="call", kind="call", at=AT):
    return SessionBegan(session_id=session_id, kind=kind, at=at)


def label(second=5.0, session_id="call", **changes):
    said = {
        "session_id": session_id,
        "at": AT + second,
        "window_start": second - 5,
        "window_end": second,
        "emotion": "happy",
        "reason": None,
        "probabilities": {"happy": 0.75, "sad": 0.25},
        "confidence": 0.75,
        "valence": 0.5,
        "arousal": -0.25,
        "description": "A smile.",
        "engine": "embedded",
        "fallback_reason": None,
        "provisional": False,
        "video_name": None,
        "latency": {"decode": 1.0, "features": 2.0, "inference": 3.0, "total": 6.0},
    }
    return LabelSeen(**said | changes)


def turn(message_id="1", text="How do I look?", role="user", second=1.0, session_id="call", **changes):
    return TurnSaid(
        session_id=session_id, message_id=message_id, role=role, text=text, at=AT + second, **changes
    )


def clip(name="clip.webm", second=5.0, session_id="call", size=1000):
    return ClipKept(session_id=session_id, at=AT + second, name=name, start=second - 5, end=second, size=size)


def recording(name="call.webm", second=5.0, session_id="call", size=9000):
    return RecordingKept(
        session_id=session_id, at=AT + second, name=name, start=second, end=second + 60, size=size
    )
