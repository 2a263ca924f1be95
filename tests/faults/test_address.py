"""The server's address changes while it runs, as by another Wi-Fi: it goes on, under the new one."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time

import pytest

from tests.browser.conftest import ROOT, program
from tests.browser.network import network, why_not
from web.tls.keeper import INTERVAL

CANDIDATE = re.compile(r"a=candidate:\S+ 1 udp \d+ (\S+) \d+ typ host")
CERTIFICATE = "import ssl, sys; print(ssl.get_server_certificate((sys.argv[1], int(sys.argv[2]))))"

pytestmark = pytest.mark.slow


@pytest.fixture
def hosts():
    if reason := why_not():
        pytest.skip(reason)
    with network(1) as made:
        yield made


def named(host, address, port):
    """What the server's certificate names, as somebody else sees it."""
    pem = host.run("python3", "-c", CERTIFICATE, address, str(port))
    text = subprocess.run(
        ["openssl", "x509", "-noout", "-text"], input=pem, capture_output=True, check=True
    ).stdout
    return set(re.findall(r"IP Address:([\d.]+)", text.decode()))


def test_calls_get_the_new_address_and_one_that_was_going_on_comes_back(tmp_path, hosts):
    host, (ann,) = hosts
    old, new = host.address, "10.77.0.50"
    with program(tmp_path / "data", *host.within, ACCESS="open") as server:
        port = int(server.lan[0].rpartition(":")[2])
        calling = subprocess.Popen(
            [
                *ann.within,
                sys.executable,
                "-m",
                "tests.faults.far",
                f"https://{old}:{port}",
                f"https://{new}:{port}",
            ],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            first = json.loads(calling.stdout.readline())
            assert set(CANDIDATE.findall(first["sdp"])) == {old}
            host.run("ip", "addr", "del", f"{old}/24", "dev", "lan")
            host.run("ip", "addr", "add", f"{new}/24", "dev", "lan")
            calling.stdin.write("\n")
            calling.stdin.flush()
            second = json.loads(calling.stdout.readline())
            assert set(CANDIDATE.findall(second["sdp"])) == {new}
            assert second["resumed"] and second["session_id"] == first["session_id"]
            deadline = time.monotonic() + 2 * INTERVAL
            while new not in named(ann, new, port):
                assert time.monotonic() < deadline, "the certificate does not name the new address"
                time.sleep(0.5)
        finally:
            calling.communicate("\n", timeout=20)
    assert calling.returncode == 0
