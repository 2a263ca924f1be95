"""`python -m bench [--sessions 1,4,8] [--seconds 10] [--runs 2]`: measures, and prints the README's tables."""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path

from bench.calls import WAYS, Measured, Way, measure, percentile


def main() -> None:
    """Run every benchmark; alternate the servers, so that a machine that drifts drifts for all."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--sessions", default="1,4,8")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--runs", type=int, default=2)
    arguments = parser.parse_args()
    measured: list[Measured] = []
    for sessions in map(int, arguments.sessions.split(",")):
        for run in range(arguments.runs):
            for way in WAYS if run % 2 == 0 else WAYS[::-1]:
                print(f"{sessions} sessions, {way.name} …", file=sys.stderr, flush=True)
                measured.append(measure(way, sessions, arguments.seconds))
    print(f"\n{machine()}\n")
    print_calls(measured)
    for name in ("engines", "page", "chat", "history"):
        print(f"\nThe {name}:\n", flush=True)
        subprocess.run([sys.executable, "-m", f"bench.{name}"], check=True, stderr=subprocess.DEVNULL)


def machine() -> str:
    """The machine in a line."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [
            line.partition(":")[2].strip()
            for line in cpuinfo.read_text().splitlines()
            if "model name" in line
        ]
        model = names[0] if names else model
    return f"{os.cpu_count()} cores ({model}), {platform.system()}, Python {platform.python_version()}"


def print_calls(measured: list[Measured]) -> None:
    """A Markdown table: medians of the runs, and the media process's CPU as a ratio to the decoding server's."""
    print(
        "| server | sessions | media process, cores a session | of decoding | analysis process, cores a session "
        "| and MB | MB a session | clip p50 / p95 ms | round trip p50 / p95 ms | worst loop lag ms "
        "| label p50 / p95 ms |"
    )
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
    for sessions in sorted({m.sessions for m in measured}):
        decoding = _median(
            [m for m in measured if m.sessions == sessions and m.way.mode == "decode"], "media_cpu"
        )
        for way in WAYS:
            runs = [m for m in measured if m.sessions == sessions and m.way == way]
            print(_row(way, sessions, runs, decoding))


def _row(way: Way, sessions: int, runs: list[Measured], decoding: float) -> str:
    cpu = _median(runs, "media_cpu")
    short = sum(m.sessions - m.alive for m in runs)
    cells = [
        way.name + (f" ({short} calls lost)" if short else ""),
        str(sessions),
        f"{cpu:.3f}",
        f"{cpu / decoding:.2f}",
        f"{_median(runs, 'analysis_cpu'):.3f}" if way.record else "–",
        f"{_median(runs, 'analysis_memory'):.0f}" if way.record else "–",
        f"{_median(runs, 'memory'):.1f}",
        _percentiles([ms for m in runs for ms in m.clip]),
        _percentiles([ms for m in runs for ms in m.round_trip]),
        f"{max(m.loop_lag for m in runs):.1f}",
        _percentiles([ms for m in runs for ms in m.label]),
    ]
    return f"| {' | '.join(cells)} |"


def _median(runs: list[Measured], field: str) -> float:
    return float(statistics.median(getattr(run, field) for run in runs))


def _percentiles(values: list[float]) -> str:
    return f"{percentile(values, 0.5):.1f} / {percentile(values, 0.95):.1f}" if values else "–"


if __name__ == "__main__":
    main()
