"""What a head is trained for: the right labels, knowing when its means are right, labels apart, honest spread."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, normalize

from models.lddu.head import HeadOutput
from models.lddu.latent import draw


@dataclass(frozen=True, slots=True, kw_only=True)
class LossConfig:
    """Weights of the terms beside that of the score, the points kept for contrast, and its temperature: the paper's.

    `sharpness` is the temperature at which errors and spreads are compared, which the paper does not give.
    """

    confidence: float = 0.3
    contrast: float = 1.0
    order: float = 0.3
    queue: int = 8192
    temperature: float = 0.07
    sharpness: float = 0.1


class LdduLoss:
    """The loss of a batch; keeps the points of earlier ones for contrast."""

    def __init__(self, config: LossConfig = LossConfig()) -> None:
        self._config = config
        self._queue: tuple[Tensor, Tensor] | None = None

    def __call__(self, output: HeadOutput, labels: Tensor) -> Tensor:
        """A scalar, for labels (batch, labels) of 0 and 1."""
        config = self._config
        points, kinds = points_of(output, labels)
        candidates, candidate_kinds = points, kinds
        if self._queue is not None:
            candidates = torch.cat([points, self._queue[0]])
            candidate_kinds = torch.cat([kinds, self._queue[1]])
        self._queue = candidates[: config.queue].detach(), candidate_kinds[: config.queue]
        return (
            binary_cross_entropy_with_logits(output.score, labels)
            + config.confidence * confidence_loss(output, labels)
            + config.contrast * contrast_loss(points, kinds, candidates, candidate_kinds, config.temperature)
            + config.order * order_loss(output, labels, config.sharpness)
        )


def confidence_loss(output: HeadOutput, labels: Tensor) -> Tensor:
    """Cross-entropy of the confidence.

    The paper calls it a confidence and leaves its target open: here it is whether the means' own score is on the
    right side, since the confidence is the share that this score gets.
    """
    right = (output.mean_score.detach() > 0) == (labels > 0.5)
    return binary_cross_entropy_with_logits(output.confidence, right.to(output.confidence.dtype))


def points_of(output: HeadOutput, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Unit vectors (points, latent) drawn from the Gaussians of what was given, and the kind of each (points,).

    Points of one label, there or not there, are of one kind, whatever modality they come from. That a label's
    absence is a kind too is our reading: without it, its embedding alone would tell a label's points apart.
    """
    drawn = normalize(draw(output.mean, output.log_variance), dim=-1)
    kinds = 2 * torch.arange(labels.shape[1], device=labels.device) + labels.round().long()
    kinds = kinds.unsqueeze(1).expand(drawn.shape[:3])
    return drawn[output.present].flatten(0, 1), kinds[output.present].flatten()


def contrast_loss(
    points: Tensor, kinds: Tensor, candidates: Tensor, candidate_kinds: Tensor, temperature: float
) -> Tensor:
    """Supervised contrast: Khosla et al. (2020), equation 2. The first candidates are the points themselves."""
    likeness = points @ candidates.T / temperature
    itself = torch.eye(len(points), len(candidates), dtype=torch.bool, device=points.device)
    shares = likeness.masked_fill(itself, -torch.inf).log_softmax(dim=1)
    alike = (kinds.unsqueeze(1) == candidate_kinds) & ~itself
    paired = alike.sum(dim=1)
    each = shares.masked_fill(~alike, 0.0).sum(dim=1) / paired.clamp(min=1)
    return -each[paired > 0].sum() / (paired > 0).sum().clamp(min=1)


def order_loss(output: HeadOutput, labels: Tensor, sharpness: float) -> Tensor:
    """Symmetric divergence between how wrong the batch's scores are and how far its Gaussians spread.

    The paper calibrates the spread by a symmetric Kullback-Leibler divergence; between what is our reading, after
    Tellamekala et al., "COLD Fusion" (2023): of each label, the errors over the batch and the root mean square
    sigmas, both as a softmax. It is least where spread grows with the error to be expected. The errors are targets.
    """
    errors = (labels - output.score.detach().sigmoid()).abs()
    dimensions = output.mean.shape[1] * output.mean.shape[3]
    wrong = (errors / sharpness).log_softmax(dim=0)
    wide = (output.uncertainty / dimensions**0.5 / sharpness).log_softmax(dim=0)
    divergence = (wrong.exp() - wide.exp()) * (wrong - wide)
    total: Tensor = divergence.sum(dim=0).mean()
    return total
