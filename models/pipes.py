"""How the server and its other processes speak: pickled objects over stdin and stdout, each behind a 4-byte length."""

from __future__ import annotations

import asyncio
import os
import pickle
import struct
import sys
from typing import BinaryIO, Self

LENGTH = struct.Struct(">I")

MOST_BYTES = 64 * 1024 * 1024
"""Bytes of a message; a longer one is taken for nonsense."""


class Beat:
    """Asks a process whether it lives; it sends the same back."""


def pack(message: object) -> bytes:
    """A message as it goes over a pipe."""
    body = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    return LENGTH.pack(len(body)) + body


def read(stream: BinaryIO) -> object:
    """The next message; None at the end of the stream, be it in the middle of one."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    body = stream.read(length)
    if len(body) < length:
        return None
    return pickle.loads(body)  # from our own parent process, over its pipe


async def read_from(stream: asyncio.StreamReader) -> object:
    """The next message. Raises `asyncio.IncompleteReadError` at the end of the stream, `EOFError` for nonsense and
    `pickle.UnpicklingError`."""
    (length,) = LENGTH.unpack(await stream.readexactly(LENGTH.size))
    if length > MOST_BYTES:
        raise EOFError(f"a message of {length} bytes")
    return pickle.loads(await stream.readexactly(length))


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
