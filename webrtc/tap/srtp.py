"""SRTP: a packet's protection taken off by libsrtp, without what pylibsrtp does anew for each of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pylibsrtp


def unprotector(session: pylibsrtp.Session) -> Callable[[bytes], bytes]:
    """`session.unprotect` in less time. Raises `pylibsrtp.Error`, also for what is too long to be a packet."""
    inside: Any = session
    library: Any = pylibsrtp
    handle, address, buffer = inside._srtp, inside._cdata, inside._buffer
    longest, length = len(address), library.ffi.new("int *")
    take_off = library.lib.srtp_unprotect

    def unprotect(data: bytes) -> bytes:
        size = len(data)
        if size > longest:
            raise pylibsrtp.Error("packet is too long")
        length[0] = size
        buffer[0:size] = data
        if status := take_off(handle[0], address, length):
            raise pylibsrtp.Error(pylibsrtp.ERRORS[status])
        opened: bytes = buffer[0 : length[0]]
        return opened

    return unprotect
