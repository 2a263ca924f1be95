"""The guard: an empty datagram, which anybody who finds the port can send, does not reach aiortc, nor does more of an
unfinished message than fits.

aiortc looks at the first byte of each datagram that is not STUN. Where there is none, its DTLS transport stops reading,
or never gets through its handshake, and the call is over. It keeps the pieces of messages until they are whole, also
those beyond the window that it has granted (RFC 9260, section 6.2), and goes through all of them for each new one.
"""

from __future__ import annotations

from typing import Any

from aiortc import RTCPeerConnection

MOST_STREAMS = 16
"""Of messages; a page opens one channel."""

WINDOW = 320 * 1024
"""Bytes of messages that are not whole yet: a little more than the longest that aiortc says it takes, 256 KiB. What is
longer never becomes whole, and whoever sends it waits for good."""

MOST_PIECES = 1024
"""That wait for the rest of their messages. The window in packets of 1,200 bytes is 273."""

OVERDRAWN = 64 * 1024
"""Bytes by which the window may be passed: a sender tries with one packet whether it is open again."""


def guard(peer: RTCPeerConnection) -> None:
    """Have every connection of a peer drop empty datagrams, media or not, and its messages be bounded.

    To be called between the offer and the answer: the transports are there then, and no socket is open yet.
    """
    transports = {each.receiver.transport for each in peer.getTransceivers()}
    if peer.sctp is not None:
        transports.add(peer.sctp.transport)
        _bound(peer.sctp)
    for transport in transports:
        _guard(transport.transport._connection)


def _guard(connection: Any) -> None:
    received = connection.data_received

    def data_received(data: bytes, component: int) -> None:
        if data:
            received(data, component)

    connection.data_received = data_received


def _bound(sctp: Any) -> None:
    receive = sctp._receive_data_chunk
    sctp._advertised_rwnd = min(sctp._advertised_rwnd, WINDOW)

    async def receive_data_chunk(chunk: Any) -> None:
        """What is dropped is not acknowledged: it is for the sender to send it again."""
        streams = sctp._inbound_streams
        known = chunk.stream_id in streams or len(streams) < MOST_STREAMS
        pieces = sum(len(stream.reassembly) for stream in streams.values())
        if known and pieces < MOST_PIECES and sctp._advertised_rwnd > -OVERDRAWN:
            await receive(chunk)

    sctp._receive_data_chunk = receive_data_chunk
