"""The guard: its contract with the pinned aioice, and a stranger who sends empty datagrams."""

from __future__ import annotations

import inspect
import re
import socket

import pytest
from aioice import ice
from aiortc import RTCPeerConnection, rtcdtlstransport, rtcsctptransport

from tests.webrtc.tap.peers import calling
from webrtc.tap import IncompatibleAiortc, LeanPath, choose, insides
from webrtc.tap.guard import MOST_PIECES, MOST_STREAMS, OVERDRAWN, guard
from webrtc.tap.ordinary import OrdinaryPath

WAYS = {"lean": LeanPath, "aiortc": OrdinaryPath}
CANDIDATE = re.compile(r"a=candidate:\S+ 1 udp \d+ ([\d.]+) (\d+) typ host")


def test_the_installed_aiortc_and_aioice_hand_datagrams_over_where_the_guard_stands():
    insides.check_guard()
    aioice = inspect.getsource(ice)
    # What is overridden and with what it is called: a new version that changes it must be looked at.
    assert "self.receiver.data_received(data, self.local_candidate.component)" in aioice
    assert list(inspect.signature(ice.Connection.data_received).parameters) == ["self", "data", "component"]
    assert "data = await self.transport._recv()" in inspect.getsource(rtcdtlstransport)


def test_the_installed_aiortc_takes_pieces_of_messages_where_the_guard_stands():
    source = inspect.getsource(rtcsctptransport)
    assert "await self._receive_data_chunk(chunk)" in source
    assert "self._advertised_rwnd -= len(chunk.user_data)" in source
    assert "inbound_stream.add_chunk(chunk)" in source
    assert "self._inbound_streams: dict[int, InboundStream] = {}" in source


@pytest.fixture
async def association():
    """One that is guarded and has received nothing yet."""
    peer = RTCPeerConnection()
    peer.createDataChannel("events")
    guard(peer)
    peer.sctp._last_received_tsn = 0
    yield peer.sctp
    await peer.close()


async def received(sctp, count, size, stream=lambda number: 1):
    """The beginning of a message, and more and more of its middle; what is held of it in bytes and pieces."""
    for number in range(count):
        chunk = rtcsctptransport.DataChunk(flags=0b010 if number == 0 else 0)
        chunk.tsn, chunk.stream_id, chunk.stream_seq, chunk.protocol = number + 1, stream(number), 0, 51
        chunk.user_data = bytes(size)
        await sctp._receive_data_chunk(chunk)
    held = [chunk for each in sctp._inbound_streams.values() for chunk in each.reassembly]
    return sum(len(chunk.user_data) for chunk in held), len(held)


async def test_a_message_without_an_end_is_held_as_far_as_its_window_goes(association):
    window = association._advertised_rwnd
    held, _ = await received(association, 3 * window // 1000, 1000)
    assert window - 1000 < held <= window + OVERDRAWN + 1000


async def test_a_message_in_the_smallest_pieces_is_held_up_to_a_number_of_them(association):
    assert await received(association, 2 * MOST_PIECES, 1) == (MOST_PIECES, MOST_PIECES)


async def test_messages_of_countless_streams_are_not_begun(association):
    assert (await received(association, 1000, 1, stream=lambda number: number))[1] == MOST_STREAMS
    assert len(association._inbound_streams) == MOST_STREAMS


@pytest.mark.parametrize("way", WAYS)
def test_without_that_place_neither_way_is_taken(monkeypatch, way):
    monkeypatch.setattr(insides, "GUARDED", ("_something_new",))
    with pytest.raises(IncompatibleAiortc, match="_something_new"):
        choose(way)


def knock(answer):
    """Send empty datagrams to every port that an answer names, as anybody can."""
    places = CANDIDATE.findall(answer)
    assert places
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        for host, port in places:
            for _ in range(3):
                stranger.sendto(b"", (host, int(port)))


@pytest.mark.parametrize("kinds", [(), ("audio", "video")], ids=["channel", "media"])
@pytest.mark.parametrize("way", WAYS)
async def test_a_strangers_empty_datagrams_before_and_in_a_call_do_not_end_it(way, kinds):
    heard, channels = [], []

    def with_a_channel(sender):
        channel = sender.createDataChannel("events")
        channel.on("message", heard.append)
        channels.append(channel)

    async with calling(WAYS[way](), kinds=kinds, disturb=with_a_channel, answered=knock) as call:

        @call.receiver.on("datachannel")
        def opened(channel):
            channel.on("message", channel.send)

        await call.until(lambda: channels[0].readyState == "open")
        for word in ("before", "after"):
            channels[0].send(word)
            await call.until(lambda word=word: heard[-1:] == [word])
            knock(call.answer)
        counts = {kind: len(frames) for kind, frames in call.frames.items()}
        channels[0].send("last")
        await call.until(lambda: heard[-1] == "last")
        await call.until(lambda: all(len(call.frames[kind]) > count for kind, count in counts.items()))
        assert call.receiver.connectionState == "connected"
