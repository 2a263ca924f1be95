"""`python -m models analyze`: the expressions likely seen in files and folders."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

from tqdm import tqdm

from models.base import EMOTIONS, EmotionResult, Engine, EngineUnavailable, Question
from models.catalog import ENGINES
from models.choice import loaded_engine
from models.files import media_in, windows
from models.loading import FAILURES, said
from models.settings import EngineSettings
from models.summary import summarize

COLUMNS = ("file", "start", "end", "emotion", "reason", "confidence", "valence", "arousal")
"""Of the CSV, before the classes' probabilities."""


def add_to(commands: Any) -> None:
    """Add the command to argparse's subparsers."""
    parser = commands.add_parser("analyze", help="name the expressions likely seen in files and folders")
    parser.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH", help="files, or folders such as videos/"
    )
    parser.add_argument("--engine", choices=ENGINES, help="instead of the first that is available")
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
    report: Report = _Json() if options.json else _Csv() if options.csv else _Text()
    failed = 0
    with tqdm(files, unit="file", disable=None, delay=1.0, leave=False) as bar:
        for file in bar:
            failed += not _analyze(file, engine, options, report)
    return 1 if failed else 0


def _analyze(file: Path, engine: Engine, options: argparse.Namespace, report: Report) -> bool:
    """Report what is in one file as it is found, so that nothing of a long one is lost; whether all went well."""
    question = Question(session_id=str(file), language=options.language, prompt=options.prompt)
    results = []
    try:
        for result in windows(file, engine, question, audio=options.audio):
            results.append(result)
            with tqdm.external_write_mode(file=sys.stdout):
                report.window(file, result)
    except FAILURES as error:
        tqdm.write(f"{file}: {said(error)[1]}", file=sys.stderr)
        return False
    with tqdm.external_write_mode(file=sys.stdout):
        report.end(file, results)
    return True


class Report(Protocol):
    """Prints the answers for files, one after the other."""

    def window(self, file: Path, result: EmotionResult) -> None:
        """An answer has come."""

    def end(self, file: Path, results: list[EmotionResult]) -> None:
        """These were all of a file."""


class _Text:
    def window(self, file: Path, result: EmotionResult) -> None:
        span = f"{result.window_start:7.1f} – {result.window_end:.1f} s"
        shares = "  ".join(f"{emotion} {share:.2f}" for emotion, share in result.probabilities.items())
        took = f"{result.latency.total:.0f} ms"
        said = f"{result.emotion:8}  {shares or result.reason or '–'}  {result.description}  ({took})"
        print(f"{file}  {span}  {said}", flush=True)

    def end(self, file: Path, results: list[EmotionResult]) -> None:
        summary = summarize(results)
        shares = "  ".join(f"{emotion} {share:.2f}" for emotion, share in summary.probabilities.items())
        readable = (
            f"{summary.readable_s:.1f} of {summary.duration_s:.1f} s readable, {summary.total_ms:.0f} ms"
        )
        print(
            f"{file}  altogether: {summary.emotion}  {shares or summary.reason or '–'}  ({readable})\n",
            flush=True,
        )


class _Json:
    def window(self, file: Path, result: EmotionResult) -> None:
        pass  # a file is one object

    def end(self, file: Path, results: list[EmotionResult]) -> None:
        answer = {
            "file": str(file),
            **asdict(summarize(results)),
            "windows": [asdict(each) for each in results],
        }
        print(json.dumps(answer, ensure_ascii=False), flush=True)


class _Csv:
    def __init__(self) -> None:
        self._writer = csv.writer(sys.stdout)
        self._writer.writerow([*COLUMNS, *EMOTIONS, "description", "engine", "total_ms"])

    def window(self, file: Path, result: EmotionResult) -> None:
        shares = [result.probabilities.get(emotion) for emotion in EMOTIONS]
        figures = [result.confidence, result.valence, result.arousal, *shares]
        self._writer.writerow(
            [file, f"{result.window_start:.3f}", f"{result.window_end:.3f}", result.emotion, result.reason]
            + [None if figure is None else f"{figure:.4f}" for figure in figures]
            + [result.description, result.engine, f"{result.latency.total:.1f}"]
        )
        sys.stdout.flush()

    def end(self, file: Path, results: list[EmotionResult]) -> None:
        pass  # its rows are written
