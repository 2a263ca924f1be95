"""What a peer sends, changed at random: nothing of it ends a call, is kept for ever, or is answered by a crash.

A thousand of each kind; `MUTATIONS` sets how many, `SEED` which.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
import tracemalloc

import pytest
from aiortc.rtp import RtpPacket

from pipeline.clock import SessionClock
from tests.webrtc.tap.peers import calling
from webrtc.receive.ordering import MAX_GAP
from webrtc.signaling import OfferRejected, answer, check_offer, hang_up, new_peer
from webrtc.tap import LeanPath
from webrtc.tap.source import MAX_SOURCES

COUNT = int(os.environ.get("MUTATIONS", "1000"))
SEED = int(os.environ.get("SEED", "20261126"))


class Mutations:
    """Changes to bytes: some flipped, some cut off, some put in, some of another message, some sent twice."""

    def __init__(self, corpus, seed=SEED):
        self._corpus = list(corpus)
        self._random = random.Random(seed)

    def __iter__(self):
        chance = self._random
        for _ in range(COUNT):
            data = bytearray(chance.choice(self._corpus))
            for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
                self._change(data)
            yield bytes(data)

    def _change(self, data):
        chance = self._random
        place = chance.randrange(len(data) + 1)
        match chance.randrange(6):
            case 0 if data:
                data[place % len(data)] ^= 1 << chance.randrange(8)
            case 1 if data:
                data[place % len(data)] = chance.choice((0, 1, 127, 128, 255, chance.randrange(256)))
            case 2:
                del data[place:]
            case 3:
                data[place:place] = chance.randbytes(chance.randrange(1, 40))
            case 4:
                other = chance.choice(self._corpus)
                data[place:] = other[chance.randrange(len(other) + 1) :]
            case 5:
                del data[place : place + chance.randrange(1, 20)]


def record(sent):
    """Keep the RTP and RTCP that a sender makes, before it is protected."""

    def disturb(sender):
        for transport in {each.sender.transport for each in sender.getTransceivers()}:
            send = transport._send_rtp

            async def kept(data, send=send):
                rtcp = 64 <= data[1] & 0x7F < 96
                sent["rtcp" if rtcp else "rtp"].append(data)
                await send(data)

            transport._send_rtp = kept

    return disturb


def lean_transport(path):
    (transport,) = path._transports.values()
    return transport


@pytest.mark.slow
async def test_changed_packets_do_not_end_a_call_nor_fill_the_memory():
    sent = {"rtp": [], "rtcp": []}
    path = LeanPath()
    async with calling(path, disturb=record(sent)) as call:
        await call.until(lambda: sent["rtcp"] and len(call.frames.get("video", ())) > 60)
        transport = lean_transport(path)
        dtls = transport._dtls
        corpus = {kind: packets[-200:] for kind, packets in sent.items()}
        sources = {RtpPacket.parse(data).ssrc for data in corpus["rtp"]}
        tracemalloc.start()
        for number, data in enumerate(Mutations(corpus["rtp"])):
            transport._take(data, time.monotonic())
            if number % 50 == 0:
                await asyncio.sleep(0)
        for data in Mutations(corpus["rtcp"]):
            await dtls._handle_rtcp_data(data)
        held, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert held < 8 * 1024 * 1024
        assert transport.malformed > 0
        assert len(transport._sources) <= 2 * MAX_SOURCES
        for source in transport._tracks.values():
            assert source.stream is not None
            assert len(source.stream.ordering.held) <= MAX_GAP
            assert len(source.stream.ordering.missing) <= MAX_GAP
        # The call goes on: the sender is asked for what it takes, here that it begins anew each second.
        counts = {kind: len(frames) for kind, frames in call.frames.items()}
        await call.until(
            lambda: all(len(call.frames[kind]) > counts[kind] + 30 for kind in counts), within=15.0
        )
        assert dtls.state == "connected" and sources


@pytest.mark.slow
async def test_changed_offers_are_answered_or_refused_with_a_stable_code():
    async with calling(LeanPath()) as call:
        await call.until(lambda: call.frames.get("audio"))
        offer = call.sender.localDescription.sdp
    codes = set()
    for data in Mutations([offer.encode()]):
        sdp = data.decode("utf-8", "replace")
        peer = new_peer()
        path = LeanPath()
        peer.on("track", lambda track, peer=peer, path=path: _tap(peer, path, track))
        try:
            check_offer(sdp)
            await answer(peer, sdp, path)
            codes.add("answered")
        except OfferRejected as refusal:
            codes.add(refusal.code)
        finally:
            async with asyncio.timeout(5):
                await hang_up(peer)
    assert codes <= {"answered", "bad_sdp", "no_media"} and {"answered", "bad_sdp"} <= codes


def _tap(peer, path, track):
    for transceiver in peer.getTransceivers():
        if transceiver.receiver.track is track:
            path.tap(transceiver, SessionClock(0.0))
