"""What the models are told not to say, whoever asks and in whichever language."""

from __future__ import annotations

from typing import get_args

import pytest

from models.base import Language
from models.prompt import SYSTEM

WITHHELD = {
    "en": ("who", "identity", "age", "gender", "ethnicity", "health"),
    "zh": ("是谁", "身份", "年龄", "性别", "种族", "健康"),
}


@pytest.mark.parametrize("language", get_args(Language))
def test_the_model_is_told_to_say_nothing_of_who_somebody_is_or_is_taken_for(language):
    # Of the label and of the description, also where a caller's own prompt takes the place of that.
    assert all(word in SYSTEM[language] for word in WITHHELD[language])
