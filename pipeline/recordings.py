"""The recordings: the files of whole calls on disk, how they are begun, finished, listed and let go."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.frames import EncodedFrame, Kind
from pipeline.library import clip_name, moment_of, session_of
from pipeline.muxer import muxer
from pipeline.recording import Recording
from pipeline.room import DiskLow, Room

_PART, _NEW = ".part", ".new"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRecording:
    """A finished recording on disk. `recorded` is the moment of its first frame, in epoch seconds; `size` is bytes."""

    name: str
    session_id: str
    recorded: float
    size: int


class Recordings:
    """Owns `recordings/`. Every method touches the disk: call them in a thread. All raise `OSError`.

    A recording is `<UTC yyyymmddThhmmss.mmm>_<session_id>.webm|mp4`, the moment being that of its beginning; with
    `.part` behind it while it is written or waits to be made seekable, and then it plays as well. The oldest leave
    when there are more than `max_bytes`, and at `max_age` seconds; one with `.part` never does.
    """

    def __init__(self, folder: Path, room: Room, max_bytes: int, max_age: float) -> None:
        self.folder = folder.absolute()  # the process that finishes them has a working folder of its own
        self.room = room
        self._max_bytes = max_bytes
        self._max_age = max_age
        self._naming = threading.Lock()
        """Held while a file gets its name, and while those of a session are deleted."""

    def prepare(self) -> None:
        """Make the folder and clear away what was half finished."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for new in self.folder.glob(f".*{_NEW}"):
            new.unlink(missing_ok=True)

    def unfinished(self) -> Sequence[str]:
        """The names of those that an earlier run left unfinished, oldest first."""
        names = [path.name.removesuffix(_PART) for path in self.folder.glob(f"*{_PART}")]
        return sorted(name for name in names if session_of(name) is not None)

    def begin(self, began: float, session_id: str, first: EncodedFrame, kinds: Collection[Kind]) -> Recording:
        """Make the file of a recording that begins with `first`, at `began` epoch seconds. Raises `ClipError` too."""
        self.room.require()
        made = muxer(first, kinds)
        name = clip_name(began, session_id, made.container)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_APPEND
        file = os.open(self.part(name), flags, 0o600)
        return Recording(file, name, first, made, self.room)

    def part(self, name: str) -> Path:
        """Where a recording lies that is not finished."""
        return self.folder / f"{name}{_PART}"

    def new(self, name: str) -> Path:
        """Where it is written anew to be seekable."""
        return self.folder / f".{name}{_NEW}"

    def may_finish(self, name: str) -> bool:
        """Whether it is there still, has anything in it, and the disk has room for a second one for a while."""
        try:
            size = self.part(name).stat().st_size
            self.room.require(size)
        except (FileNotFoundError, DiskLow):
            return False
        return size > 0

    def keep(self, name: str, *, made: bool) -> int | None:
        """Give a recording its name: what was `made` of it, or else as it is. Returns its bytes, or None where it has
        been deleted or nothing is in it."""
        part, new = self.part(name), self.new(name)
        with self._naming:
            try:
                if part.stat().st_size == 0:
                    part.unlink()
                if not part.exists():
                    return None
                (new if made else part).replace(self.folder / name)
                part.unlink(missing_ok=True)
                return (self.folder / name).stat().st_size
            except FileNotFoundError:
                return None
            finally:
                new.unlink(missing_ok=True)

    def list(self) -> list[StoredRecording]:
        """Those that are finished, newest first."""
        found = [stored for entry in os.scandir(self.folder) for stored in _stored(entry)]
        return sorted(found, key=lambda recording: recording.name, reverse=True)

    def path_of(self, name: str) -> Path | None:
        """Where the recording `name` lies, or None for a name that is not a recording's or is not there."""
        path = self.folder / name
        return path if session_of(name) is not None and path.is_file() else None

    def of(self, session_id: str) -> Sequence[Path]:
        """Where the finished recordings of a session lie, oldest first."""
        return [self.folder / each.name for each in reversed(self.list()) if each.session_id == session_id]

    def delete(self, name: str) -> bool:
        """Delete a finished recording. False where it is not there."""
        path = self.path_of(name)
        if path is None:
            return False
        path.unlink(missing_ok=True)
        return True

    def discard(self, name: str) -> None:
        """Delete one that is not finished."""
        self.part(name).unlink(missing_ok=True)

    def remove(self, session_id: str) -> Sequence[str]:
        """Delete all of a session, also what is being written. Returns the names."""
        with self._naming:
            names = set()
            for entry in os.scandir(self.folder):
                name = entry.name.removeprefix(".").removesuffix(_PART).removesuffix(_NEW)
                if session_of(name) == session_id:
                    Path(entry.path).unlink(missing_ok=True)
                    names.add(name)
        return sorted(names)

    def sweep(self, now: float) -> int:
        """Delete what retention does not cover; `now` is epoch seconds. Returns how many left."""
        kept = sum(path.stat().st_size for path in self.folder.glob(f"*{_PART}") if path.exists())
        removed = 0
        for recording in self.list():
            kept += recording.size
            if kept > self._max_bytes or now - recording.recorded > self._max_age:
                (self.folder / recording.name).unlink(missing_ok=True)
                removed += 1
        return removed


def _stored(entry: os.DirEntry[str]) -> Iterator[StoredRecording]:
    session_id = session_of(entry.name)
    with contextlib.suppress(FileNotFoundError, ValueError):  # just deleted; no such day
        if session_id is not None and entry.is_file():
            yield StoredRecording(
                name=entry.name,
                session_id=session_id,
                recorded=moment_of(entry.name),
                size=entry.stat().st_size,
            )
