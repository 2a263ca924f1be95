"""Frozen networks as transformers loads them: all of their weights or none, and a fingerprint of what they are."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors import SafetensorError
from torch import Tensor
from transformers import PreTrainedModel
from transformers.utils import logging

from models.attention import for_any_length
from models.base import EngineUnavailable
from models.cores import cores
from models.lddu.folders import Tower

Model = TypeVar("Model", bound=PreTrainedModel)


def best_device() -> torch.device:
    """The GPU where there is one, else the CPU with all of its cores."""
    if torch.cuda.is_available():
        for_any_length()
        return torch.device("cuda")
    torch.set_num_threads(cores())
    return torch.device("cpu")


def load(
    kind: type[Model], folder: Path, tower: Tower, device: torch.device, rename: dict[str, str] | None = None
) -> Model:
    """The network in a folder, in half precision on a GPU. `rename` maps patterns of weights' names to what `kind`
    calls them. Raises `EngineUnavailable` when the folder does not hold each of its weights."""
    dtype = torch.float16 if device.type == "cuda" else torch.float32
    try:
        with _quiet():
            loading: Any = kind.from_pretrained(
                folder,
                local_files_only=True,
                dtype=dtype,
                key_mapping=rename,
                ignore_mismatched_sizes=True,
                output_loading_info=True,
            )
            model: Model = loading[0]
            found: dict[str, Any] = loading[1]
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        said = str(error).strip().splitlines() or [type(error).__name__]
        raise EngineUnavailable(
            f"{tower.name} in {folder} does not load: {said[0]}", "wrong_weights"
        ) from error
    if lacking := sorted({*found["missing_keys"], *(key for key, *_ in found["mismatched_keys"])}):
        raise EngineUnavailable(
            f"{folder} lacks {len(lacking)} of {tower.name}'s weights, such as {lacking[0]}: "
            f"get it with `python -m models download {tower.download}`",
            "wrong_weights",
        )
    model.requires_grad_(False).train(False)
    model.to(device)
    return model


def fingerprint(facts: dict[str, Any], first_weights: Tensor) -> str:
    """What tells towers apart: their sizes and settings, and the weights of their first layer in half precision, by
    which two networks of one size differ. The same for any layout of a folder."""
    weights = first_weights.detach().to("cpu", torch.float16).contiguous().numpy().tobytes()
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode() + weights).hexdigest()[:16]


@contextmanager
def _quiet() -> Iterator[None]:
    """Without transformers' progress bar and its list of the weights that a tower does not need."""
    verbosity, bar = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bar:
            logging.enable_progress_bar()
