"""The ordinary way: its contract with the pinned aiortc, and a track that never holds more than it should."""

from __future__ import annotations

import asyncio
import inspect
import threading
from types import SimpleNamespace

import pytest
from aiortc import RTCRtpReceiver, rtcrtpreceiver
from aiortc.jitterbuffer import JitterFrame
from aiortc.mediastreams import MediaStreamError
from aiortc.rtcrtpparameters import RTCRtpCodecParameters, RTCRtpReceiveParameters
from aiortc.rtp import RtpPacket

from pipeline.clock import SessionClock
from webrtc.reception import Reception
from webrtc.tap.insides import IncompatibleAiortc, check_ordinary
from webrtc.tap.ordinary import OrdinaryPath
from webrtc.tap.track import MAX_QUEUED

OPUS = RTCRtpCodecParameters(mimeType="audio/opus", clockRate=48_000, channels=2, payloadType=96)
VP8 = RTCRtpCodecParameters(mimeType="video/VP8", clockRate=90_000, payloadType=97)
KEYFRAME = b"\x10\0\0\x9d\x01\x2a\x80\x02\xe0\x01rest"


def receiver(kind="video"):
    transport = SimpleNamespace(
        state="new", _register_rtp_receiver=lambda *_: None, _unregister_rtp_receiver=lambda *_: None
    )
    made = RTCRtpReceiver(kind, transport)
    made._track = rtcrtpreceiver.RemoteStreamTrack(kind=kind)
    return made


def tap(source, clock):
    return OrdinaryPath().tap(SimpleNamespace(receiver=source), clock)


def test_the_installed_aiortc_has_what_the_tap_takes_hold_of():
    check_ordinary()
    source = inspect.getsource(rtcrtpreceiver)
    # What these calls are made with is the contract; a new version that changes them must be looked at.
    assert "self.__decoder_queue.put((codec, encoded_frame))" in source
    assert "self.__timestamp_mapper.map(" in source
    assert "task = input_q.get()" in source and "if task is None:" in source


def test_an_aiortc_without_them_is_refused_with_a_clear_message():
    with pytest.raises(IncompatibleAiortc, match=r"decoder_queue.*pinned version"):
        check_ordinary(SimpleNamespace())


async def test_frames_come_out_encoded_with_their_time():
    source = receiver()
    track = tap(source, SessionClock(0.0))
    queue = source._RTCRtpReceiver__decoder_queue
    queue.put((VP8, JitterFrame(data=KEYFRAME, timestamp=1000)))
    first = await track.recv()
    await asyncio.sleep(0.04)  # no frame is later than it arrives
    queue.put((VP8, JitterFrame(data=b"\x11delta", timestamp=1000 + 3000)))
    second = await track.recv()
    assert (first.data, first.keyframe, first.format) == (KEYFRAME, True, b"\x80\x02\xe0\x01")
    assert (second.keyframe, second.kind, second.codec) == (False, "video", "vp8")
    assert second.start - first.start == pytest.approx(1 / 30, abs=0.004)


async def test_no_decoder_thread_lives_on_and_stopping_ends_the_track():
    before = threading.active_count()
    source = receiver("audio")
    track = tap(source, SessionClock(0.0))
    await source.receive(RTCRtpReceiveParameters(codecs=[OPUS], encodings=[]))
    source._RTCRtpReceiver__decoder_thread.join(1)
    assert threading.active_count() == before
    await source.stop()
    with pytest.raises(MediaStreamError):
        await track.recv()


async def test_a_track_nobody_reads_holds_only_the_newest():
    source = receiver("audio")
    track = tap(source, SessionClock(0.0))
    for n in range(MAX_QUEUED + 10):
        source._RTCRtpReceiver__decoder_queue.put(
            (OPUS, JitterFrame(data=bytes([n % 256]), timestamp=n * 960))
        )
    assert track.dropped == 10
    assert (await track.recv()).data == bytes([10])


async def test_a_codec_that_cannot_be_kept_is_counted_and_let_go():
    source = receiver("audio")
    track = tap(source, SessionClock(0.0))
    pcm = RTCRtpCodecParameters(mimeType="audio/PCMU", clockRate=8000, channels=1, payloadType=0)
    source._RTCRtpReceiver__decoder_queue.put((pcm, JitterFrame(data=b"x", timestamp=0)))
    assert track.unknown_codec == 1


async def test_reception_counts_what_came_and_what_was_lost_without_retransmissions():
    source = receiver()
    track = tap(source, SessionClock(0.0))
    assert track.reception() == Reception()
    streams = source._RTCRtpReceiver__remote_streams
    for ssrc, numbers in ((1, (7, 8, 11)), (2, range(50))):
        streams[ssrc] = rtcrtpreceiver.StreamStatistics(90_000)
        for number in numbers:
            streams[ssrc].add(RtpPacket(sequence_number=number, timestamp=number * 3000))
    source._RTCRtpReceiver__rtx_ssrc[2] = 1
    reception = track.reception()
    assert (reception.packets, reception.lost) == (3, 2)
    assert 0 <= reception.jitter < 1


async def test_a_sink_gets_what_had_come_before_it_and_then_each_frame_as_it_comes():
    source = receiver("audio")
    track = tap(source, SessionClock(0.0))
    put, got = source._RTCRtpReceiver__decoder_queue.put, []
    put((OPUS, JitterFrame(data=b"early", timestamp=0)))
    feeding = asyncio.ensure_future(track.feed(got.append))
    await asyncio.sleep(0)
    put((OPUS, JitterFrame(data=b"later", timestamp=960)))
    assert [frame.data for frame in got] == [b"early", b"later"]
    await source.stop()
    put(None)  # as the receiver says that it is over
    await feeding
    assert track.dropped == 0
