"""How the provider is: decided from what its list of models says and from what becomes of answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from models.llm.base import Code, LlmStatus
from models.llm.place import Place
from models.llm.words import Trouble, words

TELLING: frozenset[Code] = frozenset({"chat_wrong_key", "chat_unreachable", "chat_quota", "chat_no_model"})
"""What one answer's failure says of the next."""


class Health:
    """Owns the status. `model` is whom to ask, None until it is known."""

    def __init__(self, place: Place, named: str | None) -> None:
        self._place = place
        self._named = named
        self._found_by_answer: Code | None = None
        self.model = named
        self.trouble: Trouble | None = None
        """Why it is unavailable."""
        self.status = LlmStatus(
            available=False, reason=f"{place.host} is being asked.", model=named, sends_to=place.sends_to
        )

    @property
    def wants_asking(self) -> bool:
        """Whether its list may tell that it is back."""
        return not self.status.available

    def listed(self, models: Sequence[str] | None, unnamed: Trouble) -> None:
        """The list came, or there is none; `unnamed` is what is said where nobody names a model."""
        if self._named is None:
            self.model = models[0] if models else None
        if self.model is None:
            self._unavailable(unnamed)
        elif not self._only_an_answer_clears(models):
            self._available()

    def unlisted(self, trouble: Trouble) -> None:
        """The list could not be had."""
        self._found_by_answer = None
        self._unavailable(trouble)

    def answered(self) -> None:
        """An answer came to a good end."""
        self._available()

    def failed(self, trouble: Trouble) -> None:
        """An answer failed."""
        if trouble.code in TELLING:
            self._found_by_answer = trouble.code
            self._unavailable(trouble)

    def _only_an_answer_clears(self, models: Sequence[str] | None) -> bool:
        """Some providers list their models to anybody: that proves neither key nor credit, nor a model that is not
        among them."""
        match self._found_by_answer:
            case "chat_wrong_key" | "chat_quota":
                return True
            case "chat_no_model":
                return self.model not in (models or ())
            case _:
                return False

    def _available(self) -> None:
        self._found_by_answer = self.trouble = None
        self.status = LlmStatus(available=True, model=self.model, sends_to=self._place.sends_to)

    def _unavailable(self, trouble: Trouble) -> None:
        self.trouble = trouble
        self.status = replace(
            self.status, available=False, code=trouble.code, reason=words(trouble, "en"), model=self.model
        )
