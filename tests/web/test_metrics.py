"""Figures for Prometheus: every part is in them, and what has ended is not forgotten."""

from __future__ import annotations

from collections import deque
from math import isnan
from types import SimpleNamespace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.web.fakes import FakeChat, FakeHistory
from web.metrics import Metrics
from webrtc.reception import Received, Reception


class Calls(list):
    max_sessions = 16


def session(**received):
    media = SimpleNamespace(
        received={kind: Received(frames=n, bytes=100 * n) for kind, n in received.items()},
        reception=lambda: {
            kind: Reception(packets=2 * n, lost=1, jitter=0.01 * n, nacks=2, plis=3, freezes=4, frozen=1.5)
            for kind, n in received.items()
        },
        rings={kind: SimpleNamespace(bytes=50) for kind in received},
        dropped=3,
    )
    windows = SimpleNamespace(analysed=4, saved=5, dropped=6, clip_ms=deque([2.0, 8.0]))
    outbox = SimpleNamespace(dropped=7)
    link, inbox = SimpleNamespace(state="connected", candidates_dropped=9), SimpleNamespace(lost=8)
    return SimpleNamespace(link=link, media=media, windows=windows, inbox=inbox, outbox=outbox)


@pytest.fixture
async def calls():
    return Calls()


@pytest.fixture
async def services():
    engine = SimpleNamespace(name="embedded", ready=True, pid=7, answered=9, restarts=1)
    history = FakeHistory()
    return SimpleNamespace(
        analysis=SimpleNamespace(chain=[engine], waiting=2),
        lag=SimpleNamespace(worst_ms=5.0),
        chat=FakeChat(history),
        history=history,
    )


@pytest.fixture
def metrics(calls, services):
    metrics = Metrics("1.2.3")
    metrics.watch(calls, services)
    return metrics


def read(metrics, disk_free=1000):
    text = metrics.text(disk_free).decode()
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_every_part_is_in_the_figures(metrics, calls):
    calls.append(session(video=10, audio=20))
    figures = read(metrics)
    assert figures["mien_build_info", "1.2.3"] == 1
    assert figures["mien_loop_lag_seconds",] == 0.005
    assert figures["mien_disk_free_bytes",] == 1000
    assert figures["mien_sessions", "connected"] == 1 and figures["mien_sessions_limit",] == 16
    assert figures["mien_media_frames_total", "audio"] == 20
    assert figures["mien_media_bytes_total", "video"] == 1000
    assert figures["mien_media_packets_lost_total", "video"] == 1
    assert figures["mien_media_packets_asked_again_total", "video"] == 2
    assert figures["mien_media_keyframes_asked_total", "video"] == 3
    assert figures["mien_media_freezes_total", "video"] == 4
    assert figures["mien_media_frozen_seconds_total", "video"] == 1.5
    assert figures["mien_jitter_seconds", "audio"] == pytest.approx(0.2)
    assert figures["mien_ring_bytes", "video"] == 50 and figures["mien_clip_seconds",] == 0.008
    assert figures["mien_windows_total", "saved"] == 5
    assert [figures["mien_dropped_total", what] for what in ("frames", "windows", "candidates")] == [3, 6, 9]
    assert [figures["mien_process_alive", name] for name in ("embedded", "chat", "history")] == [1, 1, 1]
    assert figures["mien_engine_ready", "embedded"] == 1
    assert figures["mien_engine_restarts_total", "embedded"] == 1 and figures["mien_analysis_waiting",] == 2
    assert figures["mien_history_available",] == figures["mien_chat_available",] == 1


def test_what_ended_sessions_counted_is_kept(metrics, calls):
    calls.append(session(video=10))
    before = read(metrics)
    metrics.ended(calls.pop())
    after = read(metrics)
    for name in ("mien_media_frames_total", "mien_media_packets_total"):
        assert after[name, "video"] == before[name, "video"] > 0
    assert after["mien_sessions_begun_total",] == before["mien_sessions_begun_total",] == 1
    assert ("mien_sessions", "connected") not in after
    calls.append(session(video=1))
    assert read(metrics)["mien_media_frames_total", "video"] == 11


def test_answers_are_counted_with_how_long_they_took(metrics):
    metrics.looked("embedded", 120.0)
    metrics.answered(900.0, "complete", None)
    metrics.answered(30.0, "failed", "chat_unreachable")
    figures = read(metrics)
    assert figures["mien_analysis_seconds_sum", "embedded"] == pytest.approx(0.12)
    assert figures["mien_analysis_seconds_bucket", "embedded", "0.25"] == 1
    assert figures["mien_analysis_seconds_bucket", "embedded", "0.1"] == 0
    assert figures["mien_chat_seconds_count",] == 2
    assert figures["mien_chat_answers_total", "chat_unreachable", "failed"] == 1


def test_two_servers_in_one_program_do_not_share_figures(metrics):
    other = Metrics("1.2.3")
    metrics.looked("embedded", 1.0)
    assert ("mien_analysis_seconds_count", "embedded") not in read(other)


def test_a_disk_that_cannot_be_asked_is_not_a_full_one(metrics):
    assert isnan(read(metrics, None)["mien_disk_free_bytes",])


async def test_they_are_served_as_text(http):
    async with http.get("/metrics") as response:
        assert response.content_type == "text/plain"
        assert "mien_disk_free_bytes" in await response.text()
