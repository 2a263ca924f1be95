"""A server whose loopback callers can be made to look as if they came from the network, its chat and history fakes."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from functools import partial

import aiohttp
import pytest
from aiohttp import web

from pipeline.analysis import Analysis
from tests.server import serving
from tests.web.fakes import FakeChat, FakeHistory
from web.app import make_app
from web.limits import Limits
from web.metrics import Metrics
from web.ownership import Ownership
from webrtc.tokens import Tokens

# A forwarded request is somebody else's, so that this stands for a caller from the network.
FROM_ELSEWHERE = {"X-Forwarded-For": "10.0.0.7"}


@dataclass(kw_only=True)
class FakeApps:
    """Makes applications for `server.serve` whose history and chat are fakes; `made` are those so far."""

    history: FakeHistory = field(default_factory=FakeHistory)
    tokens: Tokens = field(default_factory=lambda: Tokens(b"a secret of the tests"))
    limits: Limits = field(default_factory=Limits)
    made: list[web.Application] = field(default_factory=list)

    def __post_init__(self):
        self.chat = FakeChat(self.history)

    def make(self, **given):
        own = {"chat": self.chat, "history": self.history, "tokens": self.tokens}
        services = replace(given["services"], **own)
        metrics = Metrics("0.1.0")
        metrics.watch(given["registry"], services)
        self.made.append(
            make_app(**(given | {"services": services, "metrics": metrics, "limits": self.limits}))
        )
        return self.made[-1]


def fake_app(monkeypatch, **options):
    """Let servers have applications with fakes."""
    apps = FakeApps(**options)
    monkeypatch.setattr("server.make_app", apps.make)
    monkeypatch.setattr("assembly.History", lambda url, **_: apps.history)
    return apps


@pytest.fixture
def limits():
    return Limits()


@pytest.fixture
def apps(monkeypatch, limits):
    return fake_app(monkeypatch, limits=limits)


@pytest.fixture
def history(apps):
    return apps.history


@pytest.fixture
def chat(apps):
    return apps.chat


@pytest.fixture
def tokens(apps):
    return apps.tokens


@pytest.fixture
def settings():
    """The server's settings; a module of tests that needs no engine has its own."""
    return {"max_sessions": 2}


@pytest.fixture
def without_engines(monkeypatch):
    """Let the server's other processes be ones that do nothing, which start at once."""
    quiet = ("sh", "-c", "cat > /dev/null")
    monkeypatch.setattr("assembly.Analysis", partial(Analysis, command=quiet))


@pytest.fixture
async def server(tmp_path, apps, settings):
    async with serving(tmp_path, **settings) as server:
        yield server


@pytest.fixture
def app(server, apps):
    """The application of the server."""
    return apps.made[-1]


@pytest.fixture
async def http(server):
    connector = aiohttp.TCPConnector(ssl=False)
    async with aiohttp.ClientSession(
        server.url, connector=connector, cookie_jar=aiohttp.CookieJar(unsafe=True)
    ) as http:
        yield http


def entered(server, role, caller):
    """Somebody on the network who has entered a role's code."""
    return aiohttp.ClientSession(
        server.url,
        headers=FROM_ELSEWHERE,
        cookies={"mien_access": server.running.access.cookie(role, caller, time.time())},
        cookie_jar=aiohttp.CookieJar(unsafe=True),
    )


@pytest.fixture
async def lan(server):
    """A caller on the network, by the name of `ann`."""
    async with entered(server, "caller", "ann") as http:
        yield http


@pytest.fixture
async def another(server):
    """Another one, by the name of `bob`."""
    async with entered(server, "caller", "bob") as http:
        yield http


@pytest.fixture
async def operator(server):
    """The operator on another machine."""
    async with entered(server, "operator", "eve") as http:
        yield http


@pytest.fixture
def ownership(server):
    """Makes the ids of sessions that are somebody's."""
    return Ownership(server.running.access.secret)
