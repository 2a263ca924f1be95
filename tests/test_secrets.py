"""No secret of a setting comes out: not in logs, answers, reprs, command lines, nor to other processes unasked."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import psutil
import pytest
from aiohttp import web as http
from aiohttp.test_utils import TestServer

import server
from pipeline.history.jobs import Configure
from settings import Settings
from tests.server import serving

ROOT = Path(__file__).parent.parent

SECRETS = {
    "cookies": "sekret-of-cookies-4711",
    "database": "sekret-of-database-4712",
    "remote": "sekret-of-remote-4713",
    "chat": "sekret-of-chat-4714",
    "remote_user": "sekret-of-remote-user-4715",
    "chat_user": "sekret-of-chat-user-4716",
    "turn": "sekret-of-turn-4718",
}
PAGES = (
    "/",
    "/library",
    "/sessions",
    "/sessions/0123456789abcdef01234567",
    "/monitor",
    "/code",
    "/trust",
    "/no",
)
WRONG_CODE = "sekret-code-typed-4717"
ALL = (*SECRETS.values(), WRONG_CODE)


def environment(port):
    """Every setting that holds a secret. The database refuses connections; the API repeats the key that it was sent."""
    return {
        "SECRET_KEY": SECRETS["cookies"],
        "DATABASE_URL": f"postgresql://mien:{SECRETS['database']}@127.0.0.1:1/mien",
        "REMOTE_API_KEY": SECRETS["remote"],
        "REMOTE_BASE_URL": f"http://user:{SECRETS['remote_user']}@127.0.0.1:{port}/v1",
        "llm_api_key": SECRETS["chat"],  # as it may be written, too
        "LLM_API_BASE": f"http://user:{SECRETS['chat_user']}@127.0.0.1:{port}/v1",
        "ICE_SERVERS": "turn:127.0.0.1:9",
        "TURN_SECRET": SECRETS["turn"],
    }


@asynccontextmanager
async def indiscreet_api():
    async def refuse(request):
        said = f"Incorrect API key provided: {request.headers.get('Authorization')} for {request.url}"
        return http.json_response({"error": {"message": said}}, status=401)

    app = http.Application()
    app.router.add_route("*", "/{path:.*}", refuse)
    async with TestServer(app) as api:
        yield api


@asynccontextmanager
async def program(folder, api):
    """The program as a person starts it: its port, its process and, once it has ended, what it logged."""
    arguments = ("--http-port", "0", "--https-port", "0", "--data-dir", str(folder), "--log-level", "DEBUG")
    log = folder / "log"
    with log.open("wb") as errors:
        running = await asyncio.create_subprocess_exec(
            sys.executable,
            "server.py",
            *arguments,
            cwd=ROOT,
            env=os.environ | environment(api.port),
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
        )
    try:
        printed = ""
        async with asyncio.timeout(30):
            while "Ctrl-C" not in printed:
                line = (await running.stdout.readline()).decode()
                assert line, log.read_text()
                printed += line
        yield f"http://127.0.0.1:{re.search(r'localhost:([0-9]+)', printed)[1]}", psutil.Process(running.pid)
    finally:
        running.send_signal(signal.SIGTERM)
        await running.wait()


async def answers(session, url):
    """What every page and operation says, asked with next to nothing."""
    said = {}
    for page in PAGES:
        async with session.get(url + page) as response:
            said[page] = f"{response.headers} {await response.text()}"
    async with session.get(f"{url}/api/openapi.json") as response:
        document = await response.json()
    for path, operations in document["paths"].items():
        asked = re.sub(r"\{name\}", "remote", re.sub(r"\{session_id\}", "0" * 24, path))
        for method in operations:
            body = {"message": "Hello", "video_name": "a.webm"} if method == "post" else None
            async with session.request(method, url + asked, json=body) as response:
                said[f"{method} {path}"] = (
                    f"{response.headers} {(await response.read()).decode(errors='replace')}"
                )
    async with session.post(f"{url}/code", data={"code": WRONG_CODE}) as response:
        said["post /code"] = await response.text()
    return said


async def refused(session, url):
    """The status, once the database, the engine and the chat have each been refused."""
    async with asyncio.timeout(20):
        while True:
            async with session.get(f"{url}/status") as response:
                status = await response.text()
            if all(
                why in status for why in ("history_unreachable", "REMOTE_API_KEY is wrong", "chat_wrong_key")
            ):
                return status
            await asyncio.sleep(0.1)


def leaks(text, secrets=ALL):
    return [secret for secret in secrets if secret in text]


@pytest.mark.slow
async def test_no_secret_is_logged_answered_or_handed_to_another_process(tmp_path):
    async with (
        indiscreet_api() as api,
        program(tmp_path, api) as (url, process),
        aiohttp.ClientSession() as session,
    ):
        status = await refused(session, url)
        said = await answers(session, url) | {"status": status}
        children = process.children(recursive=True)
        lines = [" ".join(each.cmdline()) for each in (process, *children)]
        handed = [value for child in children for value in child.environ().values()]
    assert len(children) >= 3
    assert {name: leaks(text) for name, text in said.items() if leaks(text)} == {}
    assert leaks("\n".join(lines)) == []
    assert leaks("\n".join(handed)) == []
    log = (tmp_path / "log").read_text()
    assert "history" in log and leaks(log) == []
    codes = [(tmp_path / "state" / name).read_text().strip() for name in ("access_code", "operator_code")]
    assert leaks(log + "".join(lines) + "".join(said.values()), codes) == []


async def test_no_repr_of_the_application_holds_a_secret(tmp_path, monkeypatch):
    apps = []
    make_app = server.make_app
    monkeypatch.setattr(server, "make_app", lambda **parts: apps.append(make_app(**parts)) or apps[-1])
    for name, value in environment(1).items():
        monkeypatch.setenv(name, value)
    settings = Settings(_env_file=None)
    told = Configure(url=settings.database_url.get_secret_value())
    assert leaks(f"{settings!r} {settings} {settings.chain()} {settings.llm()} {told}") == []
    async with serving(tmp_path) as running:
        [app] = apps
        held = [repr(app[key]) for key in app] + [repr(running.running)]
        held += [
            repr(vars(app[key])) for key in app if hasattr(app[key], "__dict__") and repr(app[key])[0] == "<"
        ]
        access = running.running.access
    assert len(held) > 15
    secrets = (*ALL, str(access.secret), *access.codes.values())
    assert leaks("\n".join(held), secrets) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REMOTE_BASE_URL", "http://user:sekret/4711@127.0.0.1/v1"),
        ("OPENAI_API_BASE", "http://user:sekret/4711@127.0.0.1/v1"),
        ("REMOTE_BASE_URL", "sekret-4711"),
        ("REMOTE_BASE_URL", "http://[sekret/v1"),
        ("DATABASE_URL", "postgresql://mien:sekret@host:sekret/mien"),
        ("DATABASE_URL", "postgresql://mien:sekret@host/mien?password=sekret"),
        ("DATABASE_URL", "sekret"),
        ("DATABASE_URL", "mysql://mien:sekret@host/mien"),
    ],
)
async def test_what_is_said_of_a_wrong_address_holds_nothing_of_it(name, value, tmp_path, monkeypatch, capfd):
    monkeypatch.setenv(name, value)
    monkeypatch.setattr(
        sys, "argv", ["server.py", "--data-dir", str(tmp_path), "--http-port=0", "--https-port=0"]
    )
    with pytest.raises(SystemExit) as ended:
        await asyncio.to_thread(server.main)
    assert name in str(ended.value)
    assert "sekret" not in str(ended.value) + "".join(capfd.readouterr())
