"""An old aiortc as a publisher: python aiortc_publisher.py FILE URL. It encodes pictures and sound.

It runs in an environment of its own, see `make interop`.
"""

from __future__ import annotations

import asyncio
import json
import sys
from urllib.parse import urljoin

import aiohttp
from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpSender, RTCSessionDescription
from aiortc.contrib.media import MediaPlayer


async def publish(file: str, url: str) -> None:
    peer, player = RTCPeerConnection(RTCConfiguration(iceServers=[])), MediaPlayer(file)
    mime = "video/H264" if file.endswith(".mp4") else "video/VP8"
    peer.addTransceiver(player.audio, direction="sendonly")
    video = peer.addTransceiver(player.video, direction="sendonly")
    codecs = RTCRtpSender.getCapabilities("video").codecs
    video.setCodecPreferences([codec for codec in codecs if codec.mimeType in (mime, "video/rtx")])
    ended = asyncio.Event()
    player.video.on("ended", ended.set)
    await peer.setLocalDescription(await peer.createOffer())
    async with aiohttp.ClientSession() as http:
        headers = {"Content-Type": "application/sdp"}
        async with http.post(url, data=peer.localDescription.sdp, headers=headers) as response:
            assert response.status == 201, await response.text()
            answer, stream = await response.text(), urljoin(url, response.headers["Location"])
        await peer.setRemoteDescription(RTCSessionDescription(sdp=answer, type="answer"))
        await asyncio.wait_for(ended.wait(), 20)
        async with http.delete(stream) as response:
            print(json.dumps({"ended": response.status}))
    await peer.close()


asyncio.run(publish(*sys.argv[1:]))
