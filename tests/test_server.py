"""The program: its help, its settings, and how it starts and ends."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from server import _read_settings
from settings import Settings

ROOT = Path(__file__).parent.parent


def run(*arguments, env=None, **options):
    return subprocess.run(
        [sys.executable, "server.py", *arguments],
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        timeout=30,
        **options,
    )


@pytest.mark.slow
def test_help_lists_every_setting():
    text = run("--help").stdout
    for name in Settings.model_fields:
        assert f"--{name.replace('_', '-')}" in text
    assert "2G" in text and "24h" in text


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_the_readmes_table_has_every_setting_with_its_default(readme):
    text = (ROOT / readme).read_text()
    rows = dict(re.findall(r"^\| `([A-Z_]+)`[^|]*\|([^|]*)\|", text, re.MULTILINE))
    assert set(rows) == {name.upper() for name in Settings.model_fields}
    shown = {"data_dir": ".", "instant": "true"}
    for name, field in Settings.model_fields.items():
        default = ",".join(field.default) if isinstance(field.default, tuple) else str(field.default or "")
        assert rows[name.upper()].strip("` ") == shown.get(name, default), name


def test_settings_come_from_flags_environment_and_file_in_this_order(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("MAX_SESSIONS=3\nHTTP_PORT=1\nHTTPS_PORT=\n")
    monkeypatch.setenv("HTTP_PORT", "2")
    settings = Settings(_cli_parse_args=["--frame-rate", "15", "--clips-max-age", "30m"])
    assert (settings.max_sessions, settings.http_port, settings.frame_rate) == (3, 2, 15)
    assert settings.https_port == 8443 and settings.clips_max_age == 1800
    monkeypatch.delenv("HTTP_PORT")
    monkeypatch.setenv("PORT", "7")
    assert Settings(_env_file=None).http_port == 7


@pytest.mark.parametrize(
    ("text", "bytes_"), [("2G", 2e9), ("500M", 5e8), ("1.5k", 1500), ("7", 7), ("1GB", 1e9)]
)
def test_sizes_are_read_as_people_write_them(text, bytes_):
    assert Settings(_env_file=None, clips_max_bytes=text).clips_max_bytes == bytes_


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--max-sessions", "0"], "MAX_SESSIONS"),
        (["--clips-max-bytes", "lots"], "500M or 2G"),
        (["--video-codec", "AV1"], "VIDEO_CODEC"),
        (["--emotion-engines", "embedded,magic"], "EMOTION_ENGINES"),
        (["--emotion-engines", "embedded,embedded"], "name each engine once"),
        (["--looks-per-second", "6"], "LOOKS_PER_SECOND"),
        (["--remote-base-url", "gpu:8000"], "http://127.0.0.1:8000/v1"),
        (["--ring-duration", "2"], "BUFFER_DURATION cannot be longer"),
        (["--certificate", "a.pem"], "CERTIFICATE and CERTIFICATE_KEY go together"),
        (["--trusted-proxies", "10.0.0.1,proxy"], "10.0.0.0/8"),
        (["--udp-port-range", "50000"], "50000-50100"),
        (["--udp-port-range", "50100-50000"], "50000-50100"),
        (["--udp-port-range", "80-90"], "from 1024"),
        (["--udp-port-range", "60000-70000"], "to 65535"),
        (["--interfaces", "eth0,10.0.0.0/33"], "192.168.1.0/24"),
        (["--interfaces", "300.1.1.1"], "192.168.1.0/24"),
        (["--ice-servers", "turn.example.org"], "turn:turn.example.org"),
        (["--ice-servers", "turn:turn.example.org"], "needs TURN_SECRET"),
        (["--public-names", "https://mien.example.org"], "mien.example.org"),
    ],
)
def test_a_wrong_setting_is_named(arguments, said):
    with pytest.raises(SystemExit) as ended:
        _read_settings(arguments)
    assert str(ended.value).startswith("Mien cannot start: ") and said.lower() in str(ended.value).lower()


def test_a_wrong_setting_ends_the_program_with_its_name_alone():
    ended = run("--max-sessions", "0")
    assert ended.returncode == 1 and "MAX_SESSIONS" in ended.stderr and "Traceback" not in ended.stderr


@pytest.mark.slow
def test_a_port_in_use_is_said_in_one_sentence(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ended = run("--http-port", port, "--https-port", "0", "--data-dir", str(tmp_path))
    assert ended.returncode == 1
    assert ended.stderr == f"Mien cannot start: port {port} is in use; choose another with HTTP_PORT.\n"


@pytest.mark.slow
def test_a_data_folder_that_cannot_be_used_is_said_in_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    ended = run("--data-dir", str(tmp_path / "file"), "--http-port", "0", "--https-port", "0")
    assert ended.returncode == 1
    assert ended.stderr.startswith("Mien cannot start: the data folder cannot be used (")
    assert ended.stderr.count("\n") == 1


@pytest.mark.slow
def test_a_certificate_that_cannot_be_used_is_said_in_one_sentence(tmp_path):
    own = ("--certificate", str(tmp_path / "none.pem"), "--certificate-key", str(tmp_path / "none.key"))
    ended = run("--data-dir", str(tmp_path), "--http-port", "0", "--https-port", "0", *own)
    missing = f"{tmp_path / 'none.pem'} cannot be read: No such file or directory"
    assert ended.stderr == f"Mien cannot start: CERTIFICATE cannot be used: {missing}.\n"


@pytest.mark.slow
def test_a_damaged_authority_is_said_in_one_sentence(tmp_path):
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "authority.pem").write_text("damaged")
    ended = run("--data-dir", str(tmp_path), "--http-port", "0", "--https-port", "0")
    assert ended.stderr.startswith("Mien cannot start: the certificate authority in ")
    assert "put a copy of it back, or delete it" in ended.stderr and ended.stderr.count("\n") == 1


def test_proxies_and_public_names_are_read_as_lists():
    settings = Settings(
        _env_file=None, trusted_proxies="10.0.0.1, fd00::/8,", public_names="Mien.example.org"
    )
    assert list(map(str, settings.trusted_proxies)) == ["10.0.0.1/32", "fd00::/8"]
    assert settings.public_names == ("mien.example.org",)


def test_what_calls_may_use_of_the_network_is_read_as_it_is_written():
    settings = Settings(
        _env_file=None,
        udp_port_range=" 50000 - 50100",
        interfaces="eth0, wl*,192.168.1.5/24,Ethernet (2),all",
        ice_servers="stun:stun.example.org,turn:turn.example.org?transport=udp",
        turn_secret="north",
    )
    network = settings.network()
    assert str(network.ports) == "50000-50100"
    assert network.interfaces.allowed == ("eth0", "wl*", "192.168.1.5/24", "Ethernet (2)", "all")
    assert [len(each.urls) for each in network.servers.fresh(0.0)] == [1, 1]
    unset = Settings(_env_file=None).network()
    assert str(unset.ports) == "any" and unset.interfaces.allowed == () and not unset.servers


@pytest.mark.parametrize("after", [0.05, 0.2, 0.5])
def test_ctrl_c_before_the_server_is_up_ends_it_without_a_word(tmp_path, after):
    command = [
        sys.executable,
        "server.py",
        "--http-port",
        "0",
        "--https-port",
        "0",
        "--data-dir",
        str(tmp_path),
    ]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(after)
    server.send_signal(signal.SIGINT)
    _, errors = server.communicate(timeout=5)
    # Python itself says so for the first hundredths, before the program's first line.
    assert "Traceback" not in errors or "server.py" not in errors


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_server_at_once_and_cleanly(tmp_path, number):
    server = subprocess.Popen(
        [sys.executable, "server.py", "--http-port", "0", "--https-port", "0", "--data-dir", str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    lines = []
    while not any("Ctrl-C" in line for line in lines):
        lines.append(server.stdout.readline())
    printed = "".join(lines)
    port = re.search(r"http://localhost:(\d+)", printed)[1]
    assert re.search(r"access code +[0-9a-z]{8} ", printed)
    assert re.search(
        r"authority, Mien on .+\.\n(.*\n) +([0-9A-F]{2}:){15}[0-9A-F]{2}\n +([0-9A-F]{2}:){15}[0-9A-F]{2}\n",
        printed,
    )
    assert "█" not in printed and "/code#" not in printed  # a pipe has no camera
    assert urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).status == 200
    worker = None
    while worker is None:
        status = json.load(urllib.request.urlopen(f"http://127.0.0.1:{port}/status", timeout=5))
        worker = status["analysis"]["engines"][-1]["pid"]
    started = time.monotonic()
    os.killpg(server.pid, number)  # as a terminal does: every process of the group gets it
    _, errors = server.communicate(timeout=5)
    assert server.returncode == 0 and time.monotonic() - started < 2
    assert "Traceback" not in errors
    for gone in (server.pid, worker):
        with pytest.raises(ProcessLookupError):
            os.kill(gone, 0)
