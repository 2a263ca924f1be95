"""`python -m models evaluate`: how good an engine is on labelled files."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tqdm import tqdm

from models.answer import emotion_named
from models.base import EMOTIONS, Emotion, Engine, EngineUnavailable, Question
from models.catalog import ENGINES
from models.choice import loaded_engine
from models.files import windows
from models.loading import FAILURES, said
from models.metrics import Metrics, lines, measure
from models.plot import reliability
from models.settings import EngineSettings
from models.summary import Summary, summarize

Labelled = tuple[Path, Emotion]


class BadLabels(Exception):
    """A file of labels cannot be used. The message says why."""


def add_to(commands: Any) -> None:
    """Add the command to argparse's subparsers."""
    parser = commands.add_parser("evaluate", help="measure an engine on labelled files")
    parser.add_argument(
        "--labels",
        type=Path,
        required=True,
        metavar="CSV",
        help="with the columns file (from here) and emotion",
    )
    parser.add_argument("--engine", choices=ENGINES, help="instead of the first that is available")
    parser.add_argument("--plot", type=Path, default=Path("reliability.svg"), help="where the plot goes")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, settings: EngineSettings) -> int:
    """Evaluate; 1 when that was not possible."""
    try:
        labelled = read_labels(options.labels)
        engine = loaded_engine(options.engine, settings)
    except BadLabels as error:
        print(f"{options.labels}: {error}", file=sys.stderr)
        return 1
    except EngineUnavailable as error:
        print(f"No engine is available: {error}", file=sys.stderr)
        return 1
    answers = [(label, _answer(file, engine)) for file, label in tqdm(labelled, unit="file", disable=None)]
    read = [(label, each) for label, each in answers if each is not None]
    named = [(label, each.emotion, each.confidence) for label, each in read if each.emotion != "unknown"]
    if not named:
        print("None of the files could be answered for.", file=sys.stderr)
        return 1
    labels, emotions, confidences = zip(*named, strict=True)
    metrics = measure(labels, emotions, confidences)
    counts = {
        "files": len(labelled),
        "unreadable": len(answers) - len(read),
        "unknown": len(read) - len(named),
    }
    print(
        _as_json(engine, counts, metrics) if options.json else _as_text(engine, counts, metrics), flush=True
    )
    try:
        options.plot.write_text(reliability(metrics.bins, engine.name))
    except OSError as error:
        print(f"{options.plot} cannot be written: {error.strerror}", file=sys.stderr)
        return 1
    print(f"The reliability plot is in {options.plot}.", file=sys.stderr)
    return 0


def read_labels(path: Path) -> list[Labelled]:
    """The files, taken from where the labels are, and their emotions. Raises `BadLabels`."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadLabels(f"cannot be read: {error}") from error
    labelled = []
    for number, row in enumerate(rows, start=2):
        name, word = row.get("file"), row.get("emotion") or row.get("label")
        if not name or not word or "\0" in name:
            raise BadLabels(f"line {number} has no file or no emotion")
        emotion = emotion_named(word)
        if emotion is None:
            raise BadLabels(f"line {number}: {word!r} is not one of {', '.join(EMOTIONS)}")
        labelled.append((path.parent / name, emotion))
    if not labelled:
        raise BadLabels("there are no labels in it")
    return labelled


def _answer(file: Path, engine: Engine) -> Summary | None:
    try:
        return summarize(list(windows(file, engine, Question(session_id=str(file)))))
    except FAILURES as error:
        tqdm.write(f"{file}: {said(error)[1]}", file=sys.stderr)
        return None


def _as_json(engine: Engine, counts: dict[str, int], metrics: Metrics) -> str:
    figures = asdict(metrics) | {"confusion": metrics.confusion.tolist()}
    return json.dumps({"engine": engine.name, **counts, "emotions": EMOTIONS, **figures})


def _as_text(engine: Engine, counts: dict[str, int], metrics: Metrics) -> str:
    answered = f"{metrics.count} answered, {counts['unknown']} unknown, {counts['unreadable']} unreadable"
    head = f"{engine.name} on {counts['files']} files: {answered}"
    return "\n".join([head, *lines(metrics)])
