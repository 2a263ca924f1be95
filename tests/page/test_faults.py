"""The page has words for every code by which the server says what does not work."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from models.base import EngineCode
from pipeline.history import trouble
from web.routes.shared import HISTORY

FAULTS = Path(__file__).parent.parent.parent / "web" / "static" / "js" / "words" / "faults.js"
REFUSALS = {"no_engine", "clips_unwritable", "disk_full", "disk_low", "disk_slow", "receive_path"}


def test_every_code_has_words_in_each_language_and_no_words_are_of_a_code_that_is_none():
    worded = re.findall(r"^    (\w+): \"", FAULTS.read_text(encoding="utf-8"), re.MULTILINE)
    codes = {*get_args(EngineCode), *REFUSALS, *HISTORY, *trouble.WORDS}
    assert sorted(worded) == sorted([*codes, *codes])
