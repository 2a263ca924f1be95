from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.base import EMOTIONS
from models.embedded.expression import FITTED, LARGE_ORDER, SMALL_ORDER, Calibration, join

scores = arrays(np.float64, (7,), elements=st.floats(0, 1)).map(lambda row: (row + 1e-9) / (row + 1e-9).sum())


@given(scores, scores)
def test_joined_probabilities_sum_to_one(small: np.ndarray, large: np.ndarray) -> None:
    joined = join(small, large)
    assert joined.sum() == pytest.approx(1)
    assert (joined > 0).all()


@given(scores)
def test_tempering_lowers_confidence_and_keeps_the_order(opinion: np.ndarray) -> None:
    plain, tempered = (
        join(opinion, opinion, Calibration(small=weight, large=weight, offsets=(0.0,) * 7))
        for weight in (0.5, 0.2)
    )
    assert tempered.max() <= plain.max() + 1e-12
    assert (np.argsort(tempered, kind="stable") == np.argsort(plain, kind="stable")).all() or np.unique(
        opinion
    ).size < 7


def test_no_two_networks_can_make_the_answer_certain() -> None:
    for certain in np.eye(7):
        assert join(certain, certain).max() < 0.97


def test_offsets_move_a_class() -> None:
    even = np.full(7, 1 / 7)
    moved = join(even, even, Calibration(small=0.5, large=0.5, offsets=(1.0, *[0.0] * 6)))
    assert moved[0] == pytest.approx(np.e / (np.e + 6))


def test_every_order_names_every_class_once() -> None:
    assert set(SMALL_ORDER) == set(LARGE_ORDER) == set(EMOTIONS)
    assert len(FITTED.offsets) == len(SMALL_ORDER) == len(LARGE_ORDER) == len(EMOTIONS)
