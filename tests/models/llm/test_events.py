from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.llm import events as events_module
from models.llm.events import Events

LINES = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=20)


def decoded(*pieces: bytes) -> list[str]:
    events = Events()
    return [data for piece in pieces for data in events.feed(piece)] + events.end()


def test_comments_and_other_fields_are_passed_over():
    stream = b': waiting\n\nevent: x\nid: 1\ndata: {"a": 1}\n\n\n\ndata:[DONE]\n\n'
    assert decoded(stream) == ['{"a": 1}', "[DONE]"]


def test_lines_of_one_event_are_joined_and_the_last_needs_no_end():
    assert decoded(b"data: a\ndata: b\n\ndata: c") == ["a\nb", "c"]


@given(st.lists(LINES.map(lambda text: f"x{text}"), max_size=6), st.data(), st.sampled_from(["\n", "\r\n"]))
def test_bytes_may_be_split_anywhere(texts, data, end):
    """Also within a character; characters that end lines elsewhere do not here."""
    stream = "".join(f"data: {text}{end}{end}" for text in texts).encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=10)))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert decoded(*pieces) == texts


def test_a_line_without_an_end_is_refused(monkeypatch):
    monkeypatch.setattr(events_module, "MOST_BYTES", 10)
    with pytest.raises(ValueError, match="without an end"):
        Events().feed(b"data: 0123456789")
