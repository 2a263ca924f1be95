from __future__ import annotations

import numpy as np
import pytest

from models.lddu.metrics import fit_temperature, measure, probabilities

EYE = np.eye(7)


def test_probabilities_sum_to_one_and_a_temperature_flattens_them() -> None:
    scores = np.array([[800.0, 0, 0, 0, 0, 0, -800.0], [1, 2, 3, 4, 5, 6, 7]])
    assert probabilities(scores, 1.0).sum(axis=1) == pytest.approx([1, 1])
    assert probabilities(scores, 5.0)[1].max() < probabilities(scores, 1.0)[1].max()


def test_the_temperature_undoes_overconfidence() -> None:
    chance = np.random.default_rng(0)
    honest = 2 * chance.normal(size=(4000, 7))
    drawn = np.array([chance.choice(7, p=shares) for shares in probabilities(honest, 1.0)])
    for factor in (0.5, 3.0):
        assert fit_temperature(factor * honest, EYE[drawn]) == pytest.approx(factor, rel=0.1)
    tempered = measure(3 * honest, EYE[drawn], 3.0)
    assert tempered.ece < 0.03 < measure(3 * honest, EYE[drawn], 1.0).ece


def test_metrics_of_a_few_clips_by_hand() -> None:
    labels = EYE[[0, 0, 0, 1]]
    scores = np.full((4, 7), -9.0)
    scores[[0, 1, 2, 3], [0, 0, 1, 1]] = 9.0
    found = measure(scores, labels, 1.0)
    assert (found.clips, found.accuracy) == (4, 0.75)
    assert found.balanced_accuracy == pytest.approx((2 / 3 + 1) / 2)
    assert found.micro_f1 == pytest.approx(2 * 3 / (4 + 4))
    assert found.macro_f1 == pytest.approx((2 * 2 / (3 + 2) + 2 * 1 / (1 + 2)) / 2)
    assert found.ece == pytest.approx(0.25, abs=1e-3)


def test_a_clip_with_several_labels_is_right_with_any_of_them() -> None:
    labels = EYE[[0]] + EYE[[3]]
    scores = np.where(EYE[[3]] == 1, 2.0, -5.0)
    found = measure(scores, labels, 1.0)
    assert found.accuracy == found.balanced_accuracy == 1
    assert found.micro_f1 == pytest.approx(2 / 3)  # one of two labels called


def test_a_few_clips_that_are_all_right_do_not_make_for_certainty() -> None:
    for n in (10, 100):
        scores = 20 * np.eye(7)[np.arange(n) % 7] - 10
        surest = probabilities(scores, fit_temperature(scores, EYE[np.arange(n) % 7])).max()
        assert 1 - 2 / n < surest < 1 - 0.5 / n
