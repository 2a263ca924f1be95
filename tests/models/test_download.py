from __future__ import annotations

import argparse
import hashlib
import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path
from threading import Event, Thread

import pytest

from models import download

COMMIT = "0123456789abcdef0123456789abcdef01234567"
REPOSITORY = "google/siglip-so400m-patch14-384"
BIG = "model.safetensors"
WANTED = {
    "config.json": b"{}",
    "preprocessor_config.json": b'{"size": 384}',
    "spiece.model": b"pieces",
    "README.md": b"# SigLIP",
    BIG: bytes(range(256)) * 8000,
}
UNWANTED = {
    "pytorch_model.bin": b"pickle",
    "flax_model.msgpack": b"flax",
    "onnx/config.json": b"{}",
    "model.fp32-00001-of-00001.safetensors": b"wide",
    ".gitattributes": b"*.bin",
}
LICENCE = {"license": "other", "license_name": "research", "license_link": "https://example.org/licence"}


@dataclass(slots=True)
class Hub:
    """What huggingface_hub asks of the hub, over real HTTP."""

    files: dict[str, bytes] = field(default_factory=lambda: WANTED | UNWANTED)
    card: dict[str, str] = field(default_factory=lambda: dict(LICENCE))
    token: str | None = None
    cuts: list[int] = field(default_factory=list)
    """After so many bytes the next answers with the big file break off."""
    stalls: bool = False
    """The big file stops in the middle, until `going_on`."""
    going_on: Event = field(default_factory=Event)
    halfway: Event = field(default_factory=Event)
    asked: list[tuple[str, str, str | None]] = field(default_factory=list)
    """Method, path and range of each request."""
    url: str = ""
    tells_sizes: bool = True

    def fetched(self) -> list[str]:
        """Files that were sent, at least in part."""
        return [
            path.rpartition("/")[2]
            for method, path, _ in self.asked
            if method == "GET" and "/resolve/" in path
        ]


class Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.hub.asked.append((self.command, path, self.headers.get("Range")))
        api, model, at = f"/api/models/{REPOSITORY}", f"/{REPOSITORY}/resolve/{COMMIT}/", f"/tree/{COMMIT}"
        if self.hub.token and self.headers.get("Authorization") != f"Bearer {self.hub.token}":
            self.say(401, b"{}", {"X-Error-Code": "GatedRepo", "X-Error-Message": "log in first"})
        elif path in (api, f"{api}/revision/{COMMIT}"):
            files = [self.described(name, "rfilename", "blobId") for name in self.hub.files]
            told = {"id": REPOSITORY, "sha": COMMIT, "siblings": files, "cardData": self.hub.card}
            self.say(200, json.dumps(told).encode())
        elif path == api + at:
            tree = [{"type": "file"} | self.described(name, "path", "oid") for name in self.hub.files]
            self.say(200, json.dumps(tree).encode())
        elif path.startswith(model) and (name := path.removeprefix(model)) in self.hub.files:
            self.send(name)
        else:
            self.say(404, b"{}", {"X-Error-Code": "RepoNotFound"})

    def described(self, name: str, called: str, identified: str) -> dict[str, object]:
        body = self.hub.files[name]
        size = {"size": len(body)} if called == "path" or self.hub.tells_sizes else {}
        return size | {called: name, identified: hashlib.sha1(body).hexdigest()}  # noqa: S324 - as the hub does it

    def send(self, name: str) -> None:
        whole = self.hub.files[name]
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        first = int(asked[1]) if asked else 0
        headers = {
            "ETag": f'"{hashlib.sha256(whole).hexdigest()}"', "X-Repo-Commit": COMMIT, "Accept-Ranges": "bytes",
        }  # fmt: skip
        if asked:
            headers["Content-Range"] = f"bytes {first}-{len(whole) - 1}/{len(whole)}"
        self.say(206 if asked else 200, whole[first:], headers, big=name == BIG)

    def say(
        self, status: int, body: bytes, headers: dict[str, str] | None = None, *, big: bool = False
    ) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        if big and self.hub.cuts:
            self.wfile.write(body[: self.hub.cuts.pop(0)])
            self.close_connection = True
        elif big and self.hub.stalls:
            self.wfile.write(body[: len(body) // 2])
            self.hub.halfway.set()
            self.hub.going_on.wait(20)
            self.close_connection = True
        else:
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    hub = Hub()
    handler = type("HubHandler", (Handler,), {"hub": hub})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as http:
        hub.url = f"http://127.0.0.1:{http.server_port}"
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        monkeypatch.delenv("HF_TOKEN", raising=False)
        thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield hub
        hub.going_on.set()
        http.shutdown()
        thread.join()


def options(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    download.add_to(parser.add_subparsers())
    return parser.parse_args(["download", *arguments])


def fetch(*arguments: str) -> int:
    given = options(*arguments)
    code: int = given.run(given, None)
    return code


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".cache" not in path.parts
    }


def test_what_is_wanted_arrives_whole_and_nothing_else(hub, tmp_path, capsys):
    assert fetch("siglip", "--to", str(tmp_path / "siglip"), "--yes") == 0
    assert files(tmp_path / "siglip") == WANTED
    assert capsys.readouterr().out.endswith(f"set LDDU_VISION_PATH={tmp_path / 'siglip'}\n")


def test_size_licence_and_place_are_shown_first(hub, tmp_path, capsys):
    fetch("siglip", "--to", str(tmp_path), "--yes")
    shown = capsys.readouterr().out
    assert f"{REPOSITORY} from {hub.url}, revision {COMMIT}" in shown
    assert "5 files, 2.0 MB" in shown
    assert "licence: research (https://example.org/licence)" in shown
    assert re.search(rf"to {tmp_path}, where [\d.]+ GB are free", shown)


@pytest.mark.parametrize(
    ("card", "said"), [({"license": "apache-2.0"}, "licence: apache-2.0\n"), ({}, "licence: none stated")]
)
def test_licences_are_named_as_the_card_has_them(hub, tmp_path, capsys, card, said):
    hub.card = card
    fetch("siglip", "--to", str(tmp_path), "--yes")
    assert said in capsys.readouterr().out


def test_without_a_terminal_and_a_yes_nothing_is_fetched(hub, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", StringIO())
    assert fetch("siglip", "--to", str(tmp_path)) == 1
    assert "say --yes" in capsys.readouterr().err
    assert files(tmp_path) == {} and hub.fetched() == []


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("YES ", 0), ("", 1), ("n", 1), ("maybe", 1)])
def test_a_person_is_asked_and_obeyed(hub, tmp_path, monkeypatch, answer, code):
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _: answer)
    assert fetch("siglip", "--to", str(tmp_path)) == code
    assert bool(files(tmp_path)) == (code == 0)


def test_an_end_of_input_is_no_agreement(hub, tmp_path, monkeypatch):
    monkeypatch.setattr("sys.stdin", terminal := StringIO())
    terminal.isatty = lambda: True
    assert fetch("siglip", "--to", str(tmp_path)) == 1
    assert files(tmp_path) == {}


def test_what_is_there_is_not_fetched_again(hub, tmp_path, capsys):
    fetch("siglip", "--to", str(tmp_path), "--yes")
    hub.asked.clear()
    assert fetch("siglip", "--to", str(tmp_path)) == 0  # there is nothing to ask about
    assert hub.fetched() == []
    (tmp_path / "config.json").unlink()
    assert fetch("siglip", "--to", str(tmp_path), "--yes") == 0
    assert hub.fetched() == ["config.json"]
    assert "2.0 MB, of which 2.0 MB are there already" in capsys.readouterr().out


def test_a_connection_that_breaks_off_is_taken_up_where_it_was(hub, tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", 100_000)
    monkeypatch.setattr("time.sleep", lambda _: None)  # the library waits a second
    hub.cuts = [1_000_000]
    assert fetch("siglip", "--to", str(tmp_path), "--yes") == 0
    assert files(tmp_path) == WANTED
    ranges = [asked for method, path, asked in hub.asked if method == "GET" and path.endswith(BIG)]
    assert ranges == [None, "bytes=1000000-"]


def test_ctrl_c_ends_at_once_and_the_next_time_goes_on(hub, tmp_path):
    hub.stalls = True
    program = "import sys; from tests.models.test_download import fetch; sys.exit(fetch(*sys.argv[1:]))"
    arguments = ["siglip", "--to", str(tmp_path), "--yes"]
    process = subprocess.Popen([sys.executable, "-c", program, *arguments], stderr=subprocess.PIPE, text=True)
    assert hub.halfway.wait(20)
    small = WANTED.keys() - {BIG}
    while not small <= files(tmp_path).keys():
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=5)
    assert process.returncode == 130
    assert said.endswith("Interrupted: run the same command again to go on, files that are complete stay\n")
    assert "Traceback" not in said
    assert list(tmp_path.rglob("*.incomplete")) == []
    hub.stalls = False
    hub.asked.clear()
    assert fetch(*arguments) == 0
    assert files(tmp_path) == WANTED
    assert hub.fetched() == [BIG]


def test_a_hub_that_fails_midway_is_said_with_how_to_go_on(hub, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _: hub.files.clear() or "y")
    assert fetch("siglip", "--to", str(tmp_path)) == 1
    said = capsys.readouterr().err
    assert "run the same command again" in said and "Traceback" not in said


def test_without_a_network_it_says_what_to_do_instead(hub, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert fetch("siglip", "--to", str(tmp_path), "--yes") == 1
    said = capsys.readouterr().err
    assert said.startswith("http://127.0.0.1:9 cannot be reached (")
    assert "HF_ENDPOINT" in said and f"copy the folder of {REPOSITORY}" in said and "LDDU_VISION_PATH" in said
    assert said.count("\n") == 1


def test_a_model_that_the_hub_lacks_or_locks_is_said(hub, tmp_path, capsys):
    assert fetch("whisper", "--to", str(tmp_path), "--yes") == 1
    assert f"{hub.url} has no openai/whisper-large-v3, or not for you: is HF_TOKEN" in capsys.readouterr().err


def test_the_account_of_hf_token_is_used(hub, tmp_path, capsys, monkeypatch):
    hub.token = "hf_secret"
    assert fetch("siglip", "--to", str(tmp_path), "--yes") == 1
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    assert fetch("siglip", "--to", str(tmp_path), "--yes") == 0
    said = capsys.readouterr()
    assert "HF_TOKEN" in said.err and "hf_secret" not in said.out + said.err


def test_an_unknown_name_is_answered_with_the_known_ones(capsys):
    with pytest.raises(SystemExit):
        options("gpt")
    said = capsys.readouterr().err
    assert all(name in said for name in ("qwen2.5-omni-3b", "qwen2.5-omni-7b", "siglip", "whisper"))


def test_a_mirror_that_tells_no_sizes_will_do(hub, tmp_path, capsys):
    hub.tells_sizes = False
    assert fetch("siglip", "--to", str(tmp_path), "--yes") == 0
    assert files(tmp_path) == WANTED
    assert "5 files, of a size that it does not say\n" in capsys.readouterr().out


def test_a_model_without_safetensors_is_not_taken_for_complete(hub, tmp_path, capsys):
    hub.files = {"config.json": b"{}", "pytorch_model.bin": b"pickle"}
    assert fetch("siglip", "--to", str(tmp_path), "--yes") == 1
    assert "has no weights in safetensors" in capsys.readouterr().err


def test_without_space_nothing_is_fetched(hub, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(download, "_free", lambda _: 50_000_000)
    assert fetch("siglip", "--to", str(tmp_path), "--yes") == 1
    assert "not enough space: 52.0 MB more must be free" in capsys.readouterr().err
    assert hub.fetched() == []


def test_the_folder_is_named_after_the_model_when_none_is_given(hub, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert fetch("siglip", "--yes") == 0
    assert files(tmp_path / "weights" / "siglip") == WANTED


def test_each_setting_that_it_names_is_one():
    from models.settings import EngineSettings

    fields = {name.upper() for name in EngineSettings.model_fields}
    assert {weights.setting for weights in download.MODELS.values()} <= fields
