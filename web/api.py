"""The HTTP interface of the server itself: an offer becomes a call, the status of all calls, and the document."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Literal

from aiohttp import web

from pipeline.frames import Kind
from web.answers import (
    AnalysisView,
    CallAnswer,
    CallView,
    Machine,
    ReceiveView,
    ReceptionView,
    Status,
    answered,
    answered_with,
)
from web.authority import SessionId, Token, asker, has_token, sees
from web.client import from_this_machine
from web.engines import engine_views
from web.errors import ApiError
from web.keys import (
    ANALYSIS,
    CHAT,
    DISK,
    DOCUMENT,
    HISTORY,
    LAG,
    LIMITER,
    METRICS,
    OWNERSHIP,
    PAGE,
    RECEIVE,
    REGISTRY,
)
from web.reading import Body, read_body
from webrtc.media import Media
from webrtc.messages import ChatState, HistoryState
from webrtc.reception import Reception
from webrtc.registry import NoPortLeft, Registry, TooManySessions
from webrtc.session import Session
from webrtc.signaling import OfferRejected

MAX_BODY = 64 * 1024
RETRY_AFTER = "5"


class Offer(Body):
    """With the `session_id` and the `token` of a call whose connection was lost, it goes on; where it is over a new one
    begins."""

    sdp: str
    type: Literal["offer"]
    session_id: SessionId | None = None
    token: Token | None = None


async def offer(request: web.Request) -> web.Response:
    """`POST /offer` {sdp, type} → {sdp, type, session_id, token, resumed}."""
    request.app[LIMITER].offer(request)
    body, registry = await read_body(request, Offer), request.app[REGISTRY]
    here = from_this_machine(request)
    try:
        if body.session_id and has_token(request, body.session_id, body.token):
            resumed = await registry.resume(body.sdp, body.session_id, here=here)
            if resumed is not None:
                return _answer(*resumed, resumed=True)
        own = request.app[OWNERSHIP].call(asker(request).caller)
        session, sdp = await registry.admit(body.sdp, own, here=here)
    except OfferRejected as error:
        raise ApiError(400, error.code, str(error)) from error
    except TooManySessions as full:
        raise no_room(registry, full) from None
    return _answer(session, sdp, resumed=False)


def no_room(registry: Registry, full: TooManySessions) -> ApiError:
    """Why nobody can be taken at the moment, and when to try again."""
    if isinstance(full, NoPortLeft):
        code, message = "no_port_left", "Every UDP port that calls may use is taken; try again in a moment."
    else:
        code = "too_many_sessions"
        message = f"All {registry.max_sessions} places are taken; try again in a moment."
    return ApiError(503, code, message, {"Retry-After": RETRY_AFTER})


def _answer(session: Session, sdp: str, *, resumed: bool) -> web.Response:
    answer = CallAnswer(
        sdp=sdp, type="answer", session_id=session.id, token=session.fresh_token(), resumed=resumed
    )
    return answered(answer)


async def status(request: web.Request) -> web.Response:
    """`GET /status`: the asker's sessions with their queues, the engines, the chat's provider and the history."""
    app = request.app
    registry, analysis, history = app[REGISTRY], app[ANALYSIS], app[HISTORY].status
    return answered(
        Status(
            version=app[PAGE].version,
            max_sessions=registry.max_sessions,
            loop_lag_ms=round(app[LAG].worst_ms, 1),
            loop_lag_p99_ms=round(app[LAG].p99_ms, 1),
            analysis=AnalysisView(engines=engine_views(analysis, app[METRICS]), waiting=analysis.waiting),
            chat=ChatState(**asdict(app[CHAT].status)),
            history=HistoryState(available=history.available, code=history.code, reason=history.reason),
            receive=ReceiveView(**asdict(app[RECEIVE])),
            machine=Machine(
                cpus=os.cpu_count() or 1,
                load=round(os.getloadavg()[0], 2),
                memory_bytes=_memory(),
                disk_free_bytes=await app[DISK].room(),
            ),
            sessions=[_call(session) for session in registry if sees(request, session.id)],
        )
    )


def _call(session: Session) -> CallView:
    status = session.status()
    return CallView(
        session_id=status.session_id,
        consent=status.consent,
        analysing=status.analysing,
        recording=status.recording,
        paused=status.paused,
        queue_info=status.queue_info,
        clips_saved=status.clips_saved,
        windows_analysed=status.windows_analysed,
        windows_dropped=status.windows_dropped,
        state=session.link.state,
        published=session.publication is not None,
        age_s=round(session.age, 1),
        quality=session.quality,
        ring_bytes=sum(ring.bytes for ring in session.media.rings.values()),
        frames_dropped=session.media.dropped,
        frames_unknown_codec=session.media.unknown_codec,
        messages_dropped=session.outbox.dropped,
        messages_unknown=session.inbox.unknown,
        messages_lost=session.inbox.lost,
        candidates_dropped=session.link.candidates_dropped,
        clip_ms=[round(ms, 2) for ms in session.windows.clip_ms],
        analysis_lag_s=session.windows.lag(session.media.now()),
        media=_received(session),
    )


def _received(session: Session) -> dict[Kind, ReceptionView]:
    return {kind: _reception(session.media, kind, each) for kind, each in session.media.reception().items()}


def _reception(media: Media, kind: Kind, reception: Reception) -> ReceptionView:
    ring, received = media.rings[kind], media.received[kind]
    held, trip, level = ring.duration, reception.round_trip, reception.audio_level
    return ReceptionView(
        packets=reception.packets,
        lost=reception.lost,
        frames=received.frames,
        bytes=received.bytes,
        bitrate=round(ring.bytes * 8 / held) if held else None,
        frame_rate=round((len(ring) - 1) / held, 1) if held else None,
        jitter_ms=round(reception.jitter * 1e3, 1),
        retransmitted=reception.retransmitted,
        nacks=reception.nacks,
        plis=reception.plis,
        undecodable=reception.undecodable,
        freezes=reception.freezes,
        frozen_s=round(reception.frozen, 3),
        round_trip_ms=None if trip is None else round(trip * 1e3, 1),
        audio_level_db=None if level is None else -level,
    )


def _memory() -> int | None:
    """Bytes that this process holds in memory; None where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return None


async def openapi(request: web.Request) -> web.Response:
    """`GET /api/openapi.json`: this interface, as OpenAPI describes it."""
    return answered_with(request.app[DOCUMENT])
