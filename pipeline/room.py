"""The room on the disk: below a floor nothing more is recorded, so that the rest of the machine can go on."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path


class DiskLow(OSError):
    """Less is free than is to stay free."""


class Room:
    """Watches the disk that `folder` is on; `floor` bytes of it are to stay free. In a thread: a disk may hang."""

    def __init__(self, folder: Path, floor: int) -> None:
        self._folder = folder
        self._floor = floor

    def require(self, size: int = 0) -> None:
        """Raises `DiskLow` where less than the floor would be free after `size` more bytes, and `OSError`."""
        free = shutil.disk_usage(self._folder).free
        if free - size < self._floor:
            raise DiskLow(
                errno.ENOSPC, f"{free / 1e6:.0f} MB are free, {self._floor / 1e6:.0f} MB are to stay"
            )
