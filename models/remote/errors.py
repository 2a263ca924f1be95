"""What goes wrong with a model's server."""

from __future__ import annotations

from models.base import EngineCode


class ServerFailed(Exception):
    """A server gave no answer that can be used. The message says which server and why, in one line, without the key.

    `status` is what it answered, in HTTP's numbers; None where it did not answer.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status

    @property
    def code(self) -> EngineCode:
        """What that says of the engine."""
        return "wrong_key" if self.status in {401, 403} else "unreachable"

    @property
    def refused(self) -> bool:
        """Whether the server understood and did not want the request."""
        return self.status in {400, 404, 413, 415, 422}
