"""aiortc as its examples use it: every decoded frame by `recv()`, kept; prints its port."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from kept import Kept, announced_port, counted


async def keep(track: Any) -> None:
    """Until the track ends."""
    kept = Kept(track.kind)
    try:
        while True:
            kept.put(await track.recv())
    except MediaStreamError:
        return


def main() -> None:
    peers: set[RTCPeerConnection] = set()
    keeping: set[asyncio.Task[None]] = set()

    async def offer(request: web.Request) -> web.Response:
        asked = await request.json()
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        peers.add(peer)

        @peer.on("track")
        def taken(track: Any) -> None:
            task = asyncio.ensure_future(keep(track))
            keeping.add(task)
            task.add_done_callback(keeping.discard)

        await peer.setRemoteDescription(RTCSessionDescription(asked["sdp"], asked["type"]))
        await peer.setLocalDescription(await peer.createAnswer())
        told = peer.localDescription
        return web.json_response({"sdp": told.sdp, "type": told.type})

    async def stats(_: web.Request) -> web.Response:
        return web.json_response(dict(counted))

    app = web.Application()
    app.add_routes([web.post("/offer", offer), web.get("/stats", stats)])
    web.run_app(app, host="127.0.0.1", port=announced_port(), print=None, access_log=None)


if __name__ == "__main__":
    main()
