"""A conversation with a Thinker: read once, then asked on without reading it again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

import torch
from torch import Tensor


class Conversation:
    """Holds the keys and values of all that was read. `model` is a Thinker for conditional generation."""

    @torch.inference_mode()
    def __init__(self, model: Any, tokens: Sequence[int], features: Mapping[str, Tensor]) -> None:
        """Read the `tokens` and the `features` of picture and sound, named as the Thinker's `forward` names them."""
        self._model = model
        ids = torch.tensor([tokens], device=model.device)
        given = {name: value.to(model.device) for name, value in features.items()}
        heard = given.get("feature_attention_mask")
        # Picture tokens share positions in time, so that text after them does not stand where it is counted to.
        positions, self._offset = model.get_rope_index(
            ids,
            video_grid_thw=given.get("video_grid_thw"),
            attention_mask=torch.ones_like(ids),
            audio_seqlens=None if heard is None else heard.sum(-1),
            second_per_grids=given.get("video_second_per_grid"),
        )
        self.tokens = len(tokens)
        """Tokens that went through the language model so far."""
        read = model.model(input_ids=ids, position_ids=positions, use_cache=True, **given)
        self._cache = read.past_key_values
        self._last = self._logits(read.last_hidden_state[:, -1])

    @property
    def next_logits(self) -> Tensor:
        """Of the token that comes next, float32 of shape (vocabulary,)."""
        return self._last[0]

    @torch.inference_mode()
    def log_probabilities(self, answers: Sequence[Sequence[int]]) -> list[float]:
        """Natural log-probability of each answer, all its tokens, were it given next. None of them is read."""
        first = self._last.log_softmax(-1)[0]
        totals = [float(first[answer[0]]) for answer in answers]
        longer = [at for at, answer in enumerate(answers) if len(answer) > 1]
        if longer:
            for at, rest in zip(longer, self._rests([answers[at] for at in longer]), strict=True):
                totals[at] += rest
        return totals

    @torch.inference_mode()
    def read(self, tokens: Sequence[int]) -> None:
        """Go on with these tokens."""
        hidden = self._hidden(torch.tensor([tokens], device=self._model.device), self._cache)
        self._last = self._logits(hidden[:, -1])

    def reply(self, ends: frozenset[int], most: int) -> Iterator[int]:
        """The likeliest next tokens one after the other, at most so many, up to one that ends the answer."""
        for _ in range(most):
            token = int(self._last.argmax())
            if token in ends:
                return
            yield token
            self.read([token])

    def _rests(self, answers: Sequence[Sequence[int]]) -> list[float]:
        """Log-probability of each answer's tokens after its first, all in one batch beside the conversation."""
        cache = deepcopy(self._cache)
        cache.batch_repeat_interleave(len(answers))
        longest = max(map(len, answers))
        # What fills up the shorter rows comes after their tokens, which do not see it.
        rows = torch.tensor(
            [[*answer, *[0] * (longest - len(answer))] for answer in answers], device=self._model.device
        )
        log_probabilities = self._logits(self._hidden(rows[:, :-1], cache)).log_softmax(-1)
        each = log_probabilities.gather(-1, rows[:, 1:, None].to(log_probabilities.device))[..., 0].cpu()
        return [float(row[: len(answer) - 1].sum()) for row, answer in zip(each, answers, strict=True)]

    def _hidden(self, ids: Tensor, cache: Any) -> Tensor:
        """What the language model makes of rows of tokens after those in a cache, which takes them in."""
        rows, length = ids.shape
        counted = torch.arange(length, device=ids.device) + cache.get_seq_length()
        positions = (counted + self._offset).expand(3, rows, length)
        self.tokens += ids.numel()
        read = self._model.model(input_ids=ids, position_ids=positions, past_key_values=cache, use_cache=True)
        hidden: Tensor = read.last_hidden_state
        return hidden

    def _logits(self, hidden: Tensor) -> Tensor:
        logits: Tensor = self._model.lm_head(hidden)
        return logits.float()
