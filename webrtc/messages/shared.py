"""What the messages of both directions are made of."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

PROTOCOL_VERSION = 1
MAX_MESSAGE_BYTES = 64 * 1024
MAX_CHAT_CHARACTERS = 8000


class Message(BaseModel):
    """A JSON object with a `type`. Unknown fields are ignored, so that either side may be the newer one."""

    model_config = ConfigDict(frozen=True, extra="ignore")


Pausable = Literal["analysis", "recording"]


class Consent(Message):
    """What the person allows. Absent means no."""

    analysis: bool = False
    recording: bool = False
