"""HTTP as bytes: what no client would send, and answers read without mercy."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from dataclasses import dataclass

_STATUS = re.compile(rb"HTTP/[01]\.\d (\d{3}) [\x20-\x7e]*")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+): ?([\x20-\x7e\x80-\xff\t]*)")


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, all header fields in order, and the body."""

    status: int
    fields: list[tuple[str, str]]
    body: bytes

    def all(self, name: str) -> list[str]:
        """Every value of a field."""
        return [value for key, value in self.fields if key.lower() == name.lower()]

    @property
    def code(self) -> str | None:
        """The stable code of an error."""
        try:
            return json.loads(self.body)["error"]["code"]
        except (ValueError, KeyError, TypeError):
            return None


def read(data: bytes, *, head: bool = False) -> list[Answer]:
    """The answers that these bytes are. Fails for a field that is not one, and for bytes too many or too few."""
    answers = []
    while data:
        block, separator, data = data.partition(b"\r\n\r\n")
        assert separator, block
        first, *lines = block.split(b"\r\n")
        status = _STATUS.fullmatch(first)
        assert status, first
        fields = []
        for line in lines:
            field = _FIELD.fullmatch(line)
            assert field, line
            fields.append((field[1].decode(), field[2].decode("latin-1")))
        names = [name.lower() for name, _ in fields]
        assert names.count("content-length") + names.count("transfer-encoding") <= 1
        assert not any(b"\r" in line or b"\n" in line for line in lines)
        length = next((int(value) for name, value in fields if name.lower() == "content-length"), None)
        number = int(status[1])
        if head or number in (204, 304):
            length = 0
        elif "transfer-encoding" in names:
            body, data = _unchunked(data)
            answers.append(Answer(number, fields, body))
            continue
        body, data = data[:length], data[len(data) if length is None else length :]
        assert length is None or len(body) == length
        answers.append(Answer(number, fields, body))
    return answers


def _unchunked(data: bytes) -> tuple[bytes, bytes]:
    body = b""
    while True:
        size, _, data = data.partition(b"\r\n")
        length = int(size, 16)
        body, data = body + data[:length], data[length + 2 :]
        if length == 0:
            return body, data


async def exchange(port: int, sent: bytes, *, within: float = 10.0) -> bytes:
    """Everything that is answered to these bytes until the server closes; nothing may stay open."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    received = b""
    try:
        with contextlib.suppress(ConnectionError):
            writer.write(sent)
            async with asyncio.timeout(within):
                while chunk := await reader.read(65_536):
                    received += chunk
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
    return received


def request(
    method: str, target: bytes | str, *headers: bytes | str, host: str = "localhost", body: bytes = b""
) -> bytes:
    """A request after whose answer the server closes, its target and headers as they are."""
    lines = [
        _bytes(method) + b" " + _bytes(target) + b" HTTP/1.1",
        b"Host: " + _bytes(host),
        b"Connection: close",
    ]
    lines += [_bytes(header) for header in headers]
    if body:
        lines.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


async def ask(server, *request_: bytes | str, **given: object) -> Answer:
    """One request and its one answer, strictly read."""
    method = request_[0]
    received = await exchange(server.running.http_port, request(*request_, **given))  # type: ignore[arg-type]
    (answer,) = read(received, head=method == "HEAD")
    return answer


async def well(server) -> None:
    """The server answers as ever. Fails otherwise."""
    answer = await ask(server, "GET", "/healthz")
    assert answer.status == 200


def _bytes(text: bytes | str) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
