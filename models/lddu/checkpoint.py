"""A trained head on disk: its weights, and a manifest that says what they are and are worth."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import torch
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from safetensors import SafetensorError
from safetensors.torch import load, save

from models.base import EMOTIONS, EngineUnavailable
from models.lddu.data import Modality
from models.lddu.folders import settings_in
from models.lddu.head import HeadConfig, LdduHead
from models.lddu.metrics import Metrics

FORMAT = 1
"""Version of the manifest and of what the weights mean."""

AGAIN = "train it again with `python -m models.lddu train`"


class Manifest(BaseModel):
    """What a head is. `towers` are fingerprints of the networks its features come from, None for other people's;
    `temperature` is fitted on validation; `clips` counts each split of the data, `data_sha256` is of its arrays."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = FORMAT
    labels: tuple[str, ...] = EMOTIONS
    head: HeadConfig
    towers: Mapping[Modality, str | None]
    data: str
    data_sha256: str
    data_notes: tuple[str, ...]
    clips: Mapping[str, int]
    seed: int
    epochs: int
    temperature: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    metrics: Mapping[str, Metrics]
    weights_sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A head in the mode of evaluation, and its manifest."""

    head: LdduHead
    manifest: Manifest


def places(path: Path) -> tuple[Path, Path]:
    """Where weights and manifest are: in a folder, or at a file ending in .safetensors and beside it."""
    if path.suffix == ".safetensors":
        return path, path.with_suffix(".json")
    return path / "head.safetensors", path / "head.json"


def try_place(path: Path) -> None:
    """See whether a head could be kept there, and leave nothing. Raises `OSError`."""
    weights_file, _ = places(path)
    folder = weights_file.parent
    there = folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    probe = weights_file.with_name(f"{weights_file.name}.{os.getpid()}.part")
    probe.touch()
    probe.unlink()
    if not there:
        folder.rmdir()


def write_checkpoint(checkpoint: Checkpoint, path: Path) -> Manifest:
    """Keep a head; the manifest as written, which knows the weights. Raises `OSError`."""
    weights_file, manifest_file = places(path)
    weights_file.parent.mkdir(parents=True, exist_ok=True)
    weights = save({name: each.contiguous().cpu() for name, each in checkpoint.head.state_dict().items()})
    sha256 = hashlib.sha256(weights).hexdigest()
    manifest = checkpoint.manifest.model_copy(update={"weights_sha256": sha256})
    for file, data in (
        (weights_file, weights),
        (manifest_file, manifest.model_dump_json(indent=2).encode() + b"\n"),
    ):
        part = file.with_name(f"{file.name}.{os.getpid()}.part")
        part.write_bytes(data)
        part.replace(file)
    return manifest


def read_checkpoint(path: Path, device: torch.device) -> Checkpoint:
    """A head that was kept. Raises `EngineUnavailable` when there is none, or its files do not belong together."""
    weights_file, manifest_file = places(path)
    manifest = _manifest(manifest_file)
    try:
        weights = weights_file.read_bytes()
    except OSError as error:
        raise EngineUnavailable(f"{weights_file} cannot be read: {error.strerror}", "no_weights") from error
    if hashlib.sha256(weights).hexdigest() != manifest.weights_sha256:
        raise EngineUnavailable(
            f"{weights_file} is not what {manifest_file.name} was written for: {AGAIN}", "wrong_weights"
        )
    head = LdduHead(manifest.head)
    try:
        head.load_state_dict(load(weights))
    except (SafetensorError, RuntimeError) as error:
        raise EngineUnavailable(
            f"{weights_file} has not the weights of its manifest: {AGAIN}", "wrong_weights"
        ) from error
    return Checkpoint(head=head.requires_grad_(False).eval().to(device), manifest=manifest)


def _manifest(file: Path) -> Manifest:
    found = settings_in(file)
    if found is None:
        raise EngineUnavailable(
            f"no trained head: {file} is missing or no JSON; train one with `python -m models.lddu train`",
            "no_weights",
        )
    if found.get("format") != FORMAT:
        raise EngineUnavailable(
            f"{file} is of format {found.get('format')}, not {FORMAT}: {AGAIN}", "wrong_weights"
        )
    try:
        manifest = Manifest.model_validate(found)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise EngineUnavailable(
            f"{file} is no head's manifest: {where}: {first['msg']}", "wrong_weights"
        ) from error
    if manifest.labels != EMOTIONS:
        raise EngineUnavailable(
            f"{file} is of the labels {', '.join(manifest.labels)}: {AGAIN}", "wrong_weights"
        )
    if set(manifest.towers) != set(manifest.head.widths):
        raise EngineUnavailable(
            f"{file} names towers for other modalities than the head takes: {AGAIN}", "wrong_weights"
        )
    return manifest
