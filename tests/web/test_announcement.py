"""The announcement: addresses, codes, the authority and the QR code, each where there is one."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from web.access import load_access
from web.announcement import Announcement
from web.entrances import Entrances, Ports
from web.machine import Machine

ISSUER = SimpleNamespace(name="Mien on box", fingerprint=":".join(["AB"] * 32))


@pytest.fixture
def announced(tmp_path):
    def announced(*, addresses=("192.168.1.5",), open_to_all=False, **changed):
        machine = Machine()
        machine.addresses = addresses
        given = {
            "version": "9.9",
            "data": Path("/data"),
            "access": load_access(tmp_path, None, open_to_all=open_to_all),
            "entrances": Entrances(machine=machine, host="0.0.0.0", ports=Ports(http=8080, https=8443)),
            "issuer": ISSUER,
            "shows_join": True,
            "draws": False,
        }
        return str(Announcement(**(given | changed)))

    return announced


def test_addresses_codes_and_the_fingerprint_are_told(announced, tmp_path):
    said = announced()
    codes = load_access(tmp_path, None).codes
    for part in ("http://localhost:8080", "https://192.168.1.5:8443", *codes.values(), ISSUER.name, "/join"):
        assert part in said
    assert ISSUER.fingerprint in said.replace("\n    ", ":").replace("::", ":")


def test_a_terminal_is_drawn_a_code_to_scan_and_a_pipe_is_not(announced):
    assert "█" in announced(draws=True) and "█" not in announced()


def test_what_is_not_there_is_not_told(announced):
    alone = announced(addresses=(), draws=True)
    assert "https://localhost:8443" in alone and "█" not in alone and "/join" not in alone
    assert "trust" not in announced(issuer=None)
    assert "/join" not in announced(shows_join=False)
    assert "open: whoever" in announced(open_to_all=True)
