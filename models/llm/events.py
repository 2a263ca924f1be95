"""Server-sent events of a streamed answer, decoded as the bytes come (WHATWG HTML, 9.2.6)."""

from __future__ import annotations

MOST_BYTES = 1_000_000
"""Of a line; a longer one is taken for nonsense."""


class Events:
    """Fed with bytes, gives the data of each event. Fields other than `data` are passed over, as are comments."""

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[str] = []

    def feed(self, piece: bytes) -> list[str]:
        """The data of the events that are complete by now. Raises `ValueError` for what is no text, or no lines."""
        # Only these end a line: str.splitlines would cut JSON at characters that may stand in its strings.
        *lines, self._rest = (self._rest + piece).split(b"\n")
        if len(self._rest) > MOST_BYTES:
            raise ValueError("a line without an end")
        return [data for line in lines if (data := self._line(line.removesuffix(b"\r"))) is not None]

    def end(self) -> list[str]:
        """What is left at the end of the stream: servers forget the last empty line."""
        rest, self._rest = self._rest, b""
        return [data for line in (rest, b"") if (data := self._line(line)) is not None]

    def _line(self, line: bytes) -> str | None:
        if not line:
            data, self._data = self._data, []
            return "\n".join(data) if data else None
        if line.startswith(b"data:"):
            self._data.append(line[5:].decode().removeprefix(" "))
        return None
