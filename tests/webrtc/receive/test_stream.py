"""The stream over a link that loses, delays and reorders: what comes out can be decoded, soon, and is all there is."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.webrtc.receive.emulation import (
    AUDIO,
    KEYFRAME,
    SSRC,
    VIDEO,
    Emulation,
    Link,
    longest_freeze,
)
from webrtc.receive.keyframes import DEAF, MAX_RETRY, RETRY, ROOM, SPARED
from webrtc.receive.missing import MAX_RATION, RATION
from webrtc.receive.packet import Packet
from webrtc.receive.stream import FULL, SILENT, VIDEO_PATIENCE, WORTH

LINKS = st.builds(
    Link,
    loss=st.floats(0, 0.4),
    delay=st.floats(0, 0.2),
    jitter=st.floats(0, 0.1),
    twice=st.floats(0, 0.2),
)


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 2**32),
    link=LINKS,
    sequence=st.integers(0, 0xFFFF),
    timestamp=st.integers(0, 0xFFFFFFFF),
    packets=st.integers(1, 9),
    repairs=st.booleans(),
)
def test_over_any_link_frames_come_in_order_unharmed_and_only_if_they_can_be_decoded(
    seed, link, sequence, timestamp, packets, repairs
):
    call = Emulation(
        seed=seed,
        link=link,
        packets=packets,
        first_sequence=sequence,
        first_timestamp=timestamp,
        repairs=repairs,
    )
    frames = call.run(3.0)
    assert [each.number for each in frames] == sorted({each.number for each in frames})
    before = None
    for each in frames:
        assert each.frame.data == call.expected(each)
        follows = before is not None and each.number == before.number + 1
        assert each.frame.keyframe or follows, "a frame came out whose reference had not"
        # May not claim to follow one that it does not; the first of all follows nothing that was missed.
        assert follows or before is None or not each.frame.contiguous
        before = each
    assert not call.stream.ordering.held, "nothing is held back for good"


@pytest.mark.parametrize("kind", ["video", "audio"])
def test_only_a_picture_freezes_for_a_sender_of_sound_is_silent_when_nobody_speaks(kind):
    call = Emulation(kind=kind, link=Link(silent=(1.0, 2.0)))
    call.run(3.0)
    assert call.stream.freezes.count == (kind == "video")


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 2**32), link=LINKS, timestamp=st.integers(0, 0xFFFFFFFF))
def test_over_any_link_sound_comes_in_order_unharmed_and_late_only_where_something_is_missing(
    seed, link, timestamp
):
    call = Emulation(seed=seed, kind="audio", rate=50, link=link, first_timestamp=timestamp)
    packets = call.run(3.0)
    assert [each.number for each in packets] == sorted({each.number for each in packets})
    assert all(each.frame.data == call.expected(each) for each in packets)
    assert all(each.given - each.sent <= link.delay + link.jitter + 0.1 + 1e-6 for each in packets)
    assert not call.nacked and not call.asked


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 2**32), kind=st.sampled_from(["video", "audio"]), delay=st.floats(0, 0.5))
def test_without_loss_each_frame_leaves_in_the_moment_its_last_packet_comes(seed, kind, delay):
    call = Emulation(seed=seed, kind=kind, link=Link(delay=delay))
    frames = call.run(2.0)
    assert len(frames) == 60
    assert all(each.given == each.whole for each in frames)
    assert all(each.frame.contiguous for each in frames)
    assert not call.asked and not call.nacked


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 2**32), loss=st.floats(0.01, 0.5), kind=st.sampled_from(["video", "audio"]))
@example(seed=4090575483, loss=0.4158152838042112, kind="video")
@example(seed=966011584, loss=0.43213046920435816, kind="video")
def test_once_a_link_is_good_again_nothing_is_held_back_any_more(seed, loss, kind):
    call = Emulation(seed=seed, kind=kind, link=Link(loss=loss, until=2.0))
    late = [each for each in call.run(5.0) if each.sent > 2.99]
    assert len(late) == 60
    assert all(each.given == each.whole for each in late)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(
    ("loss", "least", "frozen"), [(0.01, 0.99, 0.3), (0.05, 0.97, 0.5), (0.1, 0.93, 0.75)]
)
def test_what_is_lost_is_asked_for_again_and_a_picture_does_not_stand_still_for_long(
    seed, loss, least, frozen
):
    call = Emulation(seed=seed, link=Link(loss=loss, delay=0.02, jitter=0.005))
    frames = call.run(20.0)
    assert longest_freeze(frames) <= frozen
    assert len(frames) >= least * 600
    assert call.stream.retransmitted > 0 and call.stream.nacks == len(call.nacked)


@pytest.mark.parametrize("seed", range(6))
def test_without_repairs_a_keyframe_is_asked_for_as_soon_as_a_frame_is_given_up(seed):
    call = Emulation(seed=seed, link=Link(loss=0.01), repairs=False)
    frames = call.run(20.0)
    assert not call.nacked and call.asked
    assert longest_freeze(frames) <= 0.65  # the patience, a round trip and, once in a while, a second loss
    assert call.stream.plis == len(call.asked)


@pytest.mark.parametrize("seed", range(6))
def test_sound_is_not_amplified_in_its_loss(seed):
    call = Emulation(seed=seed, kind="audio", rate=50, link=Link(loss=0.05))
    packets = call.run(60.0)
    assert len(packets) >= 3000 - call.stream.statistics.packets_lost - 1
    assert sum(each.given - each.whole <= 0.001 for each in packets) >= 0.7 * len(packets)


@pytest.mark.parametrize("seed", range(6))
def test_packets_that_overtake_each_other_are_soon_not_asked_for_any_more(seed):
    call = Emulation(seed=seed, link=Link(jitter=0.05), packets=4)
    frames = call.run(20.0)
    assert len(frames) >= 596  # the packet that came first may not have been the first that was sent
    assert all(asked < 0.2 for asked in call.asked)
    assert len(call.nacked) <= 0.1 * 2400


@pytest.mark.parametrize("seed", range(6))
def test_many_that_are_only_overtaken_are_not_taken_to_be_lost(seed):
    call = Emulation(seed=seed, link=Link(jitter=0.05), packets=10)
    call.run(20.0)
    assert all(asked < 0.2 for asked in call.asked)
    assert call.stream.ordering.given_up <= 10 and call.stream.assembly.undecodable <= 2


@pytest.mark.parametrize("seed", range(4))
def test_after_a_blackout_the_picture_is_back_within_a_round_trip_of_the_first_packet(seed):
    call = Emulation(seed=seed, link=Link(silent=(2.0, 5.0)))
    frames = call.run(8.0)
    after = min(each.given for each in frames if each.given > 2.5)
    assert after <= 5.0 + 0.2
    assert [each.frame.keyframe for each in frames if each.given == after] == [True]
    assert not next(each for each in frames if each.given == after).frame.contiguous


def test_a_sender_that_has_fallen_silent_is_asked_for_no_keyframe_for_ever():
    call = Emulation(link=Link(silent=(1.0, 9.0)), repairs=False)
    stream = call.stream
    stream.add(Packet(VIDEO, True, 7, 0, SSRC, b"\x10\x11", {}), 0.0)  # no keyframe: one is wanted
    now, asked = 0.0, 0
    while stream.due < 60.0:
        now = call.now = stream.due
        stream.tick(now)
        asked += 1
    assert now <= SILENT + MAX_RETRY
    gaps = [after - before for before, after in pairwise(call.asked)]
    assert gaps == pytest.approx([RETRY, DEAF - RETRY, DEAF, 2 * DEAF, MAX_RETRY][: len(gaps)])
    assert 4 <= len(call.asked) <= 6 and asked <= 12


def test_a_sender_that_never_makes_a_keyframe_is_asked_once_a_second_for_hours():
    call = Emulation(repairs=False)
    for second in range(7200):
        packet = Packet(VIDEO, True, second & 0xFFFF, second * 90_000 & 0xFFFFFFFF, SSRC, b"\x10\x11", {})
        call.stream.add(packet, float(second))
    assert call.stream.plis == pytest.approx(7200, abs=20) and not call.given


def test_a_sender_that_counts_anew_is_followed_from_its_second_packet_on():
    call = Emulation()
    call.run(1.0)
    stream, frames = call.stream, len(call.given)
    keyframe = b"\x10" + b"\x10\0\0\x9d\x01\x2a\x40\x01\xf0\0"
    call._sent |= {90_000 * each: (1000 + each, 2.0) for each in range(4)}
    call._whole |= dict.fromkeys((90_000 * each for each in range(4)), 2.0)
    for place in range(4):
        stream.add(Packet(VIDEO, True, 60_000 + place, 90_000 * place, SSRC, keyframe, {}), 2.0 + place / 30)
    assert len(call.given) - frames == 3


def test_a_codec_that_cannot_be_kept_is_counted():
    call = Emulation()
    call.stream.add(Packet(99, True, 1, 0, SSRC, b"\x10\x10", {}), 0.0)
    assert call.stream.assembly.unknown_codec == 1 and not call.given


def test_a_codec_that_changes_is_followed():
    got = []
    call = Emulation()
    call.stream._deliver = lambda frame, _: got.append(frame)
    call.stream.assembly._codecs = {VIDEO: "vp8", 102: "h264", AUDIO: "opus"}
    keyframe = b"\x10" + b"\x10\0\0\x9d\x01\x2a\x40\x01\xf0\0"
    sps_pps_idr = b"\x18\0\x04\x67\x42\0\x1f\0\x02\x68\xce\0\x03\x65\x88\x84"
    call.stream.add(Packet(VIDEO, True, 1, 0, SSRC, keyframe, {}), 0.0)
    call.stream.add(Packet(102, True, 2, 3000, SSRC, sps_pps_idr, {}), 0.033)
    assert [(each.codec, each.keyframe) for each in got] == [("vp8", True), ("h264", True)]


@pytest.mark.parametrize("seed", range(4))
def test_when_most_is_lost_a_keyframe_is_asked_for_and_little_is_sent_again(seed):
    call = Emulation(seed=seed, packets=8, link=Link(loss=0.6, until=2.0))
    frames = call.run(4.0)
    assert len(call.nacked) <= MAX_RATION + RATION * 960
    assert call.asked and len(call.asked) <= 12
    after = min(each.given for each in frames if each.given > 2.0)
    assert after <= 2.0 + 1.2


@pytest.mark.parametrize("seed", range(20))
def test_on_a_link_that_has_become_too_narrow_little_is_sent_again_and_the_picture_is_back_within_a_second(
    seed,
):
    call = Emulation(seed=seed, link=Link(narrow=2.0 + seed / 600), packets=8)
    frames = call.run(5.0)
    assert len(call.nacked) <= WORTH and 2.0 < call.congestions[0] < 2.8
    assert all(asked >= call.congestions[0] + ROOM for asked in call.asked if asked > 2.0)
    assert longest_freeze(frames) <= 1.0
    assert frames[-1].number == 149


@pytest.mark.parametrize("seed", range(0, 30, 3))
@pytest.mark.parametrize("before", [2.1, 2.2, 2.3, 2.4])
def test_a_keyframe_asked_for_just_before_a_link_is_full_does_not_keep_the_next_from_being_heard(
    seed, before
):
    call = Emulation(seed=seed, link=Link(narrow=2.0 + seed / 600), packets=8)
    call._at(before, lambda: call.stream.request_keyframe(call.now))
    assert longest_freeze(call.run(5.0)) <= 0.6
    assert all(later - earlier >= call.deaf for earlier, later in pairwise(call.asked))


def test_a_keyframe_whose_beginning_is_lost_is_not_lost():
    call = Emulation()
    forward = call._forward

    def lose(packet, *, retransmitted):
        number, _ = call._sent[packet.timestamp]
        begins_keyframe = packet.payload.startswith(b"\x10" + KEYFRAME)
        if number != 60 and not (number > 60 and begins_keyframe and not retransmitted):
            forward(packet, retransmitted=retransmitted)

    call._forward = lose
    frames = call.run(4.0)
    assert sum(each.frame.keyframe for each in frames) == 2
    assert longest_freeze(frames) <= VIDEO_PATIENCE[0] + 0.2


def test_a_sender_that_cuts_a_frame_short_for_a_keyframe_is_not_asked_for_another():
    call = Emulation()
    forward = call._forward
    call._at(1.99, call._want_keyframe)

    def cut(packet, *, retransmitted):
        number, _ = call._sent[packet.timestamp]
        if number == 59 and packet.marker:
            call._sequence -= 1  # it was not sent, and nor was its number
        else:
            forward(packet, retransmitted=retransmitted)

    call._forward = cut
    frames = call.run(4.0)
    assert [each.number for each in frames] == [number for number in range(120) if number != 59]
    assert not call.asked and not call.nacked and call.stream.assembly.undecodable == 1


def test_on_a_full_link_keyframes_that_are_not_needed_are_asked_for_seldom():
    call = Emulation(link=Link(narrow=2.0, width=200.0, queue=9.0), packets=8)
    wanted = [number / 4 for number in range(4, 24)]
    for at in wanted:
        call._at(at, lambda: call.stream.request_keyframe(call.now))
    call.run(6.0)
    early = [at for at in call.asked if at < 2.5]
    late = [at for at in call.asked if at > 2.8]
    assert call.stream.statistics.queueing.seconds > FULL
    assert early == pytest.approx([at for at in wanted if at < 2.5])
    assert late and all(later - earlier >= SPARED for earlier, later in pairwise([early[-1], *late]))


@pytest.mark.parametrize("seed", range(5))
def test_chance_loss_is_not_taken_for_a_full_link(seed):
    call = Emulation(seed=seed, link=Link(loss=0.1, jitter=0.05), packets=8)
    call.run(5.0)
    assert not call.congestions


@pytest.mark.parametrize("seed", range(5))
def test_a_full_link_that_loses_nothing_is_left_to_the_sender(seed):
    call = Emulation(seed=seed, link=Link(narrow=2.0, width=200.0, queue=9.0), packets=8)
    frames = call.run(4.0)
    assert call.stream.statistics.queueing.seconds > FULL
    assert not call.congestions and not call.nacked and len(frames) == 120
