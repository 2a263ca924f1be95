"""What a page says to the server, and how it is read."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from webrtc.messages.shared import MAX_CHAT_CHARACTERS, MAX_MESSAGE_BYTES, Consent, Message, Pausable

ConsentVersion = Annotated[str, Field(max_length=64)]
Host = Annotated[str, Field(max_length=253)]


class Hello(Message):
    """`consent_version` is that of the words beside the boxes, `told` the hosts that they name: clips go to no other
    one, and where none is named they stay on the server's machine."""

    type: Literal["hello"]
    version: int
    language: Annotated[str, Field(max_length=35)] = "en"
    consent: Consent = Consent()
    consent_version: ConsentVersion | None = None
    told: Annotated[list[Host], Field(max_length=16, default_factory=list)]


class SetConsent(Message):
    """As the `consent` of `hello`, with the same beside it."""

    type: Literal["set_consent"]
    analysis: bool
    recording: bool
    consent_version: ConsentVersion | None = None
    told: Annotated[list[Host], Field(max_length=16, default_factory=list)]


class StartRecording(Message):
    type: Literal["start_recording"]


class StopRecording(Message):
    type: Literal["stop_recording"]


class Pause(Message):
    type: Literal["pause"]
    what: Pausable


class Resume(Message):
    type: Literal["resume"]
    what: Pausable


class GetSessionStatus(Message):
    type: Literal["get_session_status"]


class Ping(Message):
    """Sent every 200 ms; it is also the heartbeat. `client_ts` is the page's own clock and comes back as it was.
    `quality` is that of the picture sent, 0 to 1."""

    type: Literal["ping"]
    client_ts: Annotated[float, Field(allow_inf_nan=False)]
    quality: Annotated[float, Field(ge=0, le=1)] | None = None


MessageId = Annotated[str, Field(min_length=1, max_length=64)]


class Chat(Message):
    """What the person says to the assistant. `message_id` is the page's own. With `mood` the model is told, hedged,
    which expressions were seen in the last minute."""

    type: Literal["chat"]
    message_id: MessageId
    text: Annotated[str, Field(max_length=MAX_CHAT_CHARACTERS, pattern=r"\S")]
    mood: bool = False


class ChatStop(Message):
    """Ends the answer to a message, or without one that which is under way."""

    type: Literal["chat_stop"]
    message_id: MessageId | None = None


class ChatClear(Message):
    type: Literal["chat_clear"]


PageMessage = Annotated[
    Hello
    | SetConsent
    | StartRecording
    | StopRecording
    | Pause
    | Resume
    | GetSessionStatus
    | Ping
    | Chat
    | ChatStop
    | ChatClear,
    Field(discriminator="type"),
]

_page_message: TypeAdapter[PageMessage] = TypeAdapter(PageMessage)


class UnknownMessage(Exception):
    """A well-formed message of a type this version does not know: ignored and counted."""


class MalformedMessage(Exception):
    """Not a message at all, or a known one with wrong fields: answered by `error bad_message`."""


def parse(text: str | bytes) -> PageMessage:
    """Read what a page sent. Raises `UnknownMessage` or `MalformedMessage`."""
    if not isinstance(text, str):
        raise MalformedMessage("messages are text, not bytes")
    if len(text) > MAX_MESSAGE_BYTES:
        raise MalformedMessage(f"message over {MAX_MESSAGE_BYTES} bytes")
    try:
        return _page_message.validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        if first["type"] == "union_tag_invalid":
            raise UnknownMessage(first["ctx"]["tag"]) from None
        where = ".".join(str(part) for part in first["loc"])
        raise MalformedMessage(f"{where}: {first['msg']}" if where else first["msg"]) from None
