"""In which form a provider is asked, and what is left of it when the provider refuses some of it."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """`usage`: the count of tokens is asked for; `together`: all that the model is told is one message, at the
    beginning."""

    usage: bool = True
    together: bool = False

    def without(self, refusal: str) -> Form | None:
        """How to ask after a refusal in these words; None when the form was not to blame."""
        refusal = refusal.lower()
        if self.usage and ("stream_options" in refusal or "include_usage" in refusal):
            return replace(self, usage=False)
        if not self.together and ("system" in refusal or "roles must alternate" in refusal):
            return replace(self, together=True)
        return None
