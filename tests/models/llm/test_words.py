from __future__ import annotations

import math
import re

import pytest

from models.llm.words import CODES, Trouble, words


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_words_in_both_languages(code):
    trouble = Trouble(code=code, host="api.example.org", model="gpt-x", said="no way")
    english, chinese = words(trouble, "en"), words(trouble, "zh")
    assert english != chinese and not re.search("[一-龥]", english) and re.search("[一-龥]", chinese)
    for text in (english, chinese):
        assert "no way" in text and "{" not in text and "None" not in text


def test_words_name_the_host_and_the_setting():
    assert (
        words(Trouble(code="chat_wrong_key", host="api.openai.com"), "en")
        == "The key for api.openai.com was refused: check OPENAI_API_KEY."
    )
    assert words(Trouble(code="chat_no_model", host="h", no_v1=True), "en") == (
        "h lists no model: name one in OPENAI_MODEL. Should OPENAI_API_BASE end in /v1?"
    )


def test_nobody_who_cannot_be_reached_has_said_anything():
    trouble = Trouble(code="chat_unreachable", host="h", said="no route")
    assert words(trouble, "en") == "h cannot be reached. The cause: no route"
    assert words(trouble, "zh") == "无法连接 h。原因：no route"


@pytest.mark.parametrize(
    ("wait", "said"), [(None, "in a moment"), (math.inf, "in a moment"), (16.2, "in 17 s")]
)
def test_a_wait_is_named(wait, said):
    assert said in words(Trouble(code="chat_rate_limited", host="h", wait=wait), "en")
