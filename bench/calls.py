"""Calls: what a session costs the server, beside the same server that decodes every frame."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from bench.media import material

FILL = 11.0
"""Seconds before measuring, so that every ring is full."""


@dataclass(frozen=True, slots=True)
class Way:
    """One kind of server under one kind of call, whose caller pings every `ping` seconds, as the page does."""

    name: str
    mode: str
    record: bool = False
    analyse: bool = False
    ping: float = 0.2


WAYS = (
    Way("Mien, a clip each second", "clips", record=True),
    Way("Mien, clips and the whole call", "lean", record=True),
    Way("Mien, all that and analysis", "lean", record=True, analyse=True),
    Way("decoding, no clips", "decode"),
)


@dataclass(frozen=True, slots=True)
class Measured:
    """One run. CPU in cores a session; memory in MB, of calls a session above the idle server; times in ms."""

    way: Way
    sessions: int
    media_cpu: float
    analysis_cpu: float
    memory: float
    clip: list[float]
    round_trip: list[float]
    label: list[float]
    loop_lag: float
    alive: int
    analysis_memory: float


def percentile(values: list[float], share: float) -> float:
    """The nearest-rank percentile; NaN of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else math.nan


def measure(way: Way, sessions: int, seconds: float) -> Measured:
    """Start a server, let `sessions` callers call it from another process, and measure for `seconds`."""
    media = material("vp8")
    with tempfile.TemporaryDirectory() as data:
        server = start("bench.server", "--mode", way.mode, "--data", data)
        try:
            url = f"http://127.0.0.1:{line(server)}"
            _await_engine(url)
            process = psutil.Process(server.pid)
            idle = process.memory_info().rss
            flags = ["--record"] * way.record + ["--analyse"] * way.analyse + ["--ping", str(way.ping)]
            callers = start("bench.callers", "--url", url, "-n", str(sessions), "--media", str(media), *flags)
            try:
                return _window(way, sessions, seconds, url, process, idle, callers)
            finally:
                stop(callers)
        finally:
            server.terminate()
            stop(server)


def _window(
    way: Way,
    sessions: int,
    seconds: float,
    url: str,
    process: psutil.Process,
    idle: int,
    callers: subprocess.Popen[str],
) -> Measured:
    assert callers.stdin is not None
    line(callers)
    time.sleep(FILL)
    print("mark", file=callers.stdin, flush=True)
    began, before = time.monotonic(), _cpu(process)
    time.sleep(seconds)
    lasted, after = time.monotonic() - began, _cpu(process)
    memory = process.memory_info().rss - idle
    told = status(url)
    print("end", file=callers.stdin, flush=True)
    report = json.loads(line(callers))
    return Measured(
        way=way,
        sessions=sessions,
        media_cpu=(after[0] - before[0]) / lasted / sessions,
        analysis_cpu=(after[1] - before[1]) / lasted / sessions,
        memory=memory / 1e6 / sessions,
        clip=[ms for session in told["sessions"] for ms in session["clip_ms"]],
        round_trip=report["round_trips"],
        label=report["label_ms"],
        loop_lag=report["loop_lag_ms"],
        alive=report["alive"],
        analysis_memory=psutil.Process(_embedded(told)["pid"]).memory_info().rss / 1e6,
    )


def start(module: str, *arguments: str, environ: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    """Run a module beside this process."""
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent.parent,
        env=os.environ | (environ or {}),
    )


def line(process: subprocess.Popen[str]) -> str:
    """The next line it prints. Raises `RuntimeError` when it has ended."""
    assert process.stdout is not None
    printed = process.stdout.readline().strip()
    if not printed:
        raise RuntimeError(f"{process.args!r} ended: its error is above")
    return printed


def stop(process: subprocess.Popen[str]) -> None:
    """Wait for its end, or end it."""
    try:
        process.communicate(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()


def _cpu(process: psutil.Process) -> tuple[float, float]:
    """CPU seconds of the media process and of the processes that it started."""
    own = process.cpu_times()
    others = [child.cpu_times() for child in process.children(recursive=True)]
    return own.user + own.system, sum(times.user + times.system for times in others)


def status(url: str) -> dict[str, Any]:
    """What the server says of itself."""
    with urllib.request.urlopen(f"{url}/status", timeout=10) as response:
        told: dict[str, Any] = json.load(response)
        return told


def _embedded(status: dict[str, Any]) -> dict[str, Any]:
    engines: list[dict[str, Any]] = status["analysis"]["engines"]
    return next(engine for engine in engines if engine["name"] == "embedded")


def _await_engine(url: str) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if _embedded(status(url))["state"] == "ready":
            return
        time.sleep(0.1)
    raise RuntimeError("the embedded engine did not get ready within 30 s")
