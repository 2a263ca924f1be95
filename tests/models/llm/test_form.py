from __future__ import annotations

import pytest

from models.llm.form import Form


@pytest.mark.parametrize(
    ("refusal", "left"),
    [
        ("Unrecognized request argument supplied: stream_options", Form(usage=False)),
        ("body.stream_options: Extra inputs are not permitted", Form(usage=False)),
        ("System message must be at the beginning.", Form(together=True)),
        ("Conversation roles must alternate user/assistant/user/assistant/...", Form(together=True)),
        ("maximum context length is 4096 tokens", None),
        ("Invalid value for content", None),
    ],
)
def test_a_refusal_says_what_to_leave_out(refusal, left):
    assert Form().without(refusal) == left


def test_refusals_end():
    form, steps = Form(), 0
    while (form := form.without("stream_options of system")) is not None:
        steps += 1
    assert steps == 2
