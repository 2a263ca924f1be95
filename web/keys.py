"""What the application holds, by typed keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from pipeline.analysis import Analysis
from pipeline.library import Library
from web.access import Access
from web.uploads import Uploads
from webrtc.lag import LoopLag
from webrtc.registry import Registry


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What the templates are given: `static` is the prefix of the page's files, `config` what the page reads."""

    version: str
    static: str
    config: Mapping[str, Any]


ACCESS = web.AppKey("access", Access)
ANALYSIS = web.AppKey("analysis", Analysis)
LAG = web.AppKey("lag", LoopLag)
LIBRARY = web.AppKey("library", Library)
PAGE = web.AppKey("page", Page)
REGISTRY = web.AppKey("registry", Registry)
UPLOADS = web.AppKey("uploads", Uploads)
