"""Keeps one TLS context in step: with what the machine is called, with time, and with the files of its source."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from web.machine import Machine
from web.tls.issuer import Issuer
from web.tls.pair import HELD, PAIR_FILE, NoPair, Pair, new_context, tried
from web.tls.source import Source

log = logging.getLogger(__name__)

INTERVAL = 10.0
"""Seconds between two looks."""


def utc_now() -> datetime:
    return datetime.now(UTC)


class Keeper:
    """Owns `context`, whose new handshakes have the newest certificate; connections that are open stay as they are."""

    def __init__(
        self, source: Source, machine: Machine, folder: Path, now: Callable[[], datetime] = utc_now
    ) -> None:
        self.context = new_context()
        self._source, self._machine, self._folder, self._now = source, machine, folder, now
        self._said = ""

    @property
    def issuer(self) -> Issuer | None:
        """The authority that devices are to trust, None with a certificate of the operator's own."""
        return self._source.issuer

    def start(self) -> None:
        """The first certificate. Blocks. Raises `NoPair`, `OSError`."""
        for left in self._folder.glob(f"{HELD}*"):  # by a crash
            shutil.rmtree(left, ignore_errors=True)
        pair = self._find()
        if pair is not None:
            with tried(pair, self._folder) as held:
                self.context.load_cert_chain(Path(held) / PAIR_FILE)

    async def run(self) -> None:
        """Look every ten seconds, for as long as the server runs."""
        while True:
            await asyncio.sleep(INTERVAL)
            await self.look()

    async def look(self) -> None:
        """Look once. What is in the way is said once, and the certificate that there is stays."""
        try:
            pair = await asyncio.to_thread(self._find)
            if pair is not None:
                await self._take(pair)
                log.info(
                    "a new certificate is in use, valid until %s", pair.certificate.not_valid_after_utc.date()
                )
            self._said = ""
        except (NoPair, OSError) as error:
            if str(error) != self._said:
                self._said = str(error)
                log.warning("the certificate stays as it is: %s", error)

    def _find(self) -> Pair | None:
        self._machine.look()
        return self._source.look(self._machine.cover(), self._now())

    async def _take(self, pair: Pair) -> None:
        held = await asyncio.to_thread(tried, pair, self._folder)
        try:
            # Here, where handshakes are made too: one between certificate and key would have half of each.
            self.context.load_cert_chain(Path(held.name) / PAIR_FILE)
        finally:
            await asyncio.to_thread(held.cleanup)
