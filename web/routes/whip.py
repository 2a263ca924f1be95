"""The operations by which streams are published (WHIP, RFC 9725)."""

from __future__ import annotations

from collections.abc import Sequence

from web import whip
from web.operations import EMPTY, Operation, media

_STREAM: dict[int, Sequence[str]] = {404: ("no_such_stream",)}

PUBLISHING = (
    Operation(
        method="OPTIONS",
        path="/whip",
        handler=whip.whip_options,
        summary="What can be posted there. Open to everybody; nothing is shared with other sites' pages.",
        tag="whip",
        answers={200: EMPTY},
    ),
    Operation(
        method="GET",
        path="/whip",
        handler=whip.whip_endpoint,
        summary="Nothing, as RFC 9725 wants it.",
        tag="whip",
        answers={204: EMPTY},
    ),
    Operation(
        method="POST",
        path="/whip",
        handler=whip.publish,
        summary="Publish a stream (WHIP, RFC 9725): `Location` is its address, `ETag` that of its ICE session. From "
        "another machine the access code is the bearer.",
        tag="whip",
        token=True,
        body=media(whip.SDP),
        answers={201: media(whip.SDP)},
        errors={
            400: ("bad_sdp",),
            415: ("unsupported_media_type",),
            422: ("no_media", "not_sending", "no_codec"),
            503: ("too_many_sessions", "no_port_left"),
        },
    ),
    Operation(
        method="GET",
        path="/whip/{resource}",
        handler=whip.stream,
        summary="Whether a stream goes on.",
        tag="whip",
        parts=whip.StreamPart,
        token=True,
        answers={204: EMPTY},
        errors=_STREAM,
    ),
    Operation(
        method="PATCH",
        path="/whip/{resource}",
        handler=whip.trickle,
        summary="Candidates that the publisher has found since its offer, with the stream's `ETag` in `If-Match`. ICE "
        "is not restarted.",
        tag="whip",
        parts=whip.StreamPart,
        token=True,
        body=media(whip.FRAGMENT),
        answers={204: EMPTY},
        errors=_STREAM
        | {
            400: ("bad_sdp",),
            412: ("precondition_failed",),
            415: ("unsupported_media_type",),
            422: ("no_ice_restart",),
            428: ("precondition_required",),
        },
    ),
    Operation(
        method="DELETE",
        path="/whip/{resource}",
        handler=whip.unpublish,
        summary="End a stream.",
        tag="whip",
        parts=whip.StreamPart,
        token=True,
        answers={200: EMPTY},
        errors=_STREAM,
    ),
)
