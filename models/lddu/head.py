"""The network: what each modality says of each label, joined by how sure it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from models.base import EMOTIONS
from models.lddu.data import MODALITIES, Modality
from models.lddu.latent import LatentDistribution, deviation, spread

LABELS = len(EMOTIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadConfig:
    """Sizes of a head. `widths` names the modalities it takes and the width of each one's features; the others are
    the paper's. Raises `ValueError` for sizes that do not go together."""

    widths: Mapping[Modality, int]
    width: int = 256
    layers: int = 3
    heads: int = 8
    latent_hidden: tuple[int, ...] = (192, 128)
    latent: int = 128
    dropout: float = 0.1

    def __post_init__(self) -> None:
        if not self.widths or not set(self.widths) <= set(MODALITIES):
            raise ValueError(f"a head takes one or more of {', '.join(MODALITIES)}, not {dict(self.widths)}")
        sizes = (*self.widths.values(), self.width, self.layers, self.heads, *self.latent_hidden, self.latent)
        if min(sizes) < 1 or self.width % self.heads or self.width % 2:
            raise ValueError("sizes are at least 1, and the width is even and a multiple of the heads")

    @property
    def modalities(self) -> tuple[Modality, ...]:
        """Those taken, in the order of `MODALITIES`."""
        return tuple(modality for modality in MODALITIES if modality in self.widths)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadOutput:
    """What a head says of a batch; labels are in the order of `EMOTIONS`.

    `score` (batch, labels) are log-odds that a label is there, from `mean_score`, which the means give, and a score
    of the deviations, in the shares of the confidence and what it lacks; `confidence` (batch, labels) is the
    confidence's log-odds. `mean` and `log_variance` (batch, modalities, labels, latent) are the Gaussians;
    `present` (batch, modalities) is False where a modality was missing, so that its Gaussians are of no input.
    """

    score: Tensor
    mean_score: Tensor
    confidence: Tensor
    mean: Tensor
    log_variance: Tensor
    present: Tensor

    @property
    def uncertainty(self) -> Tensor:
        """||sigma|| of each label (batch, labels)."""
        return spread(self.log_variance)


class LdduHead(nn.Module):
    """Takes features of any of its modalities and scores the labels.

    The paper leaves open whether the scores of means and deviations are mixed as probabilities or as log-odds, and
    whether labels have score layers of their own. Here they are log-odds, which a softmax and a temperature can
    take on, and the layers are shared: a label is told apart by its embedding.
    """

    def __init__(self, config: HeadConfig) -> None:
        super().__init__()
        self.config = config
        width, modalities = config.width, config.modalities
        self.labels = nn.Parameter(torch.randn(LABELS, width) * width**-0.5)
        self.encoders = nn.ModuleDict({name: ModalityEncoder(name, config) for name in modalities})
        self.latents = nn.ModuleDict(
            {name: LatentDistribution(width, config.latent_hidden, config.latent) for name in modalities}
        )
        self.confidence = nn.Sequential(
            nn.Linear(len(modalities) * width, width), nn.GELU(), nn.Linear(width, 1)
        )
        self.of_means = nn.Linear(len(modalities) * config.latent, 1)
        self.of_deviations = nn.Linear(len(modalities) * config.latent, 1)

    def forward(self, values: Mapping[Modality, Tensor], masks: Mapping[Modality, Tensor]) -> HeadOutput:
        """Score features (batch, steps, width) under masks (batch, steps), True at real steps, by modality.

        A modality may be left out, or be masked altogether in some rows. Raises `ValueError` when there is none
        that the head takes, or a real step has a value that is not finite.
        """
        known = [name for name in self.config.modalities if name in values]
        if not known:
            raise ValueError(f"the head takes {', '.join(self.config.modalities)}, and got none of them")
        batch = len(values[known[0]])
        features, present, means, log_variances = [], [], [], []
        for name in self.config.modalities:
            said, there = self.encoders[name](self.labels, batch, values.get(name), masks.get(name))
            mean, log_variance = self.latents[name](said)
            features.append(said)
            present.append(there)
            means.append(mean)
            log_variances.append(log_variance)
        mean_score = self.of_means(torch.cat(means, dim=-1)).squeeze(-1)
        spread_score = self.of_deviations(deviation(torch.cat(log_variances, dim=-1))).squeeze(-1)
        confidence = self.confidence(torch.cat(features, dim=-1)).squeeze(-1)
        trust = confidence.sigmoid()
        return HeadOutput(
            score=mean_score * trust + spread_score * (1 - trust),
            mean_score=mean_score,
            confidence=confidence,
            mean=torch.stack(means, dim=1),
            log_variance=torch.stack(log_variances, dim=1),
            present=torch.stack(present, dim=1),
        )


class ModalityEncoder(nn.Module):
    """One modality's steps, encoded, and what each label finds in them.

    The paper does not say how a missing modality is scored, nor how steps are numbered. Here each label has learned
    features for "nothing was given", and only real steps are counted, so that it does not matter where padding is.
    """

    def __init__(self, modality: Modality, config: HeadConfig) -> None:
        super().__init__()
        self.modality, self.width = modality, config.width
        self.norm = nn.LayerNorm(config.widths[modality])
        self.project = nn.Linear(config.widths[modality], config.width)
        layer = nn.TransformerEncoderLayer(
            config.width,
            config.heads,
            2 * config.width,
            config.dropout,
            activation="gelu",
            batch_first=True,
            norm_first=True,
        )
        self.encoder = nn.TransformerEncoder(
            layer, config.layers, norm=nn.LayerNorm(config.width), enable_nested_tensor=False
        )
        self.attention = nn.MultiheadAttention(config.width, config.heads, config.dropout, batch_first=True)
        self.attended = nn.LayerNorm(config.width)
        self.absent = nn.Parameter(torch.randn(LABELS, config.width) * config.width**-0.5)

    def forward(
        self, labels: Tensor, batch: int, values: Tensor | None, mask: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """Label features (batch, labels, width), and in which rows there was anything (batch,)."""
        absent = self.absent.expand(batch, -1, -1)
        if values is None or mask is None:
            return absent, torch.zeros(batch, dtype=torch.bool, device=labels.device)
        values = values.masked_fill(~mask.unsqueeze(-1), 0.0)
        if not values.isfinite().all():
            raise ValueError(f"the {self.modality} features are not all finite")
        present = mask.any(dim=1)
        # Attention over nothing is not a number: rows without a step attend to one, and are then put aside.
        ignored = ~mask & present.unsqueeze(1)
        steps = self.project(self.norm(values)) + positions(mask, self.width)
        encoded = self.encoder(steps, src_key_padding_mask=ignored)
        asked = labels.expand(batch, -1, -1)
        found, _ = self.attention(asked, encoded, encoded, key_padding_mask=ignored, need_weights=False)
        return torch.where(present[:, None, None], self.attended(asked + found), absent), present


def positions(mask: Tensor, width: int) -> Tensor:
    """Sines and cosines (batch, steps, width) of each step's number among the real ones; Vaswani et al. (2017), 3.5."""
    number = mask.cumsum(dim=1).unsqueeze(-1) - 1
    rates = 1e4 ** (-torch.arange(0, width, 2, device=mask.device) / width)
    return torch.cat([(number * rates).sin(), (number * rates).cos()], dim=-1)
