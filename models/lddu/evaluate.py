"""A head's scores for a whole split, and how good they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.lddu.checkpoint import Checkpoint
from models.lddu.data import Dataset, DataUnusable, Features, Modality
from models.lddu.head import LdduHead
from models.lddu.metrics import Metrics, measure

BATCH = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictions:
    """`scores` are log-odds, `uncertainty` ||sigma||, both (n, 7)."""

    scores: NDArray[np.float32]
    uncertainty: NDArray[np.float32]


Inputs = tuple[dict[Modality, Tensor], dict[Modality, Tensor]]
"""Values and masks as a head takes them."""


def inputs(features: Features, device: torch.device) -> Inputs:
    """Features as tensors on the head's device."""
    values = {name: torch.from_numpy(each).to(device) for name, each in features.values.items()}
    masks = {name: torch.from_numpy(each).to(device) for name, each in features.masks.items()}
    return values, masks


def predict(head: LdduHead, features: Features) -> Predictions:
    """What a head says of each clip. Leaves it in the mode of evaluation."""
    head.eval()
    device = head.labels.device
    scores, uncertainty = [], []
    with torch.inference_mode():
        for rows in np.array_split(np.arange(len(features)), -(-len(features) // BATCH)):
            output = head(*inputs(features.take(rows), device))
            scores.append(output.score.cpu().numpy())
            uncertainty.append(output.uncertainty.cpu().numpy())
    return Predictions(scores=np.concatenate(scores), uncertainty=np.concatenate(uncertainty))


def evaluate(checkpoint: Checkpoint, dataset: Dataset, split: str) -> Metrics:
    """Measure a head on a split of data that it can take. Raises `DataUnusable` when it cannot."""
    manifest = checkpoint.manifest
    for name, width in manifest.head.widths.items():
        given = dataset.train.widths.get(name)
        if given is not None and given != width:
            raise DataUnusable(
                f"{name} is {given} wide in the data, and {width} in what the head was trained on"
            )
        if given is not None and dataset.towers[name] != manifest.towers[name]:
            raise DataUnusable(
                f"the {name} features come from another tower than those the head was trained on"
            )
    if not set(manifest.head.widths) & set(dataset.train.widths):
        raise DataUnusable(f"the head takes {', '.join(manifest.head.widths)}, and the data has none of it")
    features = dataset.splits()[split]
    scores = predict(checkpoint.head, features).scores
    return measure(scores, features.labels, manifest.temperature)
