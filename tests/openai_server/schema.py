"""What the server takes: of vLLM's chat requests, what is used of them."""

from __future__ import annotations

import re
import wave
from base64 import b64decode
from io import BytesIO
from typing import Annotated, Any, Literal

import av
import numpy as np
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator


class Url(BaseModel):
    url: str


class Sound(BaseModel):
    data: str
    format: Literal["wav"]


class TextPart(BaseModel):
    type: Literal["text"]
    text: str


class VideoPart(BaseModel):
    type: Literal["video_url"]
    video_url: Url

    def frames(self) -> np.ndarray:
        """Those of the video, uint8 of shape (frames, height, width, 3)."""
        match = re.fullmatch(r"data:video/mp4;base64,([A-Za-z0-9+/=]+)", self.video_url.url)
        if match is None:
            raise ValueError("video_url is no data URL of an MP4")
        try:
            with av.open(BytesIO(b64decode(match[1], validate=True))) as container:
                return np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])
        except (av.FFmpegError, IndexError, ValueError) as error:
            raise ValueError(f"video cannot be decoded: {error}") from error

    @model_validator(mode="after")
    def _decodes(self) -> VideoPart:
        self.frames()
        return self


class AudioPart(BaseModel):
    type: Literal["input_audio"]
    input_audio: Sound

    def samples(self) -> np.ndarray:
        """Float in [-1, 1], mono, 16 kHz."""
        try:
            with wave.open(BytesIO(b64decode(self.input_audio.data, validate=True))) as file:
                if (file.getnchannels(), file.getsampwidth(), file.getframerate()) != (1, 2, 16000):
                    raise ValueError("audio is not mono, 16 bit, 16 kHz")
                return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2") / 32768
        except (wave.Error, EOFError) as error:
            raise ValueError(f"audio cannot be read: {error}") from error

    @model_validator(mode="after")
    def _decodes(self) -> AudioPart:
        if not len(self.samples()):
            raise ValueError("audio is empty")
        return self


Part = Annotated[TextPart | VideoPart | AudioPart, Field(discriminator="type")]


class Message(BaseModel):
    role: Literal["system", "user", "assistant"]
    content: str | list[Part]

    @property
    def parts(self) -> list[TextPart | VideoPart | AudioPart]:
        return [TextPart(type="text", text=self.content)] if isinstance(self.content, str) else self.content

    @property
    def text(self) -> str:
        return " ".join(part.text for part in self.parts if isinstance(part, TextPart))


class StructuredOutputs(BaseModel):
    model_config = ConfigDict(extra="forbid")

    choice: list[str] = Field(min_length=1)


class StreamOptions(BaseModel):
    include_usage: bool = False


class ChatRequest(BaseModel):
    """What is used of vLLM's request. As there, fields that are not known are passed over."""

    model_config = ConfigDict(extra="ignore")

    model: str
    messages: list[Message] = Field(min_length=1)
    logprobs: bool = False
    top_logprobs: int = Field(0, ge=0)
    max_tokens: int = Field(16, gt=0)
    temperature: float = Field(1.0, ge=0, le=2)
    structured_outputs: StructuredOutputs | None = None
    stream: bool = False
    stream_options: StreamOptions | None = None

    @field_validator("messages")
    @classmethod
    def _at_most_one_of_each(cls, messages: list[Message]) -> list[Message]:
        kinds = [type(part) for message in messages for part in message.parts]
        for kind, name in ((VideoPart, "video"), (AudioPart, "audio")):
            if kinds.count(kind) > 1:
                raise ValueError(f"At most 1 {name}(s) may be provided in one prompt.")
        return messages

    @model_validator(mode="after")
    def _options_need_a_stream(self) -> ChatRequest:
        if self.stream_options and not self.stream:
            raise ValueError("Stream options can only be defined when `stream=True`.")
        return self

    @model_validator(mode="after")
    def _top_needs_logprobs(self) -> ChatRequest:
        if self.top_logprobs and not self.logprobs:
            raise ValueError("when using `top_logprobs`, `logprobs` must be set to true.")
        return self

    @property
    def question(self) -> str:
        return self.messages[-1].text

    def said_by(self, role: str) -> list[str]:
        """The texts of one side, oldest first."""
        return [message.text for message in self.messages if message.role == role]

    def media(self, kind: type) -> Any:
        """The part of a kind, None where there is none."""
        parts = [part for message in self.messages for part in message.parts if isinstance(part, kind)]
        return parts[0] if parts else None
