"""How the server and its other processes speak: pickled objects over stdin and stdout, each behind a 4-byte length."""

from __future__ import annotations

import asyncio
import io
import os
import pickle
import struct
import sys
from dataclasses import is_dataclass
from pathlib import PurePath
from typing import Any, BinaryIO, Self

LENGTH = struct.Struct(">I")

MOST_BYTES = 64 * 1024 * 1024
"""Bytes of a message; a longer one is taken for nonsense."""


class Beat:
    """Asks a process whether it lives; it sends the same back."""


OURS, PATHS = ("models", "pipeline"), ("pathlib", "pathlib._local")
"""Packages and modules whose classes a message may be of."""


def pack(message: object) -> bytes:
    """A message as it goes over a pipe."""
    body = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    return LENGTH.pack(len(body)) + body


def read(stream: BinaryIO) -> object:
    """The next message; None at the end of the stream, be it in the middle of one. Raises `pickle.UnpicklingError`."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    body = stream.read(length)
    if len(body) < length:
        return None
    return _Messages(io.BytesIO(body)).load()


async def read_from(stream: asyncio.StreamReader) -> object:
    """The next message. Raises `asyncio.IncompleteReadError` at the end of the stream, `EOFError` for nonsense and
    `pickle.UnpicklingError`."""
    (length,) = LENGTH.unpack(await stream.readexactly(LENGTH.size))
    if length > MOST_BYTES:
        raise EOFError(f"a message of {length} bytes")
    return _Messages(io.BytesIO(await stream.readexactly(length))).load()


class _Messages(pickle.Unpickler):
    """Makes records of ours and paths, and nothing else: a process that decodes what strangers send may have been taken
    over, and shall not have the server call what it likes."""

    def find_class(self, module: str, name: str) -> Any:
        # Of what has been imported: to import is to run.
        found = getattr(sys.modules.get(module), name, None)
        if isinstance(found, type):
            ours = module.partition(".")[0] in OURS and (is_dataclass(found) or found is Beat)
            if ours or (module in PATHS and issubclass(found, PurePath)):
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is nothing to be said")


class Pipes:
    """The worker's end in an asyncio program. Stdout is kept for messages: what libraries print goes to stderr."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls) -> Self:
        """Take over this process's stdin and stdout."""
        loop = asyncio.get_running_loop()
        out = os.fdopen(os.dup(1), "wb")
        os.dup2(2, 1)
        reader = asyncio.StreamReader()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        transport, protocol = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, out)
        return cls(reader, asyncio.StreamWriter(transport, protocol, None, loop))

    async def read(self) -> object:
        """The next message; None when the server has gone or says nothing more. A `Beat` is answered here."""
        try:
            while isinstance(message := await read_from(self._reader), Beat):
                await self.write(message)
            return message
        except asyncio.IncompleteReadError:
            return None

    async def write(self, *messages: object) -> None:
        """Send messages, waiting while the pipe is full. Raises `OSError` when nobody reads any more."""
        self._writer.writelines([pack(message) for message in messages])
        await self._writer.drain()
