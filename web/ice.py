"""The ICE servers that a caller may use: asked for before each call, as their credentials are good for a while only."""

from __future__ import annotations

import time

from aiohttp import web

from web.answers import IceServersAnswer, IceServerView, answered_with
from web.keys import ICE_SERVERS
from webrtc.network.servers import LIFETIME


async def ice_servers(request: web.Request) -> web.Response:
    """`GET /api/ice-servers`: as `RTCPeerConnection` takes them."""
    servers = [
        IceServerView(urls=list(each.urls), username=each.username, credential=each.credential)
        for each in request.app[ICE_SERVERS].fresh(time.time())
    ]
    answer = IceServersAnswer(ice_servers=servers, lifetime=LIFETIME)
    # A name that is null would be the name "null" to a browser.
    response = answered_with(answer.model_dump_json(exclude_none=True))
    response.headers["Cache-Control"] = "no-store"
    return response
