"""Everything about a session in one zip, with a manifest that tells each file's size and SHA-256."""

from __future__ import annotations

import hashlib
import json
import os
import time
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.history.spreadsheet import iso, spreadsheet
from pipeline.history.views import Timeline, Turn

FORMAT = 1
"""Of the zip; goes up when a reader would have to change."""

BLOCK = 1024 * 1024

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The date of every entry, zip's first: what is in a file says when it was, and equal exports are equal bytes."""


@dataclass(slots=True)
class Archive:
    """A zip in the making, and what its manifest will say. `missing` are media that the
    session had and that were gone when their turn came."""

    zip: zipfile.ZipFile
    files: list[dict[str, str | int]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def add(self, name: str, data: bytes) -> None:
        """A file, compressed."""
        self.zip.writestr(_entry(name, zipfile.ZIP_DEFLATED), data)
        self._note(name, len(data), hashlib.sha256(data).hexdigest())

    def copy(self, name: str, path: Path) -> None:
        """A file of media, which no compression makes smaller."""
        try:
            source = path.open("rb")
        except OSError:
            self.missing.append(name)
            return
        size, digest = 0, hashlib.sha256()
        with source, self.zip.open(_entry(name, zipfile.ZIP_STORED), "w", force_zip64=True) as entry:
            while block := source.read(BLOCK):
                entry.write(block)
                digest.update(block)
                size += len(block)
        self._note(name, size, digest.hexdigest())

    def _note(self, name: str, size: int, sha256: str) -> None:
        self.files.append({"name": name, "size": size, "sha256": sha256})


def export(
    session_id: str,
    timeline: Timeline | None,
    media: Sequence[Path],
    into: Path,
    made_at: float | None = None,
) -> None:
    """Write the zip `into`, which is not there before it is whole. Raises `OSError`."""
    part = part_of(into)
    try:
        with part.open("wb") as file:
            with zipfile.ZipFile(file, "w") as zipped:
                _fill(
                    Archive(zipped), session_id, timeline, media, time.time() if made_at is None else made_at
                )
            file.flush()
            os.fsync(file.fileno())
        part.replace(into)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def part_of(into: Path) -> Path:
    """Where a zip is written before it is whole."""
    return into.with_name(f"{into.name}.part")


def _fill(
    archive: Archive, session_id: str, timeline: Timeline | None, media: Sequence[Path], made_at: float
) -> None:
    if timeline is not None:
        chat = [turn.model_dump() for turn in timeline.turns]
        archive.add("session.json", timeline.session.model_dump_json(indent=2).encode())
        archive.add("timeline.json", timeline.model_dump_json().encode())
        archive.add("labels.csv", spreadsheet(timeline.labels))
        archive.add("chat.json", json.dumps(chat, ensure_ascii=False, indent=2).encode())
        archive.add("chat.md", _readable(timeline.turns).encode())
    for name, path in _named(media):
        archive.copy(f"media/{name}", path)
    if timeline is not None:  # the oldest clips leave before the history does
        there = {path.name for path in media}
        known = [clip.name for clip in timeline.clips] + [file.name for file in timeline.recording_files]
        archive.missing += [f"media/{name}" for name in known if name not in there]
    manifest = {
        "format": FORMAT,
        "made_at": iso(made_at),
        "session_id": session_id,
        "files": archive.files,
        "missing": archive.missing,
    }
    archive.zip.writestr(_entry("manifest.json", zipfile.ZIP_DEFLATED), json.dumps(manifest, indent=2))


def _entry(name: str, compression: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, EPOCH)
    entry.compress_type = compression
    entry.external_attr = 0o600 << 16
    return entry


def _named(media: Sequence[Path]) -> Iterator[tuple[str, Path]]:
    """Each file by its name; a second one of the same name by that of its folder too."""
    taken: set[str] = set()
    for path in sorted(set(media)):
        name = path.name if path.name not in taken else f"{path.parent.name}-{path.name}"
        taken.add(name)
        yield name, path


def _readable(turns: Sequence[Turn]) -> str:
    """The chat for people, as Markdown."""
    parts = ["# Chat\n"]
    for turn in turns:
        who = "You" if turn.role == "user" else f"Answer ({turn.model})" if turn.model else "Answer"
        parts.append(f"**{who}**, {iso(turn.at)}\n")
        if turn.mood:
            parts.append(f"> {' '.join(turn.mood.splitlines())}\n")
        if turn.text:
            parts.append(f"{turn.text}\n")
        if turn.error or turn.finish in ("stopped", "length"):
            parts.append(f"*{turn.error or turn.finish}*\n")
    return "\n".join(parts)
