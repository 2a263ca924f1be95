from __future__ import annotations

import numpy as np
import pytest

from models.base import SAMPLE_RATE, EngineFailed
from models.selection import LONGEST, MOST_LOOKS, audible, spread


def tone(seconds: float) -> np.ndarray:
    return np.sin(np.arange(round(seconds * SAMPLE_RATE)) / 5).astype(np.float32)


def test_looks_are_spread_from_the_first_to_the_last() -> None:
    assert spread(3) == [0, 1, 2]
    assert spread(15) == [0, 2, 4, 6, 8, 10, 12, 14]
    assert all(len(spread(n)) == MOST_LOOKS and spread(n)[-1] == n - 1 for n in range(8, 100))


@pytest.mark.parametrize(
    "waveform",
    [tone(0), 0 * tone(1), 1e-4 * tone(1), tone(0.05)],
    ids=["none", "zeros", "faint", "short"],
)
def test_what_cannot_be_heard_is_no_sound(waveform: np.ndarray) -> None:
    assert audible(waveform) is None


def test_half_a_minute_is_heard() -> None:
    heard = audible(tone(40.0))
    assert heard is not None and len(heard) == LONGEST * SAMPLE_RATE


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_values_that_are_not_numbers_are_said(value: float) -> None:
    waveform = tone(1.0)
    waveform[100] = value
    with pytest.raises(EngineFailed, match="not numbers"):
        audible(waveform)
