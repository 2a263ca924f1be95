"""Assembly: where frames begin and end, and what is let go after a loss."""

from __future__ import annotations

from webrtc.receive.assembly import MAX_FRAME, Assembly
from webrtc.receive.packet import Packet

KEY = b"\x10\0\0\x9d\x01\x2a\x40\x01\xf0\0"
BEGIN, GO_ON = b"\x10", b"\0"


CODECS = {96: "vp8", 97: "opus"}


def assembly(kind="video"):
    frames = []
    return Assembly(kind, CODECS, frames.append), frames


def packet(codec, timestamp, marker, payload):
    (payload_type,) = (number for number, known in CODECS.items() if known == codec)
    return Packet(payload_type, marker, 0, timestamp, 7, payload, b"")


def test_a_frame_leaves_with_its_marker():
    whole, frames = assembly()
    whole.take(packet("vp8", 1, False, BEGIN + KEY))
    assert not frames
    whole.take(packet("vp8", 1, True, GO_ON + b"rest"))
    assert [each.data for each in frames] == [KEY + b"rest"]
    assert frames[0].keyframe and frames[0].format == KEY[6:] and frames[0].contiguous


def test_a_sender_that_sets_no_marker_is_told_apart_by_its_timestamps():
    whole, frames = assembly()
    for timestamp in (1, 2, 3):
        whole.take(packet("vp8", timestamp, False, BEGIN + KEY))
        whole.take(packet("vp8", timestamp, False, GO_ON + b"rest"))
    assert [each.rtp_timestamp for each in frames] == [1, 2]


def test_a_frame_that_its_sender_cut_short_for_a_keyframe_is_let_go():
    whole, frames = assembly()
    whole.take(packet("vp8", 1, True, BEGIN + KEY))
    whole.take(packet("vp8", 2, False, BEGIN + b"\x11half"))
    whole.take(packet("vp8", 3, False, BEGIN + KEY))
    assert whole.cares and not whole.awaits_keyframe and whole.undecodable == 1
    whole.take(packet("vp8", 3, True, GO_ON + b"rest"))
    assert [(each.rtp_timestamp, each.contiguous) for each in frames] == [(1, True), (3, False)]


def test_what_follows_a_frame_that_was_cut_short_waits_for_a_keyframe():
    whole, frames = assembly()
    whole.take(packet("vp8", 1, True, BEGIN + KEY))
    whole.take(packet("vp8", 2, False, BEGIN + b"\x11half"))
    whole.take(packet("vp8", 3, True, BEGIN + b"\x11delta"))
    assert len(frames) == 1 and whole.awaits_keyframe
    whole.take(packet("vp8", 4, True, BEGIN + KEY))
    assert [each.rtp_timestamp for each in frames] == [1, 4]


def test_who_comes_late_waits_for_a_keyframe_and_knows_that_one_was_missed():
    whole, frames = assembly()
    whole.take(packet("vp8", 1, True, GO_ON + b"the middle"))
    assert whole.missed and whole.awaits_keyframe
    whole.take(packet("vp8", 2, True, BEGIN + b"\x11delta"))
    assert not frames and whole.undecodable == 1
    whole.take(packet("vp8", 3, True, BEGIN + KEY))
    assert [each.rtp_timestamp for each in frames] == [3]
    assert not whole.missed and not whole.awaits_keyframe


def test_after_a_loss_nothing_is_given_out_until_a_keyframe_which_says_that_it_does_not_follow():
    whole, frames = assembly()
    whole.take(packet("vp8", 1, True, BEGIN + KEY))
    whole.take(packet("vp8", 2, False, BEGIN + b"\x11half"))
    whole.lose()
    whole.take(packet("vp8", 2, True, GO_ON + b"the end"))
    whole.take(packet("vp8", 3, True, BEGIN + b"\x11delta"))
    whole.take(packet("vp8", 4, True, BEGIN + KEY))
    whole.take(packet("vp8", 5, True, BEGIN + b"\x11delta"))
    assert [(each.rtp_timestamp, each.contiguous) for each in frames] == [(1, True), (4, False), (5, True)]
    assert whole.undecodable == 2


def test_a_frame_whose_beginning_was_lost_is_not_taken_for_the_next():
    whole, frames = assembly()
    whole.take(packet("vp8", 1, True, BEGIN + KEY))
    whole.lose()
    whole.take(packet("vp8", 2, False, GO_ON + KEY))  # looks like a keyframe, and is a middle
    whole.take(packet("vp8", 2, True, GO_ON + b"rest"))
    assert len(frames) == 1


def test_padding_is_no_frame():
    whole, frames = assembly("audio")
    whole.take(packet("opus", 1, False, b""))
    whole.take(packet("opus", 2, False, b"sound"))
    assert [each.data for each in frames] == [b"sound"]
    assert frames[0].keyframe and frames[0].format is None


def test_sound_goes_on_after_a_loss():
    whole, frames = assembly("audio")
    whole.take(packet("opus", 1, False, b"a"))
    whole.lose()
    whole.take(packet("opus", 3, False, b"b"))
    whole.take(packet("opus", 4, False, b"c"))
    assert [(each.data, each.contiguous) for each in frames] == [(b"a", True), (b"b", False), (b"c", True)]


def test_a_malformed_payload_is_a_loss():
    whole, frames = assembly()
    whole.take(packet("vp8", 1, True, BEGIN + KEY))
    whole.take(packet("vp8", 2, False, b"\x80"))
    assert whole.malformed == 1 and whole.missed and whole.awaits_keyframe
    whole.take(packet("vp8", 3, True, BEGIN + KEY))
    assert [each.contiguous for each in frames] == [True, False]


def test_a_frame_that_never_ends_is_let_go():
    whole, frames = assembly()
    whole.take(packet("vp8", 1, False, BEGIN + KEY))
    for _ in range(MAX_FRAME // 60_000 + 1):
        whole.take(packet("vp8", 1, False, GO_ON + bytes(60_000)))
    assert whole.undecodable == 1 and whole.awaits_keyframe and not frames
