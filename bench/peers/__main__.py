"""`make bench-peers`: what a call costs Mien, aiortc, FastRTC and Pipecat, in one run; prints a Markdown table."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from bench.__main__ import machine
from bench.calls import FILL, WAYS, line, measure, stop
from bench.media import material

ROOT = Path(__file__).parent.parent.parent
ENVIRONMENTS = ROOT / ".peers"


@dataclass(frozen=True, slots=True)
class Peer:
    """A server that is no Mien: whose interpreter runs what, where it takes offers and in which direction of media."""

    name: str
    python: Path
    server: str
    offers: str
    direction: str = "sendonly"


PEERS = (
    Peer("aiortc, `recv()`", Path(sys.executable), "aiortc_server.py", "/offer"),
    Peer("FastRTC", ENVIRONMENTS / "fastrtc/bin/python", "fastrtc_server.py", "/webrtc/offer", "sendrecv"),
    Peer("Pipecat", ENVIRONMENTS / "pipecat/bin/python", "pipecat_server.py", "/api/offer"),
)


OWN = (replace(WAYS[0], ping=1.0), WAYS[1])
"""The first with what the others have too, no more than a sign of life; the second as a page's call is."""


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU in cores a session, memory in MB a session above the idle server, and the share of pictures that got through
    to the application (NaN where it was not counted).

    The CPU is what it takes for as many pictures as were sent: a server that still works off some of before in the time
    of the measurement is not to seem dearer for it, nor one that falls behind cheaper.
    """

    cpu: float
    memory: float
    delivered: float


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.peers")
    parser.add_argument("--sessions", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--runs", type=int, default=2)
    arguments = parser.parse_args()
    costs: dict[str, list[Cost]] = {}
    for run in range(arguments.runs):
        for name in _names() if run % 2 == 0 else _names()[::-1]:
            print(f"{arguments.sessions} sessions, {name} …", file=sys.stderr, flush=True)
            costs.setdefault(name, []).append(_cost(name, arguments.sessions, arguments.seconds))
    print(f"\n{machine()}; {arguments.sessions} sessions; {_versions()}\n")
    _print(costs)


def _names() -> list[str]:
    return [*(way.name for way in OWN), *(peer.name for peer in PEERS if peer.python.exists())]


def _cost(name: str, sessions: int, seconds: float) -> Cost:
    for way in OWN:
        if name == way.name:
            own = measure(way, sessions, seconds)
            return Cost(own.media_cpu, own.memory, float("nan"))
    return _measure(next(peer for peer in PEERS if peer.name == name), sessions, seconds)


def _measure(peer: Peer, sessions: int, seconds: float) -> Cost:
    with _started([str(peer.python), peer.server], Path(__file__).parent) as server:
        url = f"http://127.0.0.1:{line(server)}"
        _await(url)
        process = psutil.Process(server.pid)
        idle = process.memory_info().rss
        command = [sys.executable, "-m", "bench.peers.load", "--url", url + peer.offers]
        command += ["-n", str(sessions), "--media", str(material("vp8")), "--direction", peer.direction]
        with _started(command, ROOT) as callers:
            line(callers)
            time.sleep(FILL)
            sent, got = _sent(callers), _stats(url)
            began, before = time.monotonic(), process.cpu_times()
            time.sleep(seconds)
            lasted, after = time.monotonic() - began, process.cpu_times()
            sent, got = _sent(callers) - sent, _stats(url) - got
            cpu = after.user + after.system - before.user - before.system
            memory = process.memory_info().rss - idle
            delivered = got / sent
            return Cost(cpu / lasted / sessions / delivered, memory / 1e6 / sessions, delivered)


@contextmanager
def _started(command: list[str], folder: Path) -> Iterator[subprocess.Popen[str]]:
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        try:
            yield process
        except (RuntimeError, OSError):
            errors.seek(0)
            print(errors.read()[-2000:], file=sys.stderr)
            raise
        finally:
            process.terminate()
            stop(process)


def _await(url: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            _stats(url)
            return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"nobody answers at {url}")


def _stats(url: str) -> int:
    with urllib.request.urlopen(f"{url}/stats", timeout=30) as response:
        return int(json.load(response).get("video", 0))


def _sent(callers: subprocess.Popen[str]) -> int:
    assert callers.stdin is not None
    print("report", file=callers.stdin, flush=True)
    return int(json.loads(line(callers))["video"])


def _versions() -> str:
    """Of the packages compared."""
    found = []
    for package, python in (
        ("aiortc", Path(sys.executable)),
        ("fastrtc", PEERS[1].python),
        ("pipecat-ai", PEERS[2].python),
    ):
        if python.exists():
            command = [
                str(python),
                "-c",
                f"from importlib.metadata import version; print(version('{package}'))",
            ]
            told = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
            found.append(f"{package} {told or 'not installed'}")
    return ", ".join(found)


def _print(costs: dict[str, list[Cost]]) -> None:
    own = statistics.median(cost.cpu for cost in costs[OWN[0].name])
    print("| server | cores a session | times Mien's | MB a session | pictures delivered |")
    print("|---|--:|--:|--:|--:|")
    for name, runs in costs.items():
        cpu = statistics.median(cost.cpu for cost in runs)
        memory = statistics.median(cost.memory for cost in runs)
        delivered = statistics.median(cost.delivered for cost in runs)
        share = "–" if delivered != delivered else f"{delivered:.2f}"
        print(f"| {name} | {cpu:.3f} | {cpu / own:.1f} | {memory:.0f} | {share} |")


if __name__ == "__main__":
    main()
