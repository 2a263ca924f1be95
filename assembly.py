"""The assembly: the parts of the server, made as the settings say."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from models.catalog import name_of, not_set_up, sends_to
from pipeline.analysis import Analysis
from pipeline.audit import Audit
from pipeline.chat.chat import Chat
from pipeline.chat.provider import Provider
from pipeline.finisher import Finisher
from pipeline.history.address import database_url
from pipeline.history.history import History
from pipeline.history.retention import Ages
from pipeline.library import Library, Retention
from pipeline.recordings import Recordings
from pipeline.room import Room
from pipeline.transcoder import Transcoder
from settings import Settings
from web.access import Access, load_access
from web.assets import tree_hash
from web.entrances import Entrances, Ports
from web.keys import Page
from web.machine import Machine
from web.metrics import Metrics
from web.tls.keeper import Keeper
from web.tls.local import LocalCertificate
from web.tls.own import OwnCertificate
from web.tls.pair import NoPair
from webrtc.config import SessionConfig
from webrtc.lag import LoopLag
from webrtc.messages import Consent
from webrtc.services import Services
from webrtc.tap import Chosen, IncompatibleAiortc, ReceivePath, choose
from webrtc.tokens import Tokens

VERSION = "0.1.0"
PING_INTERVAL_MS = 200

log = logging.getLogger("mien")


class CannotStart(Exception):
    """The server cannot run here. The message says why, in one sentence."""


def receive_path(settings: Settings) -> Chosen:
    """The way in which media is received, as it is said or as this aiortc allows. Raises `CannotStart`."""
    try:
        chosen = choose(settings.receive_path)
    except IncompatibleAiortc as error:
        raise CannotStart(str(error)) from error
    if chosen.reason is not None:
        log.warning("media is received by aiortc's own way, which costs more: %s", chosen.reason)
    return chosen


def open_data_dir(settings: Settings) -> tuple[Library, Recordings, Access, Entrances, Keeper]:
    """What is in the data folder, made where it is missing. Raises `CannotStart`."""
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


def make_services(
    settings: Settings, library: Library, recordings: Recordings, access: Access, metrics: Metrics
) -> Services:
    """What serves all callers. Raises `CannotStart`."""
    try:
        asked = settings.database_url
        state = settings.data_dir.resolve() / "state"
        url = database_url(asked.get_secret_value() if asked else None, state)
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
    audit = Audit(state / "audit.log")
    history = History(
        url,
        ages=ages,
        aged=lambda aged: audit.put("retention", **asdict(aged)),
        owed=state / "withdrawals.jsonl",
    )
    return Services(
        analysis=Analysis(settings.chain(), instant=settings.instant),
        library=library,
        transcoder=Transcoder(state / "mp4", library.videos, recordings.folder),
        recordings=recordings,
        finisher=finisher,
        chat=Chat(provider, history, metrics, settings.chat_max_age),
        history=history,
        figures=metrics,
        tokens=Tokens(access.secret),
        audit=audit,
        lag=LoopLag(),
    )


def session_config(settings: Settings, receive: Callable[[], ReceivePath]) -> SessionConfig:
    """What holds for each caller."""
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


def make_page(settings: Settings, ports: Ports) -> Page:
    """What the page is told as it is loaded."""
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
