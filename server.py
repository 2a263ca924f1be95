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
from dataclasses import asdict, dataclass, field
from pathlib import Path

from pydantic import ValidationError
from pydantic_settings import CliApp, SettingsError

from models.catalog import name_of, not_set_up, sends_to
from pipeline.analysis import Analysis
from pipeline.audit import Audit
from pipeline.chat.chat import Chat
from pipeline.chat.provider import Provider
from pipeline.finisher import Finisher
from pipeline.history.address import database_url
from pipeline.history.history import History, HistoryRefused
from pipeline.history.retention import Ages
from pipeline.library import Library, Retention
from pipeline.recordings import Recordings
from pipeline.room import Room
from pipeline.sweep import sweep
from pipeline.transcoder import Transcoder
from settings import Settings, secret_names
from web.access import Access, load_access
from web.announcement import Announcement
from web.app import make_app
from web.assets import tree_hash
from web.client import Proxies
from web.doctor import examine
from web.entrances import Entrances, Ports
from web.keys import Page
from web.machine import Machine
from web.metrics import Metrics
from web.site import CannotListen, Site
from web.tls.keeper import Keeper
from web.tls.local import LocalCertificate
from web.tls.own import OwnCertificate
from web.tls.pair import NoPair
from webrtc.config import SessionConfig
from webrtc.lag import LoopLag
from webrtc.messages import Consent
from webrtc.registry import Registry
from webrtc.services import Services
from webrtc.session import Session
from webrtc.tap import Chosen, IncompatibleAiortc, ReceivePath, choose, path
from webrtc.tokens import Tokens

VERSION = "0.1.0"
PING_INTERVAL_MS = 200

log = logging.getLogger("mien")


class CannotStart(Exception):
    """The server cannot run here. The message says why, in one sentence."""


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
    chosen = _receive_path(settings)
    # Room for every caller's disk to hang at once, and for clips to be muxed all the same.
    threads = ThreadPoolExecutor(settings.max_sessions + 8, thread_name_prefix="work")
    asyncio.get_running_loop().set_default_executor(threads)
    library, recordings, access, entrances, keeper = _open_data_dir(settings)
    metrics = Metrics(VERSION)
    services = _services(settings, library, recordings, access, metrics)
    config = _session_config(settings, receive or path(chosen.way))
    registry = Registry(settings.max_sessions, lambda session_id: Session(session_id, config, services))
    metrics.watch(registry, services)
    page, proxies = _page(settings, entrances.ports), Proxies(settings.trusted_proxies)
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


def _receive_path(settings: Settings) -> Chosen:
    try:
        chosen = choose(settings.receive_path)
    except IncompatibleAiortc as error:
        raise CannotStart(str(error)) from error
    if chosen.reason is not None:
        log.warning("media is received by aiortc's own way, which costs more: %s", chosen.reason)
    return chosen


def _services(
    settings: Settings, library: Library, recordings: Recordings, access: Access, metrics: Metrics
) -> Services:
    try:
        asked = settings.database_url
        url = database_url(asked.get_secret_value() if asked else None, settings.data_dir.resolve() / "state")
        provider = Provider(settings.llm())
    except ValueError as error:
        raise CannotStart(f"{error}.") from error
    finisher = Finisher(recordings)
    for name in recordings.unfinished():
        finisher.put(name)
    ages = Ages(
        labels=settings.labels_max_age,
        chat=settings.chat_max_age,
        clips=settings.clips_max_age,
        recordings=settings.recordings_max_age,
    )
    audit = Audit(settings.data_dir.resolve() / "state" / "audit.log")
    history = History(url, ages=ages, aged=lambda aged: audit.put("retention", **asdict(aged)))
    return Services(
        analysis=Analysis(settings.chain(), instant=settings.instant),
        library=library,
        transcoder=Transcoder(
            settings.data_dir.resolve() / "state" / "mp4", library.videos, recordings.folder
        ),
        recordings=recordings,
        finisher=finisher,
        chat=Chat(provider, history, metrics, settings.chat_max_age),
        history=history,
        figures=metrics,
        tokens=Tokens(access.secret),
        audit=audit,
        lag=LoopLag(),
    )


def _session_config(settings: Settings, receive: Callable[[], ReceivePath]) -> SessionConfig:
    consent = settings.whip_consent
    return SessionConfig(
        ring_duration=settings.ring_duration,
        buffer_duration=settings.buffer_duration,
        save_interval=settings.save_interval,
        grace=settings.session_grace,
        publishing=Consent(analysis="analysis" in consent, recording="recording" in consent),
        receive=receive,
        network=settings.network(),
    )


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


def _open_data_dir(settings: Settings) -> tuple[Library, Recordings, Access, Entrances, Keeper]:
    root = settings.data_dir.resolve()
    state = root / "state"
    secret = settings.secret_key.get_secret_value() if settings.secret_key else None
    retention = Retention(
        max_count=settings.clips_max_count,
        max_bytes=int(settings.clips_max_bytes),
        max_age=settings.clips_max_age,
    )
    room = Room(root, int(settings.disk_floor))
    library = Library(root / "videos", state / "thumbnails", retention, room)
    recordings = Recordings(
        root / "recordings", room, int(settings.recordings_max_bytes), settings.recordings_max_age
    )
    try:
        library.prepare()
        recordings.prepare()
        state.chmod(0o700)
        access = load_access(state, secret, open_to_all=settings.access == "open")
        machine = Machine()
        keeper = _keeper(settings, machine, state)
        entrances = Entrances(
            machine=machine,
            host=settings.host,
            ports=Ports(),
            public_names=settings.public_names,
            calls=settings.network().interfaces.addresses,
        )
        return library, recordings, access, entrances, keeper
    except OSError as error:
        where = error.filename or root
        raise CannotStart(f"the data folder cannot be used ({where}: {error.strerror}).") from error


def _keeper(settings: Settings, machine: Machine, state: Path) -> Keeper:
    if settings.certificate is not None and settings.certificate_key is not None:
        keeper = Keeper(OwnCertificate(settings.certificate, settings.certificate_key), machine, state)
    else:
        keeper = Keeper(LocalCertificate(state), machine, state)
    try:
        keeper.start()
    except NoPair as reason:
        raise CannotStart(
            f"{'CERTIFICATE cannot be used: ' if settings.certificate else ''}{reason}."
        ) from reason
    return keeper


def _page(settings: Settings, ports: Ports) -> Page:
    return Page(
        ports=ports,
        version=VERSION,
        static=f"/static/{tree_hash()}/",
        config={
            "capture": {
                "width": settings.capture_width,
                "height": settings.capture_height,
                "frame_rate": settings.frame_rate,
            },
            "video_codec": settings.video_codec,
            "quality": {"profile": settings.quality},
            "asks_ice_servers": bool(settings.ice_servers),
            "ping_interval_ms": PING_INTERVAL_MS,
            "ring_duration": settings.ring_duration,
            "buffer_duration": settings.buffer_duration,
            "save_interval": settings.save_interval,
            "session_grace": settings.session_grace,
            "clips_max_count": settings.clips_max_count,
            "asked": [
                {"name": name_of(config), "sends_to": sends_to(config)}
                for config in settings.chain()
                if not_set_up(config) is None
            ],
            "sends_to": [host for config in settings.chain() if (host := sends_to(config)) is not None],
        },
    )


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
