"""Answers for a whole file, window by window, and which files of a folder are worth asking about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from models.base import ClipUnreadable, DecodedClip, EmotionResult, Engine, Look, Question
from models.decode import decode_file
from models.pictures import MAX_SIDE

PICTURES = {".jpg", ".jpeg", ".png", ".webp", ".bmp"}
MEDIA = {
    ".webm",
    ".mkv",
    ".mp4",
    ".mov",
    ".m4v",
    ".avi",
    ".ogg",
    ".wav",
    ".mp3",
    ".flac",
    ".m4a",
    ".ts",
    ".flv",
}


def windows(
    file: Path, engine: Engine, question: Question, *, audio: Path | None = None
) -> Iterator[EmotionResult]:
    """An answer for each window of a file; a still picture is one window without length. The sound of `audio`, where
    one is given, takes the place of the file's own.

    Raises `ClipUnreadable` and what `Engine.analyze` does. What the engine kept of the question's session is dropped
    at the end.
    """
    session_id = question.session_id
    began = perf_counter()
    try:
        for clip in _clips(file, engine, session_id, audio):
            yield engine.analyze(clip, question, decode_ms=(perf_counter() - began) * 1000)
            began = perf_counter()
    finally:
        engine.forget(session_id)


def _clips(file: Path, engine: Engine, session_id: str, audio: Path | None) -> Iterator[DecodedClip]:
    if file.suffix.lower() in PICTURES:
        if audio is not None:
            raise ClipUnreadable("a still picture has no sound that another could take the place of")
        yield still(file)
        return
    clips = decode_file(file, lambda times: engine.wanted(session_id, times), engine.interval)
    if audio is None:
        yield from clips
        return
    sounds = _sounds(audio)
    sound = next(sounds, None)
    for clip in clips:
        while sound is not None and sound.start < clip.start:
            sound = next(sounds, None)
        heard = sound if sound is not None and sound.start == clip.start else None
        yield replace(
            clip,
            waveform=heard.waveform if heard else np.zeros(0, dtype=np.float32),
            waveform_start=heard.waveform_start if heard else clip.start,
            has_audio=heard is not None and heard.has_audio,
        )


def _sounds(audio: Path) -> Iterator[DecodedClip]:
    try:
        yield from decode_file(audio, lambda _: [])
    except ClipUnreadable as error:
        raise ClipUnreadable(f"the sound {audio}: {error}") from error


def still(file: Path) -> DecodedClip:
    """A picture as a clip of one look. Raises `ClipUnreadable`."""
    try:
        with Image.open(file) as opened:
            upright = ImageOps.exif_transpose(opened)
            upright.thumbnail((MAX_SIDE, MAX_SIDE))
            rgb = np.asarray(upright.convert("RGB"))
    except (OSError, ValueError, SyntaxError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise ClipUnreadable("not a picture that can be read") from error
    return DecodedClip(
        looks=[Look(time=0.0, rgb=rgb)],
        waveform=np.zeros(0, dtype=np.float32),
        waveform_start=0.0,
        start=0.0,
        end=0.0,
        has_video=True,
        has_audio=False,
    )


def media_in(paths: Iterable[Path]) -> list[Path]:
    """The files named, and those in the folders named that their endings say are media, in order of name."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(
                file
                for file in path.rglob("*")
                if file.suffix.lower() in PICTURES | MEDIA
                and not file.name.startswith(".")
                and file.is_file()
            )
        else:
            found.append(path)
    return found
