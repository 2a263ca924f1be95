"""A whole file, up to its first half minute, as one clip."""

from __future__ import annotations

from dataclasses import replace
from itertools import takewhile
from pathlib import Path

from models.base import ClipUnreadable, DecodedClip, Look
from models.decode import decode_file
from models.selection import LONGEST
from models.sound import Piece, waveform


def recording(path: Path) -> DecodedClip:
    """What is seen, a look a second, and heard in a file. Raises `ClipUnreadable`."""
    looks: list[Look] = []
    pieces: list[Piece] = []
    end, seen, heard = 0.0, False, False
    for window in takewhile(lambda window: window.start < LONGEST, decode_file(path)):
        looks += window.looks
        pieces.append(Piece(window.waveform_start, window.waveform))
        end = window.end
        seen, heard = seen or window.has_video, heard or window.has_audio
    wave, wave_start = waveform(pieces, 0.0, end)
    return DecodedClip(
        looks=looks,
        waveform=wave,
        waveform_start=wave_start,
        start=0.0,
        end=end,
        has_video=seen,
        has_audio=heard,
    )


def with_sound(seen: DecodedClip, heard: DecodedClip) -> DecodedClip:
    """The pictures of one recording with the sound of another."""
    return replace(
        seen,
        waveform=heard.waveform,
        waveform_start=heard.waveform_start,
        has_audio=heard.has_audio,
        end=max(seen.end, heard.end),
    )


def sound_of(path: Path) -> DecodedClip:
    """What is heard in a file, without its pictures. Raises `ClipUnreadable`, also when it has no sound."""
    whole = recording(path)
    if not whole.has_audio:
        raise ClipUnreadable("there is no sound in it")
    return replace(whole, looks=[], has_video=False)
