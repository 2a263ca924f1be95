"""A publication: by what address and what entity tag a published stream is known, and what a PATCH to it asks for."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from webrtc.whip.fragment import Fragment

Verdict = Literal["precondition_required", "precondition_failed", "restart", "trickle"]


def _secret() -> str:
    return secrets.token_urlsafe(24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """`resource` is the secret last part of the session's URL: whoever has it may end the stream. `tag` is the
    entity tag of its ICE session, which is the only one, as aiortc cannot restart ICE. `ufrag` is the publisher's."""

    ufrag: str
    resource: str = field(default_factory=_secret)
    tag: str = field(default_factory=lambda: secrets.token_hex(8))

    def verdict(self, if_match: Sequence[str] | None, fragment: Fragment) -> Verdict:
        """What is to be done with a PATCH. `if_match` has the strong tags of its header, None where there is none; by
        `*` a restart is asked for (RFC 9725 section 4.3.3), and another user name is what makes one (RFC 8839 section
        4.4.1.1.1)."""
        if if_match is None:
            return "precondition_required"
        if "*" not in if_match and self.tag not in if_match:
            return "precondition_failed"
        return "restart" if fragment.ufrag not in (None, self.ufrag) else "trickle"
