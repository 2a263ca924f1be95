"""Fetching the weights of models from the Hugging Face hub: `python -m models download NAME`.

Nothing is fetched before a person has seen how much it is and under which licence. HF_ENDPOINT names a mirror and
HF_TOKEN an account, as with all of the hub's own tools.
"""

from __future__ import annotations

import argparse
import errno
import os
import shutil
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from huggingface_hub import ModelInfo


@dataclass(frozen=True, slots=True)
class Weights:
    """Where a model's files are, and the setting that names their folder."""

    repository: str
    setting: str


MODELS: Mapping[str, Weights] = {
    "qwen2.5-omni-3b": Weights("Qwen/Qwen2.5-Omni-3B", "QWEN_MODEL_PATH"),
    "qwen2.5-omni-7b": Weights("Qwen/Qwen2.5-Omni-7B", "QWEN_MODEL_PATH"),
    "siglip": Weights("google/siglip-so400m-patch14-384", "LDDU_VISION_PATH"),
    "whisper": Weights("openai/whisper-large-v3", "LDDU_AUDIO_PATH"),
}

WANTED = ["*.safetensors", "*.json", "*.txt", "*.model", "*.jinja", "LICENSE*", "README.md"]
UNWANTED = ["*fp32*", "onnx/*", "original/*", ".*"]
"""Patterns of file names: safetensors alone, not the same weights in other formats or twice as wide."""

FOLDER = Path("weights")
TIMEOUT = 10.0
"""Seconds in which the hub answers, or cannot be reached."""

PARALLEL = 2
"""Files at a time: what is not complete when a download is interrupted is fetched anew."""

SPARE = 100_000_000
"""Bytes of disk left free."""


class Stopped(Exception):
    """Nothing more is fetched. The message says why and what to do, in one line."""


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to a command line; its `run` takes the options, and settings that it does not need."""
    parser = commands.add_parser("download", help="fetch a model's weights from the Hugging Face hub")
    parser.add_argument("name", choices=MODELS, help="which model")
    parser.add_argument("--to", type=Path, metavar="FOLDER", help=f"where to; {FOLDER}/NAME when left out")
    parser.add_argument("--yes", action="store_true", help="do not ask before fetching")
    parser.set_defaults(run=lambda options, *_: run(options))


def run(options: argparse.Namespace) -> int:
    """Fetch what `options` says (`name`, `to`, `yes`). The exit code is 1 when that cannot be done; Ctrl-C ends the
    process with 130."""
    weights: Weights = MODELS[options.name]
    folder: Path = (options.to or FOLDER / options.name).expanduser().absolute()
    try:
        info = _looked_up(weights)
        if missing := _shown(info, folder):
            _enough_space(sum(missing.values()), folder)
            if not options.yes:
                _agreed()
            _fetch(info, folder)
    except Stopped as stopped:
        print(stopped, file=sys.stderr)
        return 1
    print(f"All there. To use it, set {weights.setting}={folder}")
    return 0


def _endpoint() -> str:
    """The hub's address. The library reads it once, when it is imported."""
    return os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")


def _looked_up(weights: Weights) -> ModelInfo:
    """What the hub says of a model, with the sizes of its files."""
    try:
        import httpx2
        from huggingface_hub import HfApi
        from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled, RepositoryNotFoundError
    except ModuleNotFoundError as error:
        raise Stopped(f"{error.name} is not installed: make install-models") from error
    api = HfApi(endpoint=_endpoint())
    try:
        return api.model_info(weights.repository, files_metadata=True, timeout=TIMEOUT)
    except RepositoryNotFoundError as error:
        raise Stopped(
            f"{_endpoint()} has no {weights.repository}, or not for you: is HF_TOKEN that of an account which may "
            "have it?"
        ) from error
    except (httpx2.HTTPError, HfHubHTTPError, OfflineModeIsEnabled, ValueError) as error:
        raise Stopped(
            f"{_endpoint()} cannot be reached ({_line(error)}): name a mirror in HF_ENDPOINT, or copy the folder of "
            f"{weights.repository} from a machine that has it and set {weights.setting} to it"
        ) from error


def _sizes(info: ModelInfo) -> dict[str, int]:
    """The wanted files and their bytes; 0 where the hub does not say."""
    sizes = {
        file.rfilename: file.size or 0
        for file in info.siblings or []
        if _matches(file.rfilename, WANTED) and not _matches(file.rfilename, UNWANTED)
    }
    if not any(name.endswith(".safetensors") for name in sizes):
        raise Stopped(f"{info.id} at {_endpoint()} has no weights in safetensors")
    return sizes


def _matches(name: str, patterns: Sequence[str]) -> bool:
    """As the hub's library has it: an asterisk stands for slashes, too."""
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _shown(info: ModelInfo, folder: Path) -> dict[str, int]:
    """Say what there is to fetch. Gives the files that are missing and their bytes."""
    sizes = _sizes(info)
    missing = {name: size for name, size in sizes.items() if not _is_there(folder / name, size)}
    total, left = sum(sizes.values()), sum(missing.values())
    there = f", of which {_size(total - left)} are there already" if left < total else ""
    print(f"{info.id} from {_endpoint()}, revision {info.sha}")
    print(f"  {len(sizes)} files, {_size(total) if total else 'of a size that it does not say'}{there}")
    print(f"  licence: {_licence(info)}")
    print(f"  to {folder}, where {_size(_free(folder))} are free", flush=True)
    return missing


def _licence(info: ModelInfo) -> str:
    card = info.card_data
    if card is None or not card.get("license"):
        return "none stated; ask its makers before using it"
    name, link = card.get("license_name") or card.get("license"), card.get("license_link")
    return f"{name} ({link})" if link else str(name)


def _is_there(file: Path, size: int) -> bool:
    return file.is_file() and size in {0, file.stat().st_size}


def _free(folder: Path) -> int:
    """Bytes free where a folder is, or will be."""
    return shutil.disk_usage(next(each for each in (folder, *folder.parents) if each.exists())).free


def _enough_space(missing: int, folder: Path) -> None:
    short = missing + SPARE - _free(folder)
    if short > 0:
        raise Stopped(f"not enough space: {_size(short)} more must be free, or say --to a folder with more")


def _agreed() -> None:
    if not sys.stdin.isatty():
        raise Stopped("nothing was fetched: say --yes where nobody can be asked")
    try:
        answer = input("Fetch it? [y/N] ")
    except EOFError:
        answer = "no"
    if answer.strip().lower() not in {"y", "yes"}:
        raise Stopped("nothing was fetched")


def _fetch(info: ModelInfo, folder: Path) -> None:
    import httpx2
    from huggingface_hub import snapshot_download

    again = "run the same command again to go on, files that are complete stay"
    try:
        _without_leftovers(folder)
        with _ending_at_once(folder, again):
            snapshot_download(
                info.id,
                revision=info.sha,
                local_dir=folder,
                allow_patterns=WANTED,
                ignore_patterns=UNWANTED,
                endpoint=_endpoint(),
                max_workers=PARALLEL,
            )
    except OSError as error:  # the hub's errors are some, too
        full = error.errno == errno.ENOSPC
        raise Stopped(
            f"the disk is full: make room and {again}" if full else _broke_off(error, again)
        ) from error
    except httpx2.HTTPError as error:
        raise Stopped(_broke_off(error, again)) from error
    incomplete = [name for name, size in _sizes(info).items() if not _is_there(folder / name, size)]
    if incomplete:
        raise Stopped(f"not complete: {', '.join(incomplete)}; {again}")


def _broke_off(error: Exception, again: str) -> str:
    return f"the download broke off ({_line(error)}): {again}"


@contextmanager
def _ending_at_once(folder: Path, again: str) -> Iterator[None]:
    """Let Ctrl-C end the process: the library would first wait for the files under way, which may be hours."""

    def end(*_: object) -> NoReturn:
        _without_leftovers(folder)
        print(f"\nInterrupted: {again}", file=sys.stderr, flush=True)
        os._exit(130)

    before = signal.signal(signal.SIGINT, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _without_leftovers(folder: Path) -> None:
    """Remove parts of files: the library gives them names of chance and does not take them up again."""
    for part in (folder / ".cache" / "huggingface" / "download").rglob("*.incomplete"):
        part.unlink(missing_ok=True)


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"


def _line(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 200 else f"{text[:200]}…"
