"""What we ask a server for beyond an answer, and what is left when it refuses some of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

MOST_LOGPROBS = 20
"""What vLLM gives unless it is told otherwise, and the most that the API has."""

FEW_LOGPROBS = 5
"""What servers that give fewer have in common."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extras:
    """`choice`: hold the answer to some words; `logprobs`: how many of the likeliest tokens to tell of."""

    choice: bool = True
    logprobs: int = MOST_LOGPROBS

    def arguments(self, words: Sequence[str]) -> dict[str, object]:
        """For `chat.completions.create`."""
        arguments: dict[str, object] = {}
        if self.choice:
            arguments["extra_body"] = {"structured_outputs": {"choice": list(words)}}
        if self.logprobs:
            arguments |= {"logprobs": True, "top_logprobs": self.logprobs}
        return arguments

    def without(self, refusal: str) -> Extras | None:
        """What to ask for after a refusal in these words; None when the extras were not to blame."""
        refusal = refusal.lower()
        if self.logprobs and ("logprob" in refusal or "log_prob" in refusal or "log prob" in refusal):
            return replace(self, logprobs=FEW_LOGPROBS if self.logprobs > FEW_LOGPROBS else 0)
        if self.choice and any(word in refusal for word in ("structured", "guided", "choice", "extra")):
            return replace(self, choice=False)
        return None
