"""Whether STUN and TURN servers do what they are there for: asked as a call would."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass
from typing import Literal

from aioice import ice, stun, turn
from aiortc.rtcicetransport import parse_stun_turn_uri

from webrtc.network.servers import IceServer

WITHIN = 3.0
"""Seconds that a server has to answer."""

Outcome = Literal["ok", "silent", "refused", "unknown_host", "unsupported"]


@dataclass(frozen=True, slots=True)
class Reached:
    """How asking a server went. `detail` is the address that it sees us at or relays for us, or what it said."""

    url: str
    outcome: Outcome
    detail: str = ""


async def reach(server: IceServer, within: float = WITHIN) -> list[Reached]:
    """Ask each URL of a server: STUN for our address, TURN for a relay, which is given back."""
    return list(await asyncio.gather(*(_reach(url, server, within) for url in server.urls)))


async def _reach(url: str, server: IceServer, within: float) -> Reached:
    try:
        parsed = parse_stun_turn_uri(url)
    except ValueError:
        return Reached(url, "unsupported", "aiortc cannot read it")
    address = (parsed["host"], parsed["port"])
    try:
        async with asyncio.timeout(within):
            if parsed["scheme"] == "stun":
                return Reached(url, "ok", await _seen(address))
            if parsed["scheme"] == "stuns":
                return Reached(url, "unsupported", "browsers use it, aiortc does not")
            secure = parsed["scheme"] == "turns"
            return Reached(url, "ok", await _relayed(address, server, secure, parsed["transport"]))
    except stun.TransactionFailed as error:
        return Reached(url, "refused", _words(error))
    except (stun.TransactionTimeout, TimeoutError):
        return Reached(url, "silent")
    except (
        OSError
    ) as error:  # a name that leads nowhere, a port that is closed, a certificate that is nobody's
        silent = isinstance(error, ConnectionRefusedError)
        return Reached(url, "silent" if silent else "unknown_host", error.strerror or str(error))


async def _seen(address: tuple[str, int]) -> str:
    loop = asyncio.get_running_loop()
    # Connected to nobody: what comes from others is not an answer, whose transaction it does not know.
    family, _, _, _, (host, port, *_) = (await loop.getaddrinfo(*address))[0]
    local = "::" if family == socket.AF_INET6 else "0.0.0.0"  # noqa: S104 - for one question
    transport, protocol = await loop.create_datagram_endpoint(
        lambda: ice.StunProtocol(ice.Connection(ice_controlling=False)), local_addr=(local, 0), family=family
    )
    try:
        request = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
        response, _ = await protocol.request(request, (str(host), int(port)))
        seen = response.attributes["XOR-MAPPED-ADDRESS"]
        return f"{seen[0]}:{seen[1]}"
    except KeyError:
        raise stun.TransactionTimeout from None  # an answer that says nothing is none
    finally:
        transport.close()


async def _relayed(address: tuple[str, int], server: IceServer, secure: bool, transport: str) -> str:
    relay, _ = await turn.create_turn_endpoint(
        asyncio.DatagramProtocol,
        server_addr=address,
        username=server.username,
        password=server.credential,
        ssl=secure,
        transport=transport,
    )
    try:
        host, port = relay.get_extra_info("sockname")
        return f"{host}:{port}"
    finally:
        relay.close()
        await asyncio.sleep(0.05)  # for the word that gives it back to leave


def _words(error: stun.TransactionFailed) -> str:
    code, reason = error.response.attributes.get("ERROR-CODE", (0, ""))
    return f"{code} {reason}".strip()
