"""Withdrawals that the database has not followed yet, in a file: a server that is stopped meanwhile still owes them."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from pipeline.history.records import Withdrawn

log = logging.getLogger(__name__)


class Owed:
    """A line of JSON for each. The file is there only while something is owed; without a path nothing is kept.

    It is written on the loop, as it is some hundred bytes and a person waits for none of it to be forgotten, and is not
    synced: it has to outlive the process, and not the machine's power.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._kept: tuple[Withdrawn, ...] = ()

    def load(self) -> Sequence[Withdrawn]:
        """What an earlier server left. A line that cannot be read is said in the log and left out."""
        if self._path is None:
            return ()
        try:
            lines = self._path.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return ()
        except (OSError, UnicodeDecodeError) as error:
            log.error("%s cannot be read, so that withdrawals in it are not followed: %s", self._path, error)
            return ()
        found = []
        for line in lines:
            try:
                found.append(Withdrawn(**json.loads(line)))
            except (TypeError, ValueError):
                log.error("a withdrawal in %s cannot be read: %r", self._path, line[:200])
        self._kept = tuple(found)
        return self._kept

    def keep(self, records: Iterable[Withdrawn]) -> None:
        """From now on these are owed."""
        kept = tuple(records)
        if self._path is None or kept == self._kept:
            return
        self._kept = kept
        try:
            if not kept:
                self._path.unlink(missing_ok=True)
                return
            fresh = self._path.with_name(f".{self._path.name}")
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                file.writelines(json.dumps(asdict(record)) + "\n" for record in kept)
            fresh.replace(self._path)
        except OSError as error:
            log.error(
                "%s cannot be written: %s; do not stop the server before the history is back",
                self._path,
                error,
            )
