"""Paths: no spelling of a name leads out of the folders, whichever route takes it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.attacks.raw import exchange, read, request, well
from tests.server import serving
from web.assets import tree_hash
from web.limits import Limits

pytestmark = pytest.mark.usefixtures("without_engines")

CANARY = "kanarienvogel-4711"
DOTS = (
    "..",
    "%2e%2e",
    "%2E.",
    ".%2e",
    "%252e%252e",
    "..;",
    "..%00",
    "%c0%ae%c0%ae",
    "%e0%80%ae%e0%80%ae",
    "．．",
    "․․",
    "..%0d%0a",
)
DOTS += ("..%20", "....", "%uff0e%uff0e", "..%2500")
SLASHES = ("/", "%2f", "%2F", "%252f", "\\", "%5c", "%255c", "%c0%af", "∕", "／", "//", "/./", "%2f%2f")
NAMES = ("canary.webm", "../canary.webm", "state/secret_key", "etc/passwd", "CANARY.WEBM")
DEVICES = (
    "CON",
    "nul",
    "AUX.webm",
    "COM1",
    "c:\\canary.webm",
    "\\\\host\\share\\canary.webm",
    "/dev/zero",
    "/proc/self/environ",
    "file:///etc/passwd",
)


def forms(data: Path) -> list[str]:
    """How one may try to name a file outside."""
    climbing = [f"{dots}{slash}{name}" for dots in DOTS for slash in SLASHES for name in NAMES[:1]]
    climbing += [
        f"{dots}{slash}{dots}{slash}{name}" for dots in DOTS[:6] for slash in SLASHES[:6] for name in NAMES
    ]
    canary = data.parent / "canary.webm"
    absolute = [
        str(canary),
        quote(str(canary), safe=""),
        f"file://{canary}",
        f"x/../..{canary}",
        f"/{canary}",
        f"concat:{canary}",
    ]
    named = ["20270115T080000.250_0a1b.webm", "link.webm", "20270115T080000.250_0a1b.webm\0.jpg"]
    odd = [
        "",
        ".",
        "..",
        "...",
        "~",
        "~root",
        "*",
        "%",
        "%zz",
        "%00",
        "\0",
        "a" * 5000,
        "語" * 300,
        "\ud800",
        "-",
        "%2e",
        ".part",
    ]
    return climbing + absolute + named + odd + list(DEVICES)


@pytest.fixture
def limits():
    return Limits(requests=None, offers=None, messages=None)


@pytest.fixture
async def server(tmp_path, apps, settings):
    """With a canary beside its data folder, and a link to it inside."""
    (tmp_path / "canary.webm").write_text(CANARY)
    async with serving(tmp_path / "data", emotion_engines="embedded", **settings) as server:
        for name in ("link.webm", "20270115T080000.250_0a1b.webm"):
            (server.data / "videos" / name).symlink_to(tmp_path / "canary.webm")
        yield server


def snapshot(folder: Path) -> set[str]:
    """Every file and folder but those of the database and of work under way."""
    return {
        str(path) for path in folder.rglob("*") if "history" not in path.name and "exports" not in path.parts
    }


def targets(form: str) -> list[tuple[str, str]]:
    """Every route that takes a name or an id in its path or query."""
    static = f"/static/{tree_hash()}"
    paths = [
        ("GET", f"/videos/{form}"),
        ("GET", f"/videos/{form}?format=mp4"),
        ("DELETE", f"/videos/{form}"),
        ("GET", f"/thumbnails/{form}.jpg"),
        ("GET", f"{static}/{form}"),
        ("GET", f"{static}/js/{form}"),
        ("GET", f"/{form}"),
        ("GET", f"/trust/{form}"),
        ("GET", f"/sessions/{form}"),
        *(("GET", f"/api/sessions/{form}{rest}") for rest in ("", "/timeline", "/export")),
        ("DELETE", f"/api/sessions/{form}"),
        ("POST", f"/api/sessions/{form}/leave"),
        ("POST", f"/api/engines/{form}/load"),
        ("GET", f"/api/videos?before={form}"),
        ("GET", f"/api/sessions?before={form}"),
        ("GET", f"/api/chat/history?session_id={form}"),
        ("GET", f"/code?next={form}"),
    ]
    return [pair for pair in paths if " " not in pair[1]]


async def all_of(server, requests: list[bytes]) -> list[bytes]:
    """What is answered to each, a few at a time."""
    room = asyncio.Semaphore(8)

    async def one(each: bytes) -> bytes:
        async with room:
            return await exchange(server.running.http_port, each)

    return await asyncio.gather(*(one(each) for each in requests))


@pytest.mark.slow
async def test_no_spelling_of_a_path_leads_out(server, tmp_path):
    every = forms(server.data)
    assert len(every) > 200
    before = snapshot(tmp_path)
    # Each form on some of the routes, so that each route has more than fifty and each form three.
    chosen = [pair for at, form in enumerate(every) for pair in targets(form)[at % 6 :: 6]]
    answered = await all_of(
        server,
        [request(method, target, body=b"{}" if method == "POST" else b"") for method, target in chosen],
    )
    for (method, target), received in zip(chosen, answered, strict=True):
        assert CANARY.encode() not in received, (method, target)
        assert b"root:" not in received
        for answer in read(received):
            right = answer.status in (400, 403, 404, 405, 414) or (answer.status < 400 and _listing(target))
            assert right, (method, target, answer)
    assert snapshot(tmp_path) == before
    assert (tmp_path / "canary.webm").read_text() == CANARY
    await well(server)


def _listing(target: str) -> bool:
    """Whether the form is where one may write what one likes, or what it comes to is a page of ours."""
    path = target.partition("?")[0]
    own = ("/api/videos", "/api/sessions", "/api/chat/history", "/code", "/videos", "/static", "/sessions")
    return (
        "?" in target
        or path.rstrip("/.") in own
        or path.strip("/.%2e") == ""
        or path.startswith("/api/sessions/")
    )


async def test_no_spelling_of_a_name_in_a_body_leads_out(server, tmp_path):
    before = snapshot(tmp_path)
    kind, requests = "Content-Type: application/json", []
    every = [form for form in forms(server.data) if "\ud800" not in form]
    for at, form in enumerate(every):
        plain = form.replace("%2e", ".").replace("%2f", "/").replace("%5c", "\\").replace("%00", "\0")
        body = json.dumps(
            {"video_name": plain, "session_id": plain, "message": "x", "engine": "embedded"}
        ).encode()
        paths = ("/api/analyze", "/api/chat/clear", "/api/qwen/analyze", "/api/analyze")
        requests.append(request("POST", paths[at % 4], kind, body=body))
    for received in await all_of(server, requests):
        (answer,) = read(received)
        assert CANARY.encode() not in received
        if answer.status == 200:  # a conversation may be called so: it is no file
            assert json.loads(answer.body)["success"] is True
        else:
            assert (answer.status, answer.code) in ((404, "no_such_clip"), (400, "bad_request"))
    assert snapshot(tmp_path) == before


@pytest.mark.filterwarnings("ignore::aiohttp.multipart.BadContentDispositionParam")
@pytest.mark.filterwarnings("ignore::aiohttp.multipart.BadContentDispositionHeader")
async def test_no_name_of_an_upload_puts_a_file_anywhere(server, tmp_path, monkeypatch):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    made = []
    real_open = Path.open

    def noted(path, mode="r", *given, **options):
        if "w" in mode:
            made.append(path)
        return real_open(path, mode, *given, **options)

    monkeypatch.setattr(Path, "open", noted)
    before = snapshot(tmp_path)
    names = [form for form in forms(server.data)[::4] if "\ud800" not in form and '"' not in form]
    names += [
        "a." + "語" * 79,
        "a." + "b" * 200,
        "a.\\..\\..\\canary.webm",
        "a.webm/",
        "a./../../canary.webm",
        ". .",
        "a.%2e%2e",
    ]
    for name in names:
        fields = [
            f'form-data; name="file"; filename="{name}"',
            f"form-data; name=\"file\"; filename*=utf-8''{quote(name)}",
        ]
        for field in fields:
            part = b"--x\r\nContent-Disposition: " + field.encode() + b"\r\n\r\nwebm\r\n--x--\r\n"
            received = await exchange(
                server.running.http_port,
                request("POST", "/api/analyze", "Content-Type: multipart/form-data; boundary=x", body=part),
            )
            (answer,) = read(received)
            assert answer.status in (400, 422, 503), (name, answer)
            assert CANARY.encode() not in received
    assert made and all(path.parent.parent == scratch and path.name.startswith("upload") for path in made)
    assert snapshot(tmp_path) == before and list(scratch.iterdir()) == []


async def test_where_one_is_sent_after_the_code_is_here(server):
    code = server.running.access.codes["caller"]
    for form in forms(server.data)[::7]:
        body = f"code={code}&next={quote(form.encode('utf-8', 'replace'))}".encode()
        kind = "Content-Type: application/x-www-form-urlencoded"
        (answer,) = read(await exchange(server.running.http_port, request("POST", "/code", kind, body=body)))
        (location,) = answer.all("Location")
        assert answer.status == 303 and location.startswith("/") and not location.startswith(("//", "/\\"))
