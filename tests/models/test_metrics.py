from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.base import EMOTIONS
from models.metrics import lines, measure
from models.plot import reliability

pairs = st.lists(st.tuples(st.sampled_from(EMOTIONS), st.sampled_from(EMOTIONS), st.floats(0, 1)), min_size=1)


def test_the_gap_of_confidence_and_truth_is_the_calibration_error() -> None:
    sure = [0.9] * 10
    assert measure(["happy"] * 9 + ["sad"], ["happy"] * 10, sure).calibration_error == pytest.approx(0)
    assert measure(["happy"] * 5 + ["sad"] * 5, ["happy"] * 10, sure).calibration_error == pytest.approx(0.4)


def test_classes_count_alike_in_the_balanced_figures() -> None:
    metrics = measure(["happy"] * 3 + ["sad"], ["happy", "happy", "angry", "sad"], [None] * 4)
    assert metrics.accuracy == 0.75
    assert metrics.balanced_accuracy == pytest.approx((2 / 3 + 1) / 2)
    assert metrics.macro_f1 == pytest.approx((4 / 5 + 1) / 2)
    assert metrics.recall == pytest.approx({"happy": 2 / 3, "sad": 1.0})
    assert metrics.precision == {"happy": 1.0, "angry": 0.0, "sad": 1.0}


def test_answers_without_a_confidence_are_measured_but_for_it() -> None:
    metrics = measure(["happy"], ["happy"], [None])
    assert (metrics.accuracy, metrics.calibration_error, metrics.bins) == (1.0, None, ())
    assert "no probabilities were given" in "\n".join(lines(metrics))


@given(pairs)
def test_figures_are_shares_and_nothing_is_lost(answers: list[tuple[str, str, float]]) -> None:
    labels, named, confidences = zip(*answers, strict=True)
    metrics = measure(labels, named, confidences)
    assert metrics.confusion.sum() == metrics.count == sum(each.count for each in metrics.bins)
    assert metrics.calibration_error is not None
    for share in (metrics.accuracy, metrics.balanced_accuracy, metrics.macro_f1, metrics.calibration_error):
        assert 0 <= share <= 1


@given(pairs)
def test_the_plot_has_a_point_for_each_bin(answers: list[tuple[str, str, float]]) -> None:
    metrics = measure(*zip(*answers, strict=True))
    svg = ElementTree.fromstring(reliability(metrics.bins, "test"))
    assert len(svg.findall("{http://www.w3.org/2000/svg}circle")) == len(metrics.bins)


def test_nothing_cannot_be_measured() -> None:
    with pytest.raises(ValueError):
        measure([], [], [])
