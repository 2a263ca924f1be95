"""The report: what the doctor found, a line each."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

Level = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`about` is one word or two, `text` a sentence without its full stop, `todo` what to do about it."""

    level: Level
    about: str
    text: str
    todo: str = ""

    def __str__(self) -> str:
        return f"{self.level:<4}  {self.about:<11}  {self.text}" + (f": {self.todo}" if self.todo else "")


@dataclass(frozen=True, slots=True)
class Report:
    findings: tuple[Finding, ...]

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> Report:
        return cls(tuple(findings))

    @property
    def works(self) -> bool:
        """Whether calls would work."""
        return all(each.level != "fail" for each in self.findings)

    def __str__(self) -> str:
        return "\n".join(map(str, self.findings))

    def json(self) -> str:
        """The same for programs."""
        return json.dumps(
            {"works": self.works, "findings": [asdict(each) for each in self.findings]}, ensure_ascii=False
        )
