"""Offers of publishers: what is refused, what aiortc is shown of the others, and what becomes of its answer."""

from __future__ import annotations

import pytest
from aiortc.sdp import SessionDescription

from tests.webrtc.whip.offers import VP8, h264, offer
from webrtc import signaling
from webrtc.signaling import OfferRejected
from webrtc.tap import LeanPath
from webrtc.whip import finished, read_offer


async def answered(sdp, near=()):
    """What a publisher is answered."""
    read, peer, path = read_offer(sdp), signaling.new_peer(), LeanPath()
    signaling.prefer(peer, read.codecs)
    made = await signaling.answer(peer, read.sdp, path, passive=read.passive)
    await signaling.hang_up(peer)
    return SessionDescription.parse(finished(read, made.sdp, near)), finished(read, made.sdp, near)


@pytest.mark.parametrize(
    ("sdp", "code"),
    [
        ("", "bad_sdp"),
        ("v=0 and no more", "bad_sdp"),
        ("hello", "bad_sdp"),
        (offer(sections=""), "no_media"),
        (offer(more=offer(sections="v").partition("m=")[2].join(["m=", ""])), "bad_sdp"),
        (offer().replace("a=ice-ufrag:EsAw\r\n", ""), "bad_sdp"),
        (offer(direction="recvonly"), "not_sending"),
        (offer(direction="inactive"), "not_sending"),
        (offer("a=rtpmap:96 VP9/90000\n"), "no_codec"),
        (offer("a=rtpmap:96 AV1/90000\n"), "no_codec"),
        (offer().replace("opus/48000/2", "PCMU/8000"), "no_codec"),
    ],
)
def test_what_cannot_be_received_whole_is_refused_with_a_code(sdp, code):
    with pytest.raises(OfferRejected) as refused:
        read_offer(sdp)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("offered", "answers"), [("actpass", "passive"), ("active", "passive"), ("passive", "active")]
)
async def test_whoever_can_begin_the_handshake_does(offered, answers):
    _, text = await answered(offer(setup=offered))
    assert text.count(f"a=setup:{answers}") == 2 == text.count("a=setup:")


@pytest.mark.parametrize("profile", ["64000d", "4d401f", "640028", "42001f", "42e01f", "ffffff"])
@pytest.mark.parametrize("mode", [0, 1])
async def test_any_h264_is_taken_and_answered_as_it_was_offered(profile, mode):
    description, _ = await answered(offer(h264(106, profile, mode)))
    (codec,) = description.media[1].rtp.codecs
    assert (codec.mimeType, codec.payloadType) == ("video/H264", 106)
    assert codec.parameters["profile-level-id"] == profile or profile in ("42001f", "42e01f")
    assert codec.parameters["packetization-mode"] == str(mode)


async def test_an_h264_without_parameters_is_answered_without_any():
    description, _ = await answered(offer("a=rtpmap:106 H264/90000\n"))
    (codec,) = description.media[1].rtp.codecs
    assert (codec.mimeType, codec.parameters) == ("video/H264", {})


def test_where_a_baseline_is_offered_too_nothing_is_disguised():
    both = offer(h264(106, "64001f") + h264(107, "42e01f"))
    assert read_offer(both).formats == {} and read_offer(both).sdp == both


async def test_what_cannot_be_kept_is_not_in_the_answer_and_the_rest_is_in_the_order_of_the_offer():
    codecs = "a=rtpmap:98 VP9/90000\n" + h264(102, "42e01f") + VP8
    description, _ = await answered(
        offer(codecs)
        .replace("a=rtpmap:111", "a=rtpmap:0 PCMU/8000\r\na=rtpmap:111")
        .replace("F 111", "F 0 111")
    )
    assert [[codec.mimeType for codec in media.rtp.codecs] for media in description.media] == [
        ["audio/opus"],
        ["video/H264", "video/VP8"],
    ]


async def test_the_answer_receives_in_one_bundle_and_can_be_given_more_candidates():
    description, text = await answered(offer(direction="sendrecv"))
    assert [media.direction for media in description.media] == ["recvonly", "recvonly"]
    assert "a=group:BUNDLE 0 1" in text
    for line in ("a=rtcp-mux\r\n", "a=rtcp-mux-only\r\n", "a=ice-options:trickle\r\n"):
        assert text.count(line) == 2


def test_an_end_of_candidates_is_not_handed_on():
    assert "end-of-candidates" not in read_offer(offer() + "a=end-of-candidates\r\n").sdp


ANSWER = offer(direction="recvonly", setup="passive", sections="a") + "".join(
    f"a=candidate:{number} 1 {candidate}\r\n"
    for number, candidate in enumerate(
        [
            "udp 2130706431 fd00::2 5000 typ host",
            "tcp 2130706431 192.0.2.9 9 typ host tcptype passive",
            "udp 1694498815 198.51.100.7 5000 typ srflx raddr 192.0.2.2 rport 5000",
            "udp 2130706431 172.17.0.1 5001 typ host",
            "udp 2130706431 192.0.2.2 5000 typ host",
        ]
    )
)


@pytest.mark.parametrize(
    ("near", "order"),
    [
        (["192.0.2.2"], ["192.0.2.2", "172.17.0.1", "fd00::2", "198.51.100.7", "192.0.2.9"]),
        (["fd00::2", "172.17.0.1"], ["172.17.0.1", "192.0.2.2", "fd00::2", "198.51.100.7", "192.0.2.9"]),
        (["127.0.0.1"], ["172.17.0.1", "192.0.2.2", "fd00::2", "198.51.100.7", "192.0.2.9"]),
    ],
)
def test_the_ipv4_that_a_publisher_has_reached_stands_first(near, order):
    """FFmpeg tries the first candidate and no other, and not by IPv6."""
    (media,) = SessionDescription.parse(finished(read_offer(offer()), ANSWER, near)).media
    assert [candidate.ip for candidate in media.ice_candidates] == order
    assert (media.host, media.port) == (order[0], media.ice_candidates[0].port)
