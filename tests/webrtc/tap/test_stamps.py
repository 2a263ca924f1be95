"""Stamps: a datagram has arrived when the kernel took it, not when the loop came to read it."""

from __future__ import annotations

import asyncio
import socket
import sys
import threading
import time
from types import SimpleNamespace

import pytest
import uvloop

from webrtc.tap.stamps import Stamps


class Reader(asyncio.DatagramProtocol):
    def __init__(self):
        self.read = []

    def connection_made(self, transport):
        self._stamps = Stamps(transport)

    def datagram_received(self, data, addr):
        self.read.append((time.monotonic(), self._stamps.arrival()))


async def read_late():
    """Twelve datagrams, one each 5 ms, the loop being busy for the time of most of them."""
    loop, sent = asyncio.get_running_loop(), []
    transport, reader = await loop.create_datagram_endpoint(Reader, local_addr=("127.0.0.1", 0))

    def send():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            for _ in range(12):
                sent.append(time.monotonic())
                out.sendto(b"x", transport.get_extra_info("sockname"))
                time.sleep(0.005)

    thread = threading.Thread(target=send)
    thread.start()
    await asyncio.sleep(0.012)
    time.sleep(0.04)  # noqa: ASYNC251
    await asyncio.to_thread(thread.join)
    while len(reader.read) < 12:
        await asyncio.sleep(0.01)
    transport.close()
    return sent, reader.read


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's stamps are read on Linux only")
@pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_a_busy_loop_does_not_make_datagrams_late(new_loop):
    with asyncio.Runner(loop_factory=new_loop) as runner:
        sent, read = runner.run(read_late())
    assert max(at - began for began, (at, _) in zip(sent, read, strict=True)) > 0.015
    assert max(arrived - began for began, (_, arrived) in zip(sent, read, strict=True)) < 0.008


def test_where_no_stamps_are_kept_the_moment_of_reading_is_taken():
    for transport in (
        SimpleNamespace(get_extra_info=lambda name: None),
        SimpleNamespace(get_extra_info=lambda name: SimpleNamespace(fileno=lambda: -1)),
    ):
        assert Stamps(transport).arrival() == pytest.approx(time.monotonic(), abs=0.01)
