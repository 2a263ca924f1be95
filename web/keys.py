"""What the application and a request hold, by typed keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from pipeline.analysis import Analysis
from pipeline.audit import Audit
from pipeline.chat.chat import Chat
from pipeline.history.history import History
from pipeline.library import Library
from pipeline.recordings import Recordings
from pipeline.transcoder import Transcoder
from web.access import Access, Asker
from web.disk import Disk
from web.entrances import Entrances, Ports
from web.exports import Exports
from web.limits import Limiter
from web.metrics import Metrics
from web.ownership import Ownership
from web.tls.keeper import Keeper
from web.uploads import Uploads
from webrtc.lag import LoopLag
from webrtc.network import IceServers
from webrtc.registry import Registry
from webrtc.tap import Chosen
from webrtc.tokens import Tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What the templates are given: `static` is the prefix of the page's files, `config` what the page reads,
    together with `ports`."""

    version: str
    static: str
    config: Mapping[str, Any]
    ports: Ports = field(default_factory=Ports)


ACCESS = web.AppKey("access", Access)
ANALYSIS = web.AppKey("analysis", Analysis)
AUDIT = web.AppKey("audit", Audit)
CHAT = web.AppKey("chat", Chat)
DISK = web.AppKey("disk", Disk)
DOCUMENT = web.AppKey("document", str)
ENTRANCES = web.AppKey("entrances", Entrances)
EXPORTS = web.AppKey("exports", Exports)
HISTORY = web.AppKey("history", History)
ICE_SERVERS = web.AppKey("ice_servers", IceServers)
KEEPER = web.AppKey("keeper", Keeper)
LAG = web.AppKey("lag", LoopLag)
LIBRARY = web.AppKey("library", Library)
LIMITER = web.AppKey("limiter", Limiter)
METRICS = web.AppKey("metrics", Metrics)
OWNERSHIP = web.AppKey("ownership", Ownership)
PAGE = web.AppKey("page", Page)
RECEIVE = web.AppKey("receive", Chosen)
RECORDINGS = web.AppKey("recordings", Recordings)
REGISTRY = web.AppKey("registry", Registry)
TOKENS = web.AppKey("tokens", Tokens)
TRANSCODER = web.AppKey("transcoder", Transcoder)
UPLOADS = web.AppKey("uploads", Uploads)

ASKER = web.RequestKey("asker", Asker)
