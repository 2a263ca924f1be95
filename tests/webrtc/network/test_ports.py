"""Sockets in a range of ports."""

from __future__ import annotations

import random

import pytest

from webrtc.network import Ports, PortsExhausted
from webrtc.network.ports import bound

HOST = "127.0.0.1"


@pytest.fixture
def opened():
    """Sockets that are closed afterwards."""
    sockets = []
    yield sockets
    for each in sockets:
        each.close()


def free(count):
    """The first of so many ports in a row that nobody has, and that the system gives nobody who asks for any."""
    for _ in range(1000):
        first = random.randrange(20_000, 32_000)
        held = []
        try:
            for port in range(first, first + count):
                held.append(bound(HOST, port))
            return first
        except OSError:
            continue
        finally:
            for each in held:
                each.close()
    raise AssertionError("no ports are free")


async def test_every_port_of_a_range_is_given_once_and_then_there_is_none(opened):
    ports = Ports(first := free(5), first + 4)
    for _ in range(5):
        opened.append(await ports.open(HOST))
    assert sorted(each.getsockname()[1] for each in opened) == list(range(first, first + 5))
    with pytest.raises(PortsExhausted, match=f"{first} to {first + 4}"):
        await ports.open(HOST)
    opened.pop().close()
    opened.append(await ports.open(HOST))


async def test_without_a_range_the_system_chooses(opened):
    opened.append(await Ports().open(HOST))
    assert opened[0].getsockname()[1] > 0 and len(Ports()) == 0


async def test_an_address_that_is_not_ours_is_no_matter_of_ports():
    with pytest.raises(OSError, match="assign"):
        await Ports(50_000, 50_100).open("203.0.113.1")


def test_a_range_tells_its_length_and_how_it_is_written():
    assert len(Ports(50_000, 50_100)) == 101 and str(Ports(50_000, 50_100)) == "50000-50100"
