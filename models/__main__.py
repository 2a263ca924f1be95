"""The command line: `python -m models analyze FILE…` names the expressions likely seen in files."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from time import perf_counter

from models.base import ClipUnreadable, EmotionResult, Engine, EngineUnavailable
from models.decode import decode_file
from models.embedded import EmbeddedEngine
from models.summary import Summary, summarize


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code is 1 when anything could not be analyzed."""
    parser = argparse.ArgumentParser(prog="python -m models", description=__doc__.split(":")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    analyze = commands.add_parser("analyze", help="name the expressions likely seen in video files")
    analyze.add_argument("files", nargs="+", type=Path, metavar="FILE")
    analyze.add_argument("--json", action="store_true", help="one JSON object a file and line")
    options = parser.parse_args(arguments)
    engine = EmbeddedEngine()
    try:
        engine.load()
    except EngineUnavailable as error:
        print(f"The embedded engine is not available: {error}", file=sys.stderr)
        return 1
    return max(_analyze(file, engine, as_json=options.json) for file in options.files)


def _analyze(file: Path, engine: Engine, *, as_json: bool) -> int:
    """Print what is in one file, and say whether that went well: 0 or 1."""
    results = []
    try:
        for result in windows(file, engine):
            results.append(result)
            if not as_json:
                print(f"{file}  {_span(result)}  {_line(result)}", flush=True)
    except ClipUnreadable as error:
        print(f"{file}: {error}", file=sys.stderr)
        return 1
    summary = summarize(results)
    if as_json:
        print(
            json.dumps({"file": str(file), **asdict(summary), "windows": [asdict(each) for each in results]})
        )
    else:
        print(f"{file}  {_summary(summary)}\n")
    return 0


def windows(file: Path, engine: Engine) -> Iterator[EmotionResult]:
    """An answer for each window of a file. Raises `ClipUnreadable`."""
    session_id = str(file)
    began = perf_counter()
    try:
        for clip in decode_file(file, lambda times: engine.wanted(session_id, times)):
            decode_ms = (perf_counter() - began) * 1000
            yield engine.analyze(clip, session_id, decode_ms=decode_ms)
            began = perf_counter()
    finally:
        engine.forget(session_id)


def _span(result: EmotionResult) -> str:
    return f"{result.window_start:7.1f} – {result.window_end:.1f} s"


def _line(result: EmotionResult) -> str:
    shares = "  ".join(f"{emotion} {share:.2f}" for emotion, share in result.probabilities.items())
    took = f"{result.latency.total:.0f} ms"
    return f"{result.emotion:8}  {shares or result.reason}  {result.description}  ({took})"


def _summary(summary: Summary) -> str:
    shares = "  ".join(f"{emotion} {share:.2f}" for emotion, share in summary.probabilities.items())
    readable = f"{summary.readable_s:.1f} of {summary.duration_s:.1f} s readable, {summary.total_ms:.0f} ms"
    return f"altogether: {summary.emotion}  {shares or summary.reason}  ({readable})"


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:  # as in `… | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
