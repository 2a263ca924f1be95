"""The guard: an empty datagram, which anybody who finds the port can send, does not reach aiortc.

aiortc looks at the first byte of each datagram that is not STUN. Where there is none, its DTLS transport stops reading,
or never gets through its handshake, and the call is over.
"""

from __future__ import annotations

from typing import Any

from aiortc import RTCPeerConnection


def guard(peer: RTCPeerConnection) -> None:
    """Have every connection of a peer drop empty datagrams, media or not.

    To be called between the offer and the answer: the transports are there then, and no socket is open yet.
    """
    transports = {each.receiver.transport for each in peer.getTransceivers()}
    if peer.sctp is not None:
        transports.add(peer.sctp.transport)
    for transport in transports:
        _guard(transport.transport._connection)


def _guard(connection: Any) -> None:
    received = connection.data_received

    def data_received(data: bytes, component: int) -> None:
        if data:
            received(data, component)

    connection.data_received = data_received
