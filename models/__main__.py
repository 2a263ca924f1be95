"""The command line: `python -m models analyze|evaluate|download …`.

    python -m models analyze PATHS… [--engine NAME] [--prompt TEXT] [--audio FILE] [--json | --csv]
    python -m models evaluate --labels labels.csv [--engine NAME] [--plot reliability.svg] [--json]
    python -m models download qwen2.5-omni-3b|qwen2.5-omni-7b|siglip|whisper [--to FOLDER] [--yes]

Engines are told what they need by the same settings as the server's, from the environment and `.env`.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from pydantic import ValidationError

from models import analyze, download, evaluate
from models.settings import EngineSettings


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line. The exit code is 1 when something could not be done, 2 for a wrong command."""
    parser = argparse.ArgumentParser(
        prog="python -m models", description="Ask an emotion engine about files."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for command in (analyze, evaluate, download):
        command.add_to(commands)
    options = parser.parse_args(arguments)
    try:
        settings = EngineSettings()
    except ValidationError as error:
        for each in error.errors():
            print(f"{'.'.join(map(str, each['loc'])).upper()}: {each['msg']}", file=sys.stderr)
        return 2
    try:
        code: int = options.run(options, settings)
    except KeyboardInterrupt:
        return 130
    return code


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:  # as in `… | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
