"""Fits a head to data: seeded, stopped by the validation split, measured on all that it did not learn from."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from models.lddu.checkpoint import Checkpoint, Manifest
from models.lddu.data import Dataset, DataUnusable, Features, Modality
from models.lddu.evaluate import inputs, predict
from models.lddu.head import HeadConfig, LdduHead
from models.lddu.loss import LdduLoss, LossConfig
from models.lddu.metrics import fit_temperature, measure


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainConfig:
    """The paper's figures, where it gives one.

    Training ends when validation has not improved for `patience` epochs. `thinning` is the share of clips in which
    a modality that there is another of is left out, which the paper does not do: calls lack sound or picture.
    """

    epochs: int = 30
    batch_size: int = 64
    learning_rate: float = 2e-4
    seed: int = 0
    patience: int = 5
    thinning: float = 0.1
    loss: LossConfig = field(default_factory=LossConfig)


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """Losses after an epoch, `number` from 1: all terms on train, the score's alone on validation. `best` says
    that validation was never lower."""

    number: int
    train: float
    validation: float
    best: bool


Report = Callable[[Epoch], None]


def train(
    dataset: Dataset, head: HeadConfig, config: TrainConfig, device: torch.device, report: Report
) -> Checkpoint:
    """Fit a head and its temperature, then measure it on validation and test. Raises `DataUnusable`, and
    `KeyboardInterrupt` only before the first epoch is done: later ones end the training."""
    fitted, epochs = fit(dataset.train, dataset.validation, head, config, device, report)
    scores = {
        name: predict(fitted, split).scores for name, split in dataset.splits().items() if name != "train"
    }
    temperature = fit_temperature(scores["validation"], dataset.validation.labels)
    splits = dataset.splits()
    manifest = Manifest(
        head=head,
        towers=dataset.towers,
        data=dataset.name,
        data_sha256=dataset.sha256(),
        data_notes=dataset.notes,
        clips={name: len(split) for name, split in splits.items()},
        seed=config.seed,
        epochs=epochs,
        temperature=temperature,
        metrics={name: measure(each, splits[name].labels, temperature) for name, each in scores.items()},
    )
    return Checkpoint(head=fitted, manifest=manifest)


def fit(
    train: Features,
    validation: Features,
    head_config: HeadConfig,
    config: TrainConfig,
    device: torch.device,
    report: Report,
) -> tuple[LdduHead, int]:
    """The head of the epoch that was best on validation, and that epoch's number."""
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        torch.manual_seed(config.seed)
        chance = torch.Generator().manual_seed(config.seed)
        head = LdduHead(head_config).to(device)
        optimizer = torch.optim.AdamW(head.parameters(), lr=config.learning_rate)
        loss = LdduLoss(config.loss)
        best, best_loss, best_number = copy.deepcopy(head.state_dict()), float("inf"), 0
        try:
            for number in range(1, config.epochs + 1):
                lost = _epoch(head, train, loss, optimizer, config, chance)
                found = validation_loss(head, validation)
                if not np.isfinite([lost, found]).all():
                    raise DataUnusable("training diverged: try a lower learning rate")
                better = found < best_loss
                report(Epoch(number=number, train=lost, validation=found, best=better))
                if better:
                    best, best_loss, best_number = copy.deepcopy(head.state_dict()), found, number
                elif number - best_number >= config.patience:
                    break
        except KeyboardInterrupt:
            if not best_number:
                raise
    head.load_state_dict(best)
    return head.requires_grad_(False).eval(), best_number


def validation_loss(head: LdduHead, features: Features) -> float:
    """Cross-entropy of the scores."""
    scores = torch.from_numpy(predict(head, features).scores)
    return float(binary_cross_entropy_with_logits(scores, torch.from_numpy(features.labels)))


def _epoch(
    head: LdduHead,
    features: Features,
    loss: LdduLoss,
    optimizer: torch.optim.Optimizer,
    config: TrainConfig,
    chance: torch.Generator,
) -> float:
    """Go through the clips once, in random order; the mean loss."""
    head.train()
    losses = []
    order = torch.randperm(len(features), generator=chance).numpy()
    for at in range(0, len(order), config.batch_size):
        batch = features.take(order[at : at + config.batch_size])
        values, masks = inputs(batch, head.labels.device)
        output = head(values, thinned(masks, config.thinning, chance))
        lost = loss(output, torch.from_numpy(batch.labels).to(head.labels.device))
        optimizer.zero_grad()
        torch.autograd.backward(lost)
        torch.nn.utils.clip_grad_norm_(head.parameters(), 1.0)
        optimizer.step()
        losses.append(lost.item())
    return float(np.mean(losses))


def thinned(masks: dict[Modality, Tensor], share: float, chance: torch.Generator) -> dict[Modality, Tensor]:
    """Masks in which that share of modalities is left out, but nothing of a clip that would lose all it has."""
    given = torch.stack([mask.any(dim=1) for mask in masks.values()])
    kept = given & (torch.rand(given.shape, generator=chance) >= share).to(given.device)
    kept |= ~kept.any(dim=0)
    return {name: mask & keep.unsqueeze(1) for (name, mask), keep in zip(masks.items(), kept, strict=True)}
