"""Lip-sync: a sender whose reports say exactly when it captured what, over a way that takes longer for the picture."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from itertools import pairwise
from struct import pack_into

import pytest
from aiortc.rtp import RtpPacket

from pipeline.clip import STALE, cut
from tests.webrtc.tap.peers import calling
from webrtc.tap import LeanPath

WALL, NTP_UNIX = 1.8e9, 2_208_988_800
RATE = {"audio": 48_000, "video": 90_000}
PICTURE_TAKES_LONGER = 0.12


def reporting(late):
    """Have each sender report when its frames were captured, on one wall clock, and delay the picture."""

    def disturb(sender):
        bases, arriving = {}, set()
        kinds = {each.sender._ssrc: each.kind for each in sender.getTransceivers()}

        def watch(transport):
            send = transport._send_rtp

            async def arrive(data):
                with suppress(ConnectionError):  # the call is over
                    await send(data)

            def arrives(data):
                arriving.add(task := asyncio.ensure_future(arrive(data)))
                task.add_done_callback(arriving.discard)

            async def sent(data):
                if 64 <= data[1] & 0x7F < 96:
                    kind = kinds.get(int.from_bytes(data[4:8]))
                    if data[1] == 200 and kind is not None:
                        if kind not in bases:
                            return
                        data = report(data, bases[kind], RATE[kind], late.get(kind, 0.0))
                elif (kind := kinds.get((packet := RtpPacket.parse(data)).ssrc)) is not None:
                    bases.setdefault(kind, packet.timestamp)
                    if kind == "video":
                        asyncio.get_running_loop().call_later(PICTURE_TAKES_LONGER, arrives, data)
                        return
                await send(data)

            transport._send_rtp = sent

        for transport in {each.sender.transport for each in sender.getTransceivers()}:
            watch(transport)  # all media goes over one of them, once they are bundled

    return disturb


def report(data, base, rate, late):
    """A sender report whose NTP time is when its RTP timestamp was captured."""
    changed = bytearray(data)
    ticks = (int.from_bytes(data[16:20]) - base + (1 << 31)) % (1 << 32) - (1 << 31)
    captured = WALL + late + ticks / rate
    pack_into("!Q", changed, 8, int((captured + NTP_UNIX) * (1 << 32)))
    return bytes(changed)


def sync_error(call, chosen, late):
    """Seconds by which picture and sound of a clip are apart, at most, by when each frame was captured."""
    shifts = {
        kind: [frame.start - captured(call, kind, frame, late) for frame in track]
        for kind, track in (("video", chosen.video), ("audio", chosen.audio))
    }
    return max(
        abs(max(shifts["video"]) - min(shifts["audio"])), abs(min(shifts["video"]) - max(shifts["audio"]))
    )


def captured(call, kind, frame, late):
    return call.source.packets[kind][call.number_of(kind, frame)][0] + late.get(kind, 0.0)


@pytest.mark.slow
async def test_in_a_clip_sound_and_picture_lie_within_20_ms_also_where_one_begins_3_s_later():
    async with asyncio.TaskGroup() as group:
        for late in ({}, {"video": 3.0}, {"audio": 3.0}):
            group.create_task(lie_within_20_ms(late))


def nothing_is_late(call):
    """Not just after a moment in which this process was held up, when the sound is there and the picture to come."""
    return abs(call.frames["audio"][-1].start - call.frames["video"][-1].start) < STALE / 2


async def lie_within_20_ms(late):
    async with calling(LeanPath(), late=late, disturb=reporting(late)) as call:
        # A report comes within 1.5 s, and what takes 120 ms longer is put right within 1.2 s more.
        await call.until(
            lambda: (
                len(call.frames) == 2 and min(map(len, call.frames.values())) >= 300 and nothing_is_late(call)
            ),
            within=20.0,
        )
        video, audio = call.frames["video"], call.frames["audio"]
        chosen = cut(video, audio, 3.0)
        assert chosen is not None and chosen.video and chosen.audio
        assert sync_error(call, chosen, late) <= 0.02, late
        for track in (video, audio):
            assert all(before.start < after.start for before, after in pairwise(track))
