from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.lddu.data import Dataset, DataUnusable, Features, padded
from tests.models.lddu.synthetic import dataset, turning


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"labels": np.ones((4, 6), np.float32)}, "labels are"),
        ({"labels": np.zeros((4, 7), np.float32)}, "a clip has no label"),
        ({"labels": np.full((4, 7), 0.5, np.float32)}, "neither 0 nor 1"),
        ({"labels": np.ones((3, 7), np.float32)}, "for 3 clips"),
        ({"masks": {"vision": np.ones((4, 2), bool), "audio": np.ones((4, 2), bool)}}, "under a mask"),
    ],
)
def test_features_that_do_not_fit_together_are_refused(changed: dict, said: str) -> None:
    with pytest.raises(DataUnusable, match=said):
        replace(turning(4, 0), **changed)


def test_only_real_steps_must_be_finite() -> None:
    features = turning(4, 0)
    padding = ~features.masks["vision"]
    padding[0, -1] = True
    masks = {**features.masks, "vision": ~padding}
    values = {**features.values, "vision": np.where(padding[..., None], np.nan, features.values["vision"])}
    assert len(Features(values=values, masks=masks, labels=features.labels)) == 4
    with pytest.raises(DataUnusable, match="vision has values that are not finite"):
        Features(values=values, masks={**masks, "vision": np.ones_like(padding)}, labels=features.labels)


def test_the_hash_is_of_values_and_labels() -> None:
    data = dataset(20)
    assert data.sha256() == dataset(20).sha256()
    labels = data.test.labels[::-1].copy()
    assert data.sha256() != replace(data, test=replace(data.test, labels=labels)).sha256()


def test_no_split_is_empty_or_of_another_width() -> None:
    data = dataset(20)
    nothing = data.test.take(np.zeros(0, dtype=np.intp))
    with pytest.raises(DataUnusable, match="nothing in the test split"):
        replace(data, test=nothing)
    blind = Features(
        values={"audio": data.test.values["audio"]},
        masks={"audio": data.test.masks["audio"]},
        labels=data.test.labels,
    )
    with pytest.raises(DataUnusable, match="the test split"):
        Dataset(name="", train=data.train, validation=data.validation, test=blind, towers=data.towers)


def test_clips_of_any_length_are_padded_under_masks() -> None:
    values, masks = padded([{"vision": np.ones((3, 2), np.float32)}, {}], {"vision": 2, "audio": 4})
    assert values["vision"].shape == (2, 3, 2) and masks["vision"].tolist() == [[True] * 3, [False] * 3]
    assert values["audio"].shape == (2, 1, 4) and not masks["audio"].any()
