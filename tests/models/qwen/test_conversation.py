from __future__ import annotations

import pytest

from models.base import EMOTIONS
from tests.models.qwen.conftest import tone

SOUND = tone(1.3)


@pytest.fixture(params=["both", "picture", "sound"])
def inputs(request, thinker, face):
    return thinker.inputs(
        face if request.param != "sound" else [], SOUND if request.param != "picture" else None, "en"
    )


def anew(thinker, inputs, more=()):
    """Logits of one pass over everything, with positions as transformers finds them itself."""
    import torch

    ids = torch.tensor([[*inputs.tokens, *more]])
    with torch.inference_mode():
        return thinker.model(input_ids=ids, attention_mask=torch.ones_like(ids), **inputs.features).logits[0]


def close(ours, theirs):
    import torch

    assert theirs.std() > 0.1
    return torch.allclose(ours, theirs, atol=1e-3)


def test_what_was_read_is_read_as_transformers_reads_it(thinker, inputs):
    assert close(thinker.read(inputs).next_logits, anew(thinker, inputs)[-1])


def test_going_on_is_the_same_as_reading_it_all_anew(thinker, inputs):
    conversation = thinker.read(inputs)
    more = thinker.chat.next(thinker.chat.text("happy"), "Why?")
    conversation.read(more)
    assert close(conversation.next_logits, anew(thinker, inputs, more)[-1])
    conversation.read(more[:1])
    assert close(conversation.next_logits, anew(thinker, inputs, [*more, more[0]])[-1])


def test_answers_have_the_probability_that_reading_each_anew_gives(thinker, inputs):
    answers = [thinker.chat.text(emotion) for emotion in EMOTIONS]
    assert {len(answer) for answer in answers} >= {1, 2, 3}
    given = thinker.read(inputs).log_probabilities(answers)
    for answer, score in zip(answers, given, strict=True):
        logits = anew(thinker, inputs, answer)[-len(answer) - 1 : -1].log_softmax(-1)
        whole = sum(float(row[token]) for row, token in zip(logits, answer, strict=True))
        assert score == pytest.approx(whole, abs=2e-3)


def test_asking_for_probabilities_leaves_the_conversation_where_it_was(thinker, inputs):
    asked, plain = thinker.read(inputs), thinker.read(inputs)
    asked.log_probabilities([thinker.chat.text(emotion) for emotion in EMOTIONS])
    more = thinker.chat.text("happy")
    asked.read(more)
    plain.read(more)
    assert (asked.next_logits == plain.next_logits).all()


def test_a_reply_is_what_transformers_generates(thinker, inputs):
    import torch

    ids = torch.tensor([inputs.tokens])
    theirs = thinker.model.generate(
        input_ids=ids,
        attention_mask=torch.ones_like(ids),
        **inputs.features,
        max_new_tokens=8,
        do_sample=False,
        eos_token_id=sorted(thinker.chat.ends),
        pad_token_id=0,
    )[0, len(inputs.tokens) :].tolist()
    ours = list(thinker.read(inputs).reply(thinker.chat.ends, 8))
    assert ours == [token for token in theirs if token not in thinker.chat.ends]


def test_a_reply_ends_where_it_is_told_to(thinker, inputs):
    token = next(thinker.read(inputs).reply(frozenset(), 1))
    assert list(thinker.read(inputs).reply(frozenset({token}), 8)) == []
    assert len(list(thinker.read(inputs).reply(frozenset(), 3))) == 3


def test_tokens_are_counted(thinker, inputs):
    conversation = thinker.read(inputs)
    assert conversation.tokens == len(inputs.tokens)
    conversation.read([5, 6, 7])
    assert conversation.tokens == len(inputs.tokens) + 3
    conversation.log_probabilities([[5], [5, 6], [5, 6, 7]])
    assert conversation.tokens == len(inputs.tokens) + 3 + 2 * 2
