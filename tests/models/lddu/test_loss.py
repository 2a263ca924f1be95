from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from models.lddu.head import HeadOutput
from models.lddu.loss import LdduLoss, LossConfig, confidence_loss, contrast_loss, order_loss, points_of

LABELS = torch.eye(7)[[0, 0, 6, 1]]


def output(**changed: torch.Tensor) -> HeadOutput:
    torch.manual_seed(0)
    made = HeadOutput(
        score=torch.randn(4, 7),
        mean_score=torch.randn(4, 7),
        confidence=torch.randn(4, 7),
        mean=torch.randn(4, 2, 7, 8),
        log_variance=torch.full((4, 2, 7, 8), -2.0),
        present=torch.ones(4, 2, dtype=torch.bool),
    )
    return replace(made, **changed)


def test_confidence_is_asked_to_be_where_the_means_are_right() -> None:
    right = 10 * (2 * LABELS - 1)
    sure, unsure = torch.full((4, 7), 5.0), torch.full((4, 7), -5.0)
    assert confidence_loss(output(mean_score=right, confidence=sure), LABELS) < 0.01
    assert confidence_loss(output(mean_score=-right, confidence=unsure), LABELS) < 0.01
    assert confidence_loss(output(mean_score=right, confidence=unsure), LABELS) > 4


def test_points_of_a_kind_are_drawn_together() -> None:
    kinds = torch.tensor([0, 0, 1, 1])
    apart = torch.tensor([[1.0, 0], [0.0, 1], [1.0, 0], [0.0, 1]])
    together = torch.tensor([[1.0, 0], [1.0, 0], [0.0, 1], [0.0, 1]])
    assert contrast_loss(together, kinds, together, kinds, 0.07) < 1e-4
    assert contrast_loss(apart, kinds, apart, kinds, 0.07) > 5


def test_a_point_without_a_like_costs_nothing() -> None:
    points, kinds = torch.eye(2), torch.tensor([0, 1])
    assert contrast_loss(points, kinds, points, kinds, 0.07) == 0


def test_what_was_not_given_has_no_points() -> None:
    present = torch.tensor([[True, True], [True, False], [False, True], [True, False]])
    points, kinds = points_of(output(present=present), LABELS)
    assert points.shape == (5 * 7, 8) and kinds.shape == (5 * 7,)
    assert torch.allclose(points.norm(dim=1), torch.ones(35))
    # the first clip's two modalities: happy is there (1), the six others are not
    assert kinds[:14].tolist() == [1, 2, 4, 6, 8, 10, 12] * 2


def test_spread_is_asked_to_grow_with_error() -> None:
    score = 3 * (2 * LABELS - 1)
    score[0] *= -1  # the first clip is all wrong
    log_variance = torch.full((4, 2, 7, 8), -2.0)
    wider_where_wrong, wider_elsewhere = log_variance.clone(), log_variance.clone()
    wider_where_wrong[0] = 0.0
    wider_elsewhere[1] = 0.0
    losses = [
        order_loss(output(score=score, log_variance=each), LABELS, 0.1)
        for each in (wider_where_wrong, log_variance, wider_elsewhere)
    ]
    assert losses == sorted(losses) and losses[0] < losses[2] / 2


def test_earlier_batches_stay_in_the_contrast_up_to_the_queue_s_length() -> None:
    loss = LdduLoss(LossConfig(queue=80))
    for _ in range(3):
        assert loss(output(), LABELS).isfinite()
    assert loss._queue is not None and len(loss._queue[0]) == len(loss._queue[1]) == 80
    assert not loss._queue[0].requires_grad


def test_every_part_of_the_output_is_taught() -> None:
    made = output()
    parts = {
        name: getattr(made, name).clone().requires_grad_()
        for name in ("score", "confidence", "mean", "log_variance")
    }
    LdduLoss()(replace(made, **parts), LABELS).backward()
    for name, part in parts.items():
        assert part.grad is not None and part.grad.abs().sum() > 0, name


def test_the_weights_are_the_paper_s() -> None:
    config = LossConfig()
    assert (config.confidence, config.contrast, config.order) == (0.3, 1.0, 0.3)
    assert (config.queue, config.temperature) == (8192, pytest.approx(0.07))
