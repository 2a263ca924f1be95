"""Files for their owner alone: whole or not at all."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from web.private import write_private


def test_a_file_is_replaced_and_only_its_owner_reads_it(tmp_path):
    (path := tmp_path / "key").write_bytes(b"old")
    path.chmod(0o644)
    write_private(path, b"new")
    assert path.read_bytes() == b"new" and stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_cannot_be_written_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    (path := tmp_path / "key").write_bytes(b"old")

    def full(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        write_private(path, b"new")
    assert [each.name for each in tmp_path.iterdir()] == ["key"] and path.read_bytes() == b"old"
