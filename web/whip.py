"""WHIP over HTTP (RFC 9725): programs such as OBS, FFmpeg and GStreamer publish a stream, which is a call then.

`/whip` is the endpoint; each stream has an address of its own below it, which is a secret. The access code is the
bearer token. Nothing is shared with other sites' pages: `OPTIONS` is answered, as it must be, but without a word that
would let a browser go on (no `Access-Control-Allow-Origin`), so that of pages only those of this server can publish.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Annotated

from aiohttp import web
from pydantic import BaseModel, Field

from web.addresses import default_address
from web.api import no_room
from web.authority import asker
from web.client import from_this_machine
from web.errors import ApiError
from web.keys import ICE_SERVERS, LIMITER, OWNERSHIP, REGISTRY
from web.reading import read_bytes, read_path
from web.rendering import language_of
from web.security import WHIP
from webrtc.network import IceServer
from webrtc.registry import TooManySessions
from webrtc.session import Session
from webrtc.signaling import OfferRejected
from webrtc.whip import BadFragment, Fragment, read_fragment

SDP = "application/sdp"
FRAGMENT = "application/trickle-ice-sdpfrag"

_MALFORMED = frozenset({"bad_sdp"})
"""Codes of offers that cannot be read; others can, and ask for what there is not."""


class StreamPart(BaseModel):
    resource: Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{1,64}$", description="As `Location` had it.")]


async def whip_options(request: web.Request) -> web.Response:
    """`OPTIONS /whip`: what can be posted (RFC 9725 section 4.2), to anybody."""
    return web.Response(headers={"Accept-Post": SDP, "Allow": "GET, HEAD, OPTIONS, POST"})


async def whip_endpoint(request: web.Request) -> web.Response:
    """`GET /whip`: it is there and has no content (RFC 9725 section 4)."""
    return web.Response(status=204)


async def publish(request: web.Request) -> web.Response:
    """`POST /whip`: begins a stream by its offer, which is answered; `Location` is where it is ended."""
    request.app[LIMITER].offer(request)
    sdp = await _text(request, SDP, "Accept-Post")
    registry, session_id = request.app[REGISTRY], request.app[OWNERSHIP].call(asker(request).caller)
    try:
        session, answer = await registry.publish(
            sdp, session_id, _near(request), language_of(request), here=from_this_machine(request)
        )
    except OfferRejected as error:
        raise ApiError(400 if error.code in _MALFORMED else 422, error.code, str(error)) from error
    except TooManySessions as full:
        raise no_room(registry, full) from None
    assert session.publication is not None
    response = web.Response(body=answer.encode(), status=201, content_type=SDP)
    response.headers["Location"] = f"{WHIP}/{session.publication.resource}"
    response.headers["ETag"] = f'"{session.publication.tag}"'
    for link in ice_links(request.app[ICE_SERVERS].fresh(time.time())):
        response.headers.add("Link", link)
    # RFC 5989 section 2: where changes are told of
    response.headers.add(
        "Link", f'</api/sessions/{session.id}/events>; rel="monitor"; type="text/event-stream"'
    )
    return response


async def stream(request: web.Request) -> web.Response:
    """`GET /whip/<resource>`: it goes on and has no content."""
    _stream(request)
    return web.Response(status=204)


async def trickle(request: web.Request) -> web.Response:
    """`PATCH /whip/<resource>`: candidates that were found since the offer. There is no ICE restart: the stream goes on
    as it was."""
    session = _stream(request)
    fragment = _fragment(await _text(request, FRAGMENT, "Accept-Patch"))
    if (publication := session.publication) is None:
        raise _no_such_stream()
    match publication.verdict(_if_match(request), fragment):
        case "precondition_required":
            raise ApiError(428, "precondition_required", "Send the ETag of the stream as If-Match.")
        case "precondition_failed":
            raise ApiError(412, "precondition_failed", "That is not the ETag of the stream.")
        case "restart":
            raise ApiError(
                422, "no_ice_restart", "ICE cannot be restarted here; the stream goes on as it was."
            )
        case "trickle":
            await session.trickle(fragment)
    return web.Response(status=204)


async def unpublish(request: web.Request) -> web.Response:
    """`DELETE /whip/<resource>`: ends the stream."""
    _stream(request).leave("the publisher stopped")
    return web.Response()


def ice_links(servers: Iterable[IceServer]) -> list[str]:
    """A Link for each address of each server (RFC 9725 section 4.6)."""
    links = []
    for server in servers:
        known = {"username": server.username, "credential": server.credential}
        said = [f"{name}={_quoted(value)}" for name, value in known.items() if value is not None]
        said += ['credential-type="password"'] if said else []
        links += ["; ".join([f"<{url}>", 'rel="ice-server"', *said]) for url in server.urls]
    return links


def _quoted(value: str) -> str:
    """A quoted string (RFC 9110 section 5.6.4)."""
    return '"' + value.replace("\\", r"\\").replace('"', r"\"") + '"'


def _near(request: web.Request) -> Sequence[str]:
    """Addresses that a publisher likely reaches us by: the one that it has reached us by, and that of the default
    route."""
    socket_name = request.transport.get_extra_info("sockname") if request.transport else None
    found = [str(socket_name[0]) if socket_name else None, default_address()]
    return [address for address in found if address is not None]


def _stream(request: web.Request) -> Session:
    """The stream of this address, which nobody can guess. Raises `ApiError`."""
    session = request.app[REGISTRY].published(read_path(request, StreamPart).resource)
    if session is None:
        raise _no_such_stream()
    return session


def _no_such_stream() -> ApiError:
    return ApiError(404, "no_such_stream", "There is no stream of this address, or no more.")


async def _text(request: web.Request, kind: str, says: str) -> str:
    """The body, which must be of this media type; the header `says` which one that is. Raises `ApiError`."""
    if request.content_type != kind:
        raise ApiError(415, "unsupported_media_type", f"Send {kind}.", {says: kind})
    try:
        return (await read_bytes(request)).decode()
    except UnicodeDecodeError:
        raise ApiError(400, "bad_sdp", "The body is not text in UTF-8.") from None


def _fragment(text: str) -> Fragment:
    try:
        return read_fragment(text)
    except BadFragment as error:
        raise ApiError(400, "bad_sdp", f"The body is no SDP fragment (RFC 8840): {error}.") from error


def _if_match(request: web.Request) -> list[str] | None:
    """The strong entity tags of If-Match, `*` among them where it says so; weak ones never match (RFC 9110 section
    13.1.1). None where there is no such header."""
    if "If-Match" not in request.headers:
        return None
    return [tag.value for tag in request.if_match or () if not tag.is_weak]
