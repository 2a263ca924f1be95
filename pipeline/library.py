"""The library: the clips on disk, how they are named, written, listed and let go."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pipeline.clip import Container
from pipeline.room import DiskLow, Room

_NAME = re.compile(r"\d{8}T\d{6}\.\d{3}_(?P<session>[0-9a-z]+)\.(?P<container>webm|mp4)")
_TIME = "%Y%m%dT%H%M%S.%f"


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How much is kept: a number of clips, their bytes, and their age in seconds. The oldest leave first."""

    max_count: int
    max_bytes: int
    max_age: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredClip:
    """A clip on disk. `recorded` is the moment of its last frame, in epoch seconds; `size` is bytes."""

    name: str
    session_id: str
    recorded: float
    size: int


def clip_name(recorded: float, session_id: str, container: Container) -> str:
    """`<UTC yyyymmddThhmmss.mmm>_<session_id>.<container>`; `recorded` is epoch seconds.

    The moment is that of the last frame: the first clips of a call all begin with its first frame.
    """
    moment = datetime.fromtimestamp(recorded, UTC)
    return f"{moment.strftime(_TIME)[:-3]}_{session_id}.{container}"


def session_of(name: str) -> str | None:
    """The session that a clip of this name is of, or None for a name that is not a clip's."""
    match = _NAME.fullmatch(name)
    return match["session"] if match else None


def moment_of(name: str) -> float:
    """The moment in a clip's name, in epoch seconds. Raises `ValueError` for what is none."""
    # A sweep reads thousands of them; `strptime` takes six times as long.
    return datetime.fromisoformat(name.partition("_")[0]).replace(tzinfo=UTC).timestamp()


def refusal(error: OSError) -> Literal["disk_low", "disk_full", "clips_unwritable"]:
    """Why the disk did not take a clip, as a stable code."""
    if isinstance(error, DiskLow):
        return "disk_low"
    return "disk_full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "clips_unwritable"


class Library:
    """Owns `videos/` and the thumbnails. Every method touches the disk: call them in a thread.

    All raise `OSError` where the disk refuses. Clips are only written while there is `room`.
    """

    def __init__(
        self, videos: Path, thumbnails: Path, retention: Retention, room: Room | None = None
    ) -> None:
        self.videos = videos
        self.thumbnails = thumbnails
        self._retention = retention
        self._room = room

    def prepare(self) -> None:
        """Make the folders and clear away what an earlier run left half written."""
        for folder in (self.videos, self.thumbnails):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            for part in folder.glob(".*.part"):
                part.unlink(missing_ok=True)

    def save(self, name: str, data: bytes) -> None:
        """Write a clip whole or not at all."""
        if self._room is not None:
            self._room.require(len(data))
        _write(self.videos / name, data)

    def save_thumbnail(self, name: str, jpeg: bytes) -> Path | None:
        """Write the picture of the clip `name`. Where it lies, or None where the clip has gone meanwhile."""
        path = self._thumbnail(name)
        _write(path, jpeg)
        if self.path_of(name) is None:  # whoever deletes it looks for its picture after that
            path.unlink(missing_ok=True)
            return None
        return path

    def list(self) -> list[StoredClip]:
        """The clips on disk, newest first."""
        clips = []
        for entry in os.scandir(self.videos):
            match = _NAME.fullmatch(entry.name)
            if match is None or not entry.is_file():
                continue
            with contextlib.suppress(FileNotFoundError, ValueError):  # just deleted; no such day
                clips.append(
                    StoredClip(
                        name=entry.name,
                        session_id=match["session"],
                        recorded=moment_of(entry.name),
                        size=entry.stat().st_size,
                    )
                )
        return sorted(clips, key=lambda clip: clip.name, reverse=True)

    def path_of(self, name: str) -> Path | None:
        """Where the clip `name` lies, or None for a name that is not a clip's or is not there."""
        return self.file(name) if _NAME.fullmatch(name) else None

    def file(self, name: str) -> Path | None:
        """Where a file of `videos/` lies, whoever put it there; None for what is not there or not inside it."""
        try:
            path = (self.videos / name).resolve()
            inside = path.is_relative_to(self.videos.resolve()) and not path.name.startswith(".")
            return path if inside and path.is_file() else None
        except (OSError, ValueError):  # a name that no file can have
            return None

    def thumbnail_of(self, name: str) -> Path | None:
        """Where the picture of the clip `name` lies, or None."""
        path = self._thumbnail(name)
        return path if _NAME.fullmatch(name) and path.is_file() else None

    def of(self, session_id: str) -> Sequence[Path]:
        """Where the clips of a session lie, oldest first."""
        return [self.videos / clip.name for clip in reversed(self.list()) if clip.session_id == session_id]

    def remove(self, session_id: str) -> Sequence[str]:
        """Delete the clips of a session and their pictures. Returns the names of the clips."""
        paths = self.of(session_id)
        for path in paths:
            self._delete(path.name)
        return [path.name for path in paths]

    def delete(self, name: str) -> bool:
        """Delete the clip `name` and its picture. False for a name that is not a clip's or is not there."""
        if self.path_of(name) is None:
            return False
        self._delete(name)
        return True

    def check_writable(self) -> None:
        """Write a byte and delete it, to see whether clips can be kept. Raises `OSError`."""
        probe = self.videos / f".probe-{threading.get_ident()}.part"
        _write(probe, b"\0")
        probe.unlink(missing_ok=True)

    def sweep(self, now: float) -> int:
        """Delete what retention does not cover, and pictures without a clip; `now` is epoch seconds.

        Returns how many clips left.
        """
        pictures = list(os.scandir(self.thumbnails))  # before the clips: one is written after its clip
        clips = self.list()
        removed, kept_bytes = 0, 0
        for index, clip in enumerate(clips):
            kept_bytes += clip.size
            if (
                index >= self._retention.max_count
                or kept_bytes > self._retention.max_bytes
                or now - clip.recorded > self._retention.max_age
            ):
                self._delete(clip.name)
                removed += 1
        named = {f"{clip.name}.jpg" for clip in clips}
        for entry in pictures:
            if entry.name not in named and not entry.name.startswith("."):
                Path(entry.path).unlink(missing_ok=True)
        return removed

    def _delete(self, name: str) -> None:
        (self.videos / name).unlink(missing_ok=True)
        self._thumbnail(name).unlink(missing_ok=True)

    def _thumbnail(self, name: str) -> Path:
        return self.thumbnails / f"{name}.jpg"


def _write(path: Path, data: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    try:
        try:
            part.write_bytes(data)
        except FileNotFoundError:  # somebody has moved the folder away
            path.parent.mkdir(mode=0o700, exist_ok=True)
            part.write_bytes(data)
        part.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise
