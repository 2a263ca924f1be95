"""The lean way's timer: it runs when the first of what is due is, on the loop that the program uses."""

from __future__ import annotations

import asyncio
import socket
import time
from types import SimpleNamespace

import pytest
import uvloop

from webrtc.tap.lean import LeanTransport


class Dtls:
    """A transport that is gone: its state is asked for at each tick, and at nothing else here."""

    def __init__(self):
        self.transport = SimpleNamespace(_connection=None)
        self.ticks = 0
        self._setup_srtp = self._handle_rtcp_data = None

    @property
    def state(self):
        self.ticks += 1
        return "closed"


@pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, uvloop.new_event_loop])
@pytest.mark.parametrize("late", [[-1.0, -1.0], [-1.0, -2.0], [-1.0, 60.0], [60.0, -1.0], [60.0, 0.01]])
def test_what_is_due_already_or_first_is_done_once_and_soon(new_loop, late):
    async def ticks():
        dtls = Dtls()
        transport, now = LeanTransport(dtls), time.monotonic()
        for seconds in late:
            transport.arm(now + seconds)
        async with asyncio.timeout(5):
            while not dtls.ticks:
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        return dtls.ticks

    with asyncio.Runner(loop_factory=new_loop) as runner:
        assert runner.run(ticks()) == 1


@pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_after_the_loop_was_busy_what_came_meanwhile_is_read_before_anything_is_given_up(new_loop):
    async def order():
        seen = []

        class Arrivals(asyncio.DatagramProtocol):
            def datagram_received(self, data, addr):
                seen.append("read")

        class Watched(Dtls):
            @property
            def state(self):
                seen.append("given up")
                return "closed"

        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(Arrivals, ("127.0.0.1", 0))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            LeanTransport(Watched()).arm(time.monotonic() + 0.01)
            for _ in range(60):
                sender.sendto(b"x", transport.get_extra_info("sockname"))
            time.sleep(0.1)  # noqa: ASYNC251 - the loop is to be busy
            async with asyncio.timeout(5):
                while "given up" not in seen:
                    await asyncio.sleep(0.01)
        transport.close()
        return seen

    with asyncio.Runner(loop_factory=new_loop) as runner:
        assert runner.run(order()) == ["read"] * 60 + ["given up"]


async def test_what_came_is_forgotten_where_nobody_can_be_told_of_it():
    transport = LeanTransport(Dtls())
    transport._transport_sequence = 9
    for number in range(3000):
        header = bytes([0x90, 96]) + number.to_bytes(2) + bytes(4) + (7).to_bytes(4)
        transport._route = lambda packet: None
        transport._take(header + b"\xbe\xde\0\1" + b"\x91" + number.to_bytes(2) + b"\0x", number / 100)
        if number % 10 == 9:
            transport._report_arrivals(number / 100)
    transport._timer.cancel()
    assert len(transport._arrivals._arrived) <= 100
