"""`python -m models analyze`: the expressions likely seen in files and folders."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tqdm import tqdm

from models.base import EMOTIONS, EmotionResult, Engine, EngineUnavailable, Question
from models.choice import engine_name, loaded_engine
from models.files import media_in, windows
from models.loading import FAILURES, said
from models.settings import EngineSettings
from models.summary import Summary, summarize

COLUMNS = ("file", "start", "end", "emotion", "reason", "confidence", "valence", "arousal")
"""Of the CSV, before the classes' probabilities."""

Report = Callable[[Path, list[EmotionResult]], None]


def add_to(commands: Any) -> None:
    """Add the command to argparse's subparsers."""
    parser = commands.add_parser("analyze", help="name the expressions likely seen in files and folders")
    parser.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH", help="files, or folders such as videos/"
    )
    parser.add_argument("--engine", type=engine_name, help="lddu, qwen, remote or embedded")
    parser.add_argument("--prompt", help="what a language model is asked to describe")
    parser.add_argument(
        "--audio", type=Path, metavar="FILE", help="sound to take the place of the file's own"
    )
    parser.add_argument("--language", choices=("en", "zh"), default="en", help="of the descriptions")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one JSON object a file and line")
    form.add_argument("--csv", action="store_true", help="one row a window")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, settings: EngineSettings) -> int:
    """Analyze; 1 when anything could not be."""
    files = media_in(options.paths)
    if not files:
        print("There are no media files there.", file=sys.stderr)
        return 1
    if options.audio is not None and len(files) > 1:
        print("--audio goes with one file.", file=sys.stderr)
        return 2
    try:
        engine = loaded_engine(options.engine, settings)
    except EngineUnavailable as error:
        print(f"No engine is available: {error}", file=sys.stderr)
        return 1
    report = _json if options.json else _csv() if options.csv else _text
    failed = 0
    with tqdm(files, unit="file", disable=None, delay=1.0, leave=False) as bar:
        for file in bar:
            failed += not _analyze(file, engine, options, report)
    return 1 if failed else 0


def _analyze(file: Path, engine: Engine, options: argparse.Namespace, report: Report) -> bool:
    question = Question(session_id=str(file), language=options.language, prompt=options.prompt)
    try:
        results = list(windows(file, engine, question, audio=options.audio))
    except FAILURES as error:
        tqdm.write(f"{file}: {said(error)[1]}", file=sys.stderr)
        return False
    with tqdm.external_write_mode(file=sys.stdout):
        report(file, results)
    return True


def _text(file: Path, results: list[EmotionResult]) -> None:
    for result in results:
        print(f"{file}  {_span(result)}  {_line(result)}")
    print(f"{file}  {_summary(summarize(results))}\n", flush=True)


def _json(file: Path, results: list[EmotionResult]) -> None:
    answer = {"file": str(file), **asdict(summarize(results)), "windows": [asdict(each) for each in results]}
    print(json.dumps(answer, ensure_ascii=False), flush=True)


def _csv() -> Report:
    writer = csv.writer(sys.stdout)
    writer.writerow([*COLUMNS, *EMOTIONS, "description", "engine", "total_ms"])

    def report(file: Path, results: list[EmotionResult]) -> None:
        for each in results:
            shares = [each.probabilities.get(emotion) for emotion in EMOTIONS]
            figures = [each.confidence, each.valence, each.arousal, *shares]
            writer.writerow(
                [file, f"{each.window_start:.3f}", f"{each.window_end:.3f}", each.emotion, each.reason]
                + [None if figure is None else f"{figure:.4f}" for figure in figures]
                + [each.description, each.engine, f"{each.latency.total:.1f}"]
            )
        sys.stdout.flush()

    return report


def _span(result: EmotionResult) -> str:
    return f"{result.window_start:7.1f} – {result.window_end:.1f} s"


def _line(result: EmotionResult) -> str:
    shares = "  ".join(f"{emotion} {share:.2f}" for emotion, share in result.probabilities.items())
    took = f"{result.latency.total:.0f} ms"
    return f"{result.emotion:8}  {shares or result.reason or '–'}  {result.description}  ({took})"


def _summary(summary: Summary) -> str:
    shares = "  ".join(f"{emotion} {share:.2f}" for emotion, share in summary.probabilities.items())
    readable = f"{summary.readable_s:.1f} of {summary.duration_s:.1f} s readable, {summary.total_ms:.0f} ms"
    return f"altogether: {summary.emotion}  {shares or summary.reason or '–'}  ({readable})"
