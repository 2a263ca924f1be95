"""The MP4s that have been made of clips: each under its clip's name, bounded in bytes, and gone with its clip."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterable
from pathlib import Path


class Conversions:
    """Owns a folder. `sources` are where clips and recordings lie. Every method touches the disk: call
    them in a thread.

    All raise `OSError` where the disk refuses.
    """

    def __init__(self, folder: Path, sources: Iterable[Path], most_bytes: int) -> None:
        self._folder = folder.absolute()  # the processes that write there have a working folder of their own
        self._sources = [source.absolute() for source in sources]
        self._most_bytes = most_bytes

    def prepare(self) -> None:
        """Make the folder and clear away what an earlier run left half written."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for part in self._folder.glob(".*.part"):
            part.unlink(missing_ok=True)

    def part(self, name: str) -> Path:
        """Where the MP4 of a clip is written before it is whole."""
        return self._folder / f".{name}.part"

    def find(self, name: str) -> Path | None:
        """Where the MP4 of a clip lies, which has then been asked for just now; None if there is none."""
        path = self._path(name)
        try:
            # Its own time stays: browsers are told by it whether what they have is still the same.
            os.utime(path, ns=(time.time_ns(), path.stat().st_mtime_ns))
        except FileNotFoundError:
            return None
        return path

    def keep(self, name: str) -> Path | None:
        """Give what was written its place, or None where the clip has gone meanwhile."""
        if not self._is_there(name):
            return None
        return self.part(name).replace(self._path(name))

    def discard(self, name: str) -> None:
        """Delete what was written and not kept."""
        self.part(name).unlink(missing_ok=True)

    def remove(self, names: Iterable[str]) -> None:
        """Delete what was made of these clips."""
        for name in names:
            self._path(name).unlink(missing_ok=True)

    def sweep(self) -> None:
        """Delete what was made of clips that have gone and, of what is too much, that asked for least lately."""
        kept: list[tuple[float, int, Path]] = []
        for entry in os.scandir(self._folder):
            if entry.name.startswith("."):
                continue
            path = Path(entry.path)
            if not self._is_there(entry.name.removesuffix(".mp4")):
                path.unlink(missing_ok=True)
                continue
            with contextlib.suppress(FileNotFoundError):
                stat = path.stat()
                kept.append((stat.st_atime, stat.st_size, path))
        total = 0
        for _, size, path in sorted(kept, reverse=True):
            total += size
            if total > self._most_bytes:
                path.unlink(missing_ok=True)

    def _is_there(self, name: str) -> bool:
        return any((source / name).exists() for source in self._sources)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.mp4"
