"""The command line: `python -m models.lddu train` fits a head to labelled data, `evaluate` measures one."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from models.base import EngineFailed, EngineUnavailable
from models.lddu.data import Dataset, DataUnusable, Modality
from models.lddu.folders import require_packages
from models.lddu.metrics import Metrics

if TYPE_CHECKING:  # they import torch, which may not be installed
    import torch

    from models.lddu.train import Epoch


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; 1 when it could not be done, 2 when the arguments make no sense."""
    options = _parser().parse_args(arguments)
    try:
        require_packages()
        return _train(options) if options.command == "train" else _evaluate(options)
    except (DataUnusable, EngineUnavailable, EngineFailed) as error:
        print(error, file=sys.stderr)
    except OSError as error:
        print(f"{error.filename or options.data}: {error.strerror}", file=sys.stderr)
    except KeyboardInterrupt:
        print("stopped before there was anything to keep", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m models.lddu", description=(__doc__ or "").split(":")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="fit a head to labelled data")
    evaluate = commands.add_parser("evaluate", help="measure a head")
    for command in (train, evaluate):
        command.add_argument(
            "--data",
            type=Path,
            required=True,
            help="a folder of clips with labels.csv, or CMU-MOSEI's pickle",
        )
        command.add_argument("--vision-path", type=Path, help="folder with SigLIP, for a folder of clips")
        command.add_argument("--audio-path", type=Path, help="folder with Whisper, for a folder of clips")
        command.add_argument("--device", choices=("auto", "cpu"), default="auto", help="cpu keeps off a GPU")
    train.add_argument("--out", type=Path, required=True, help="a folder, or a file ending in .safetensors")
    train.add_argument("--epochs", type=_positive, default=30)
    train.add_argument("--batch-size", type=_positive, default=64)
    train.add_argument("--learning-rate", type=_rate, default=2e-4)
    train.add_argument("--seed", type=int, default=0)
    train.add_argument("--patience", type=_positive, default=5, help="epochs without improvement")
    evaluate.add_argument("--checkpoint", type=Path, required=True, help="what train was told as --out")
    evaluate.add_argument("--split", choices=("train", "validation", "test"), default="test")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _rate(text: str) -> float:
    rate = float(text)
    if not 0 < rate <= 1:
        raise argparse.ArgumentTypeError("above 0, at most 1")
    return rate


def _train(options: argparse.Namespace) -> int:
    from models.lddu.checkpoint import try_place, write_checkpoint
    from models.lddu.head import HeadConfig
    from models.lddu.train import TrainConfig, train

    try_place(options.out)  # before the work, not after it
    device = _device(options)
    given: list[Modality] = []
    given += ["vision"] if options.vision_path else []
    given += ["audio"] if options.audio_path else []
    dataset = _dataset(options, given, device)
    config = TrainConfig(
        epochs=options.epochs,
        batch_size=options.batch_size,
        learning_rate=options.learning_rate,
        seed=options.seed,
        patience=options.patience,
    )

    def report(epoch: Epoch) -> None:
        losses = f"train {epoch.train:.3f}  validation {epoch.validation:.3f}"
        print(f"epoch {epoch.number}/{config.epochs}  {losses}{'  best' * epoch.best}", file=sys.stderr)

    trained = train(dataset, HeadConfig(widths=dataset.train.widths), config, device, report)
    manifest = write_checkpoint(trained, options.out)
    print(f"the head of epoch {manifest.epochs} is in {options.out}")
    for split, metrics in manifest.metrics.items():
        print(_line(split, metrics))
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    from models.lddu.checkpoint import read_checkpoint
    from models.lddu.evaluate import evaluate

    device = _device(options)
    checkpoint = read_checkpoint(options.checkpoint, device)
    needed = [name for name, tower in checkpoint.manifest.towers.items() if tower is not None]
    dataset = _dataset(options, needed, device)
    print(_line(options.split, evaluate(checkpoint, dataset, options.split)))
    return 0


def _device(options: argparse.Namespace) -> torch.device:
    import torch

    from models.lddu.towers import best_device

    return torch.device("cpu") if options.device == "cpu" else best_device()


def _dataset(options: argparse.Namespace, modalities: Sequence[Modality], device: torch.device) -> Dataset:
    if not options.data.exists():
        raise DataUnusable(f"there is no {options.data}")
    if options.data.is_dir():
        from models.lddu.clips import load_clips
        from models.lddu.features import load_extractor

        if not modalities:
            raise DataUnusable("a folder of clips needs --vision-path, --audio-path or both")
        extractor = load_extractor(modalities, options.vision_path, options.audio_path, device)
        dataset = load_clips(options.data, extractor, _progress)
    else:
        from models.lddu.mosei import load_mosei

        dataset = load_mosei(options.data)
    for note in dataset.notes:
        print(note, file=sys.stderr)
    return dataset


def _progress(done: int, of: int) -> None:
    print(f"\rfeatures of {done}/{of} clips", end="\n" if done == of else "", file=sys.stderr, flush=True)


def _line(split: str, metrics: Metrics) -> str:
    figures = "  ".join(
        f"{name.replace('_', ' ')} {value:.3f}" for name, value in asdict(metrics).items() if name != "clips"
    )
    return f"{split}: {metrics.clips} clips  {figures}"


if __name__ == "__main__":
    sys.exit(main())
