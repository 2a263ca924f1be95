"""The server: reads the settings, puts the parts together and runs them."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]

if __name__ == "__main__":
    # Ctrl-C needs no word until there is something to end cleanly, not while the imports below go on either. Of the
    # interpreter itself, since to import `signal` takes long enough for a Ctrl-C.
    _signal.signal(_signal.SIGINT, _signal.SIG_DFL)

import asyncio
import contextlib
import gc
import logging
import os
import signal
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from pydantic import ValidationError
from pydantic_settings import CliApp, SettingsError

from assembly import (
    VERSION,
    CannotStart,
    make_page,
    make_services,
    open_data_dir,
    receive_path,
    session_config,
)
from pipeline.history.history import History, HistoryRefused
from pipeline.sweep import sweep
from settings import Settings, secret_names
from web.access import Access
from web.announcement import Announcement
from web.app import make_app
from web.client import Proxies
from web.doctor import examine
from web.entrances import Entrances
from web.metrics import Metrics
from web.site import CannotListen, Site
from web.tls.keeper import Keeper
from webrtc.registry import Registry
from webrtc.services import Services
from webrtc.session import Session
from webrtc.tap import ReceivePath, path


@dataclass(slots=True)
class Running:
    """Tells that the server is up, under which ports, and lets it be stopped."""

    ready: asyncio.Event = field(default_factory=asyncio.Event)
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    http_port: int = 0
    https_port: int = 0
    access: Access | None = None


def main() -> None:
    """`python server.py [doctor [--json]] [--setting value …]`"""
    arguments = sys.argv[1:]
    if arguments[:1] == ["doctor"]:
        report = asyncio.run(examine(_read_settings([each for each in arguments[1:] if each != "--json"])))
        print(report.json() if "--json" in arguments else report)
        sys.exit(0 if report.works else 1)
    try:
        _start(_read_settings(arguments))
    except CannotStart as reason:
        sys.exit(f"Mien cannot start: {reason}")
    except KeyboardInterrupt:
        sys.exit(130)


def _start(settings: Settings) -> None:
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for noisy in ("aioice", "aiortc"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLevelName(settings.log_level)))
    _run(settings)


def _read_settings(arguments: list[str]) -> Settings:
    try:
        settings = CliApp.run(Settings, arguments)
    except ValidationError as error:
        lines = [
            f"  {'.'.join(map(str, e['loc'])).upper() or 'together'}: {e['msg']}" for e in error.errors()
        ]
        sys.exit("Mien cannot start: a setting is wrong.\n" + "\n".join(lines))
    except SettingsError as error:
        sys.exit(f"Mien cannot start: {error}")
    # What is started here inherits the environment, but is told over a pipe what it needs to know.
    for name in [name for name in os.environ if name.lower() in secret_names()]:
        del os.environ[name]
    return settings


def _run(settings: Settings) -> None:
    with contextlib.suppress(ImportError):  # not made for Windows
        import uvloop

        uvloop.run(serve(settings, Running(), announce=True))
        return
    asyncio.run(serve(settings, Running(), announce=True))


async def serve(
    settings: Settings,
    running: Running,
    *,
    announce: bool = False,
    receive: Callable[[], ReceivePath] | None = None,
) -> None:
    """Run the server until `running.stop` is set or a signal comes. Raises `CannotStart`.

    `receive` makes the way in which a caller's media is received, for comparison with what the settings say.
    """
    chosen = receive_path(settings)
    # Room for every caller's disk to hang at once, and for clips to be muxed all the same.
    threads = ThreadPoolExecutor(settings.max_sessions + 8, thread_name_prefix="work")
    asyncio.get_running_loop().set_default_executor(threads)
    library, recordings, access, entrances, keeper = open_data_dir(settings)
    metrics = Metrics(VERSION)
    services = make_services(settings, library, recordings, access, metrics)
    config = session_config(settings, receive or path(chosen.way))
    registry = Registry(settings.max_sessions, lambda session_id: Session(session_id, config, services))
    metrics.watch(registry, services)
    page, proxies = make_page(settings, entrances.ports), Proxies(settings.trusted_proxies)
    app = make_app(
        access=access,
        entrances=entrances,
        keeper=keeper,
        proxies=proxies,
        page=page,
        registry=registry,
        services=services,
        metrics=metrics,
        receive=chosen,
        state=settings.data_dir.resolve() / "state",
        ice_servers=config.network.servers,
    )
    site = await Site.open(app, proxies.speaks_for_many)
    async with services.keeping() as keeping:
        try:
            await _opened(services.history)
            await _listen(site, settings, keeper, running)
            entrances.ports.http, entrances.ports.https = running.http_port, running.https_port
            running.access = access
            if announce:
                _announce(settings, entrances, keeper, access)
                _stop_on_signals(running.stop)
                settle()
            running.ready.set()
            await _work(registry, services, keeper, site, running.stop, keeping)
        finally:
            await site.close()  # before what is kept, since ended calls are told of


def settle() -> None:
    """Leave what is there by now out of the search for garbage, which would hold the loop for 60 ms each time. For a
    process that does nothing but serve."""
    gc.collect()
    gc.freeze()


async def _opened(history: History) -> None:
    try:
        await history.opened()
    except HistoryRefused as refusal:
        raise CannotStart(str(refusal)) from refusal


async def _work(
    registry: Registry,
    services: Services,
    keeper: Keeper,
    site: Site,
    stop: asyncio.Event,
    keeping: asyncio.Task[None],
) -> None:
    async with asyncio.TaskGroup() as group:
        calls = group.create_task(registry.run(), name="registry")
        tasks = [
            group.create_task(services.analysis.run(), name="analysis"),
            group.create_task(services.chat.run(), name="chat"),
            group.create_task(services.lag.run(), name="lag"),
            group.create_task(keeper.run(), name="certificate"),
            group.create_task(site.run(), name="connections"),
            group.create_task(services.finisher.run(), name="finisher"),
            group.create_task(sweep(services.library, services.recordings, services.audit), name="sweep"),
            group.create_task(_watched(keeping), name="history"),
        ]
        await stop.wait()
        registry.close()
        await calls
        for task in tasks:
            task.cancel()


async def _watched(keeping: asyncio.Task[None]) -> None:
    """An error in a task that outlives the others is theirs too."""
    await asyncio.wait([keeping])
    keeping.result()


async def _listen(site: Site, settings: Settings, keeper: Keeper, running: Running) -> None:
    try:
        running.http_port = await site.listen("HTTP_PORT", "127.0.0.1", settings.http_port)
        running.https_port = await site.listen(
            "HTTPS_PORT", settings.host, settings.https_port, keeper.context
        )
    except CannotListen as reason:
        raise CannotStart(str(reason)) from reason


def _announce(settings: Settings, entrances: Entrances, keeper: Keeper, access: Access) -> None:
    announcement = Announcement(
        version=VERSION,
        data=settings.data_dir.resolve(),
        access=access,
        entrances=entrances,
        issuer=keeper.issuer,
        shows_join=not settings.trusted_proxies,
        # What reads a pipe has no camera.
        draws=sys.stdout.isatty() and sys.stdout.encoding.lower().startswith("utf"),
    )
    print(announcement, flush=True)


def _stop_on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C raises KeyboardInterrupt instead
            loop.add_signal_handler(number, stop.set)


if __name__ == "__main__":
    main()
