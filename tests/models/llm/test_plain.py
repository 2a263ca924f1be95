from __future__ import annotations

from models.llm.plain import plain


def test_a_text_is_shown_as_it_is_written():
    assert plain("a <b>\n*c*\n\n\n\n& d") == "<p>a &lt;b&gt;<br>*c*</p><p>&amp; d</p>"


def test_nothing_is_no_paragraph():
    assert plain(" \n\n ") == ""
