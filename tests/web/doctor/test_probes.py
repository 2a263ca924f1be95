"""What the doctor finds on this machine, and that the program says so."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from settings import Settings
from tests.server import serving
from tests.webrtc.network.test_ports import free
from web.doctor import examine, probes
from web.doctor.firewall import Firewall
from web.tls.cover import Cover
from web.tls.local import LocalCertificate
from web.tls.pair import NoPair
from webrtc.network import Interfaces, Ports
from webrtc.network.ports import bound

ROOT = Path(__file__).parent.parent.parent.parent


@pytest.fixture
def taken():
    """A port at which a program is that is not Mien."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


@pytest.mark.slow
async def test_a_port_is_free_or_taken_or_has_mien_behind_it(tmp_path, monkeypatch):
    monkeypatch.setattr(probes, "_ASKING", probes.aiohttp.ClientTimeout(total=0.3))
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        assert (await probes.door("HTTP_PORT", "127.0.0.1", port)).state == "taken"
        other.listen()
        assert (await probes.door("HTTP_PORT", "127.0.0.1", port)).state == "taken", (
            "though it takes connections"
        )
    assert (await probes.door("HTTP_PORT", "127.0.0.1", port)).state == "free"
    assert (await probes.door("HTTPS_PORT", "203.0.113.1", 8443)).state == "no_address"
    async with serving(tmp_path) as server:
        doors = [
            ("HTTP_PORT", "127.0.0.1", server.running.http_port),
            ("HTTPS_PORT", "0.0.0.0", server.running.https_port),
        ]
        found = [await probes.door(*each) for each in doors]
    assert [(each.state, each.detail) for each in found] == [("mien", "0.1.0")] * 2


def test_ports_that_somebody_has_are_counted_on_the_address_where_most_are():
    first, used = free(4), Interfaces().look()
    held = [bound(str(used.used[-1].address), port) for port in (first, first + 2)]
    try:
        assert probes.ports_taken(Ports(first, first + 3), used) == 2
    finally:
        for each in held:
            each.close()
    assert probes.ports_taken(Ports(first, first + 3), used) == 0


def test_the_certificate_that_is_kept_is_read_and_nothing_is_made(tmp_path):
    assert probes.certificate(tmp_path, None) is None and list(tmp_path.iterdir()) == []
    LocalCertificate(tmp_path).look(Cover.of(["localhost"], ["192.168.1.5"]), datetime.now(UTC))
    found = probes.certificate(tmp_path, None)
    assert found.authority.startswith("Mien on ") and "192.168.1.5" in found.cover.addresses
    (tmp_path / "authority.pem").write_text("damaged")
    with pytest.raises(NoPair, match="damaged"):
        probes.certificate(tmp_path, None)
    with pytest.raises(NoPair, match="not there"):
        probes.certificate(tmp_path, (tmp_path / "own.pem", tmp_path / "own.key"))


def test_the_data_folder_need_not_be_there_yet_and_nothing_stays_in_it(tmp_path):
    found = probes.folder(tmp_path / "a" / "b")
    assert found.trouble is None and found.free > 0 and list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("")
    assert probes.folder(tmp_path / "file").trouble == "Not a directory"


async def test_a_machine_that_is_fit_is_said_to_be_and_nothing_is_written(tmp_path):
    settings = Settings(_env_file=None, data_dir=tmp_path, http_port=0, https_port=0)
    report = await examine(settings, lambda: Firewall("none"))
    assert report.works, str(report)
    assert {each.about for each in report.findings} >= {
        *("interface", "HTTP", "HTTPS", "addresses", "UDP", "certificate", "firewall", "data", "database")
    }
    assert list(tmp_path.iterdir()) == []


async def test_a_database_that_does_not_answer_is_said_without_its_password(tmp_path):
    url = "postgresql://mien:sekret-4711@127.0.0.1:1/mien"
    settings = Settings(_env_file=None, data_dir=tmp_path, http_port=0, https_port=0, database_url=url)
    report = await examine(settings, lambda: Firewall("none"))
    [found] = [each for each in report.findings if each.about == "database"]
    assert found.level == "warn" and "127.0.0.1:1" in found.text and "sekret" not in report.json()
    assert report.works


async def doctor(*arguments, **environment):
    ran = await asyncio.create_subprocess_exec(
        sys.executable,
        "server.py",
        "doctor",
        *arguments,
        cwd=ROOT,
        env=os.environ | environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await ran.communicate()
    return ran.returncode, out.decode(), err.decode()


@pytest.mark.slow
async def test_the_program_ends_with_zero_where_calls_would_work_and_every_line_has_a_level(tmp_path):
    code, out, err = await doctor("--data-dir", str(tmp_path), "--http-port", "0", "--https-port", "0")
    assert (code, err) == (0, "")
    assert all(line.split()[0] in ("ok", "warn", "fail") for line in out.splitlines())


@pytest.mark.slow
async def test_the_program_ends_with_one_where_they_would_not_and_says_why_to_programs_too(tmp_path, taken):
    code, out, _ = await doctor(
        "--json", "--data-dir", str(tmp_path), "--https-port", "0", HTTP_PORT=str(taken)
    )
    report = json.loads(out)
    assert code == 1 and report["works"] is False
    [failed] = [each for each in report["findings"] if each["level"] == "fail"]
    assert f"port {taken} is taken" in failed["text"] and "HTTP_PORT" in failed["todo"]
