"""The insides of aiortc and aioice that the tap takes hold of, by name, and whether they are there."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import aioice.ice
import aioice.turn
import pylibsrtp
from aiortc import (
    RTCCertificate,
    RTCDtlsTransport,
    RTCIceGatherer,
    RTCIceTransport,
    RTCRtpReceiver,
    RTCSctpTransport,
)

ORDINARY = (
    "_track",
    "_handle_rtcp_packet",
    "_send_rtcp_pli",
    "_RTCRtpReceiver__decoder_queue",
    "_RTCRtpReceiver__timestamp_mapper",
    "_RTCRtpReceiver__rtx_ssrc",
    "_RTCRtpReceiver__codecs",
    "_RTCRtpReceiver__remote_streams",
)
"""Of a receiver, for the ordinary way."""

LEAN = (
    *ORDINARY,
    "_run_rtcp",
    "_RTCRtpReceiver__rtcp_exited",
    "_RTCRtpReceiver__rtcp_ssrc",
    "_RTCRtpReceiver__rtcp_started",
)
"""Of a receiver, for the lean way."""

TRANSPORT = (
    "_setup_srtp",
    "_rx_srtp",
    "_tx_srtp",
    "_rtp_router",
    "_handle_rtcp_data",
    "_handle_rtp_data",
)
"""Of a DTLS transport, for the lean way."""

CONNECTION = ("_protocols", "_nominated")
"""Of an ICE connection, for the lean way."""

SRTP = ("_srtp", "_cdata", "_buffer")
"""Of a session of pylibsrtp, for the lean way."""

GUARDED = ("data_received",)
"""Of an ICE connection, for the guard of both ways."""

GATED = (
    "_closing",
    "_protocols",
    "_remote_candidates",
    "_add_remote_candidate",
    "get_component_candidates",
    "request_received",
)
"""Of an ICE connection, for the gate of both ways."""

GATHERED = ("StunProtocol", "server_reflexive_candidate")
"""Of aioice's module of ICE, likewise."""

RELAYED = ("create_turn_endpoint", "UDP_SOCKET_BUFFER_SIZE")
"""Of its module of TURN, likewise."""

BOUNDED = ("_receive_data_chunk", "_get_inbound_stream")
"""Of the class of SCTP transports, for the guard of both ways: to make one takes a running loop."""


class IncompatibleAiortc(RuntimeError):
    """The installed aiortc is not built as the tap expects."""


def inside(receiver: RTCRtpReceiver, name: str) -> Any:
    """A private attribute of a receiver."""
    return getattr(receiver, f"_RTCRtpReceiver__{name}")


def check_ordinary(receiver: RTCRtpReceiver | None = None) -> None:
    """Raise `IncompatibleAiortc` unless the ordinary way can be taken."""
    _check(receiver or _receiver(), ORDINARY)


def check_guard() -> None:
    """Raise `IncompatibleAiortc` unless empty datagrams and endless messages can be kept from aiortc."""
    ice = RTCIceTransport(RTCIceGatherer([]))
    _check(ice, ("_connection",))
    _check(ice._connection, GUARDED)
    _check(RTCSctpTransport, BOUNDED)


def check_gate() -> None:
    """Raise `IncompatibleAiortc` unless it can be said where sockets are opened and what is sent to."""
    _check(RTCIceTransport(RTCIceGatherer([]))._connection, GATED)
    _check(aioice.ice, GATHERED)
    _check(aioice.turn, RELAYED)


def check_lean() -> None:
    """Raise `IncompatibleAiortc` unless the lean way can be taken."""
    _check(_receiver(), LEAN)
    ice = RTCIceTransport(RTCIceGatherer([]))
    _check(RTCDtlsTransport(ice, [RTCCertificate.generateCertificate()]), TRANSPORT)
    _check(ice._connection, CONNECTION)
    _check(pylibsrtp.Session(), SRTP)


def _receiver() -> RTCRtpReceiver:
    return RTCRtpReceiver("video", SimpleNamespace(state="new"))  # type: ignore[arg-type]


def _check(thing: object, names: tuple[str, ...]) -> None:
    missing = [name.rpartition("__")[2] for name in names if not hasattr(thing, name)]
    if missing:
        raise IncompatibleAiortc(
            f"this aiortc has no {type(thing).__name__} {', '.join(missing)}: install the pinned version"
        )
