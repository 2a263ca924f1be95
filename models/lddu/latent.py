"""A label's place in the latent emotion space: a Gaussian with a diagonal covariance."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

LOG_VARIANCE = (-8.0, 4.0)
"""Bounds of log sigma^2, which keep sigma between 0.02 and 7.4 whatever the features are."""


class LatentDistribution(nn.Module):
    """Maps a label's features to the mean and log variance of its Gaussian.

    The paper gives the widths, 256-192-128-128, not where the two part: here they share all but the last layer.
    """

    def __init__(self, width: int, hidden: Sequence[int], latent: int) -> None:
        super().__init__()
        widths = [width, *hidden]
        layers = [layer for size in pairwise(widths) for layer in (nn.Linear(*size), nn.GELU())]
        self.shared = nn.Sequential(*layers)
        self.mean = nn.Linear(widths[-1], latent)
        self.log_variance = nn.Linear(widths[-1], latent)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Features (…, width) to mean and log variance, each (…, latent)."""
        shared = self.shared(features)
        return self.mean(shared), self.log_variance(shared).clamp(*LOG_VARIANCE)


def deviation(log_variance: Tensor) -> Tensor:
    """Sigma, of the same shape."""
    return (log_variance / 2).exp()


def spread(log_variance: Tensor) -> Tensor:
    """||sigma|| of each label (batch, labels), over all modalities, from (batch, modalities, labels, latent)."""
    return deviation(log_variance).square().sum(dim=(1, 3)).sqrt()


def draw(mean: Tensor, log_variance: Tensor) -> Tensor:
    """A point of each Gaussian, through which gradients reach both parameters; of their shape."""
    return mean + deviation(log_variance) * torch.randn_like(mean)
