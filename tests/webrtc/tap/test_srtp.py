"""SRTP: what pylibsrtp itself would say of each packet."""

from __future__ import annotations

import gc
from struct import pack

import pylibsrtp
import pytest
from pylibsrtp import Policy, Session

from webrtc.tap.srtp import unprotector

KEY = bytes(range(30))


def packet(sequence, size=900):
    return pack("!BBHLL", 0x80, 96, sequence, 3000, 7) + bytes(size)


@pytest.fixture
def sender():
    return Session(Policy(key=KEY, ssrc_type=Policy.SSRC_ANY_OUTBOUND))


def receiver():
    return Session(Policy(key=KEY, ssrc_type=Policy.SSRC_ANY_INBOUND))


def test_packets_of_every_length_are_what_was_sent(sender):
    unprotect = unprotector(receiver())
    gc.collect()  # nobody else holds the session
    for sequence, size in enumerate((900, 0, 1, 1300, 30)):
        assert unprotect(sender.protect(packet(sequence, size))) == packet(sequence, size)


def test_what_is_forged_or_comes_again_or_is_too_long_is_an_error(sender):
    ours, theirs = unprotector(receiver()), receiver().unprotect
    good = sender.protect(packet(1))
    for data in (good, good, good[:-1] + b"x", good[:11], b"", bytes(1500)):
        told = []
        for unprotect in (ours, theirs):
            try:
                told.append(unprotect(data))
            except pylibsrtp.Error as error:
                told.append(str(error))
        assert told[0] == told[1]
    with pytest.raises(pylibsrtp.Error, match="too long"):
        ours(bytes(1501))
    assert ours(sender.protect(packet(2))) == packet(2)
