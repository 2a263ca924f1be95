"""The chat as Qwen-Omni was taught it, in token ids: who speaks, and where picture and sound go."""

from __future__ import annotations

from typing import Any

from models.base import EngineUnavailable

TURN_START, TURN_END = "<|im_start|>", "<|im_end|>"

PICTURE_END = ("<|vision_eos|>", "<|vision_end|>")
SOUND_END = ("<|audio_eos|>", "<|audio_end|>")
"""What the generations call the tokens after a picture and a sound; those before are in config.json."""


class Chat:
    """Writes turns. `tokenizer` and `config` are those of one Thinker; raises `EngineUnavailable` when they lack a
    token that is needed."""

    def __init__(self, tokenizer: Any, config: Any) -> None:
        self._tokenizer = tokenizer
        self._picture = (
            config.vision_start_token_id,
            config.video_token_id,
            self._special(PICTURE_END),
        )
        self._sound = (config.audio_start_token_id, config.audio_token_id, self._special(SOUND_END))
        self._turn_start, self._turn_end = self._special((TURN_START,)), self._special((TURN_END,))

    @property
    def ends(self) -> frozenset[int]:
        """Tokens that end an answer."""
        return frozenset({self._turn_end, self._tokenizer.eos_token_id} - {None})

    def opening(self, system: str, question: str, picture_tokens: int, sound_tokens: int) -> list[int]:
        """Everything up to the first answer. Picture and sound are left out where they have no tokens."""
        shown = [
            token
            for (start, held, end), count in ((self._picture, picture_tokens), (self._sound, sound_tokens))
            if count
            for token in (start, *[held] * count, end)
        ]
        return [
            *self._turn("system", self.text(system)),
            *self._turn("user", [*shown, *self.text(question)]),
            *self._answer(),
        ]

    def next(self, answer: list[int], question: str) -> list[int]:
        """The answer to the last question, and everything from its end to the next answer."""
        between = [self._turn_end, *self.text("\n")]
        return [*answer, *between, *self._turn("user", self.text(question)), *self._answer()]

    def text(self, words: str) -> list[int]:
        """Words as tokens. Names of special tokens in them are words too: nobody's prompt opens a turn."""
        ids = self._tokenizer(words, add_special_tokens=False, split_special_tokens=True)["input_ids"]
        return list(ids)

    def words(self, tokens: list[int]) -> str:
        """What tokens say, special ones left out."""
        return str(self._tokenizer.decode(tokens, skip_special_tokens=True))

    def _turn(self, speaker: str, content: list[int]) -> list[int]:
        return [
            self._turn_start,
            *self.text(f"{speaker}\n"),
            *content,
            self._turn_end,
            *self.text("\n"),
        ]

    def _answer(self) -> list[int]:
        return [self._turn_start, *self.text("assistant\n")]

    def _special(self, names: tuple[str, ...]) -> int:
        known = self._tokenizer.get_added_vocab()
        for name in names:
            if name in known:
                return int(known[name])
        raise EngineUnavailable(
            f"the tokenizer of QWEN_MODEL_PATH has no {names[0]}: it is not Qwen-Omni's", "wrong_weights"
        )
