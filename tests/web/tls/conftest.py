"""What the tests of TLS share: a time, a machine that can be moved, and handshakes that are real."""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime, timedelta

import pytest

from web.machine import Machine
from web.tls.cover import Cover

NOW = datetime.now(UTC).replace(microsecond=0)
HOME = Cover.of(["localhost", "box.local"], ["127.0.0.1", "::1", "192.168.1.5"])


class Clock:
    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now

    def pass_(self, **time):
        self.now += timedelta(**time)


class Place:
    """Where the machine is: its names and addresses."""

    def __init__(self):
        self.names, self.addresses = ["box", "box.local"], ["192.168.1.5"]
        self.machine = Machine(lambda: self.names, lambda: self.addresses, lambda: None)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def place():
    return Place()


def trusting(pem):
    """A client's context that trusts one authority only, and checks all that the standard asks for."""
    context = ssl.create_default_context(cadata=pem.decode())
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


async def handshake(context, client, name):
    """Shake hands with a server that has `context`, which the client takes for `name`. Gives the certificate, DER."""
    met = asyncio.Event()

    async def meet(reader, writer):
        writer.close()
        met.set()

    server = await asyncio.start_server(meet, "127.0.0.1", 0, ssl=context)
    async with server:
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client, server_hostname=name)
        certificate = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        await reader.read()
        writer.close()
        await writer.wait_closed()
        await met.wait()
    return certificate
