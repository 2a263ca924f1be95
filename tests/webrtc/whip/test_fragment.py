"""The SDP fragment of a PATCH: what is read out of it, and what is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.signaling import MAX_CANDIDATES
from webrtc.whip import BadFragment, read_fragment

CANDIDATE = (
    "a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag EsAw network-id 1"
)

EXAMPLE = f"""\
a=group:BUNDLE 0 1
m=audio 9 UDP/TLS/RTP/SAVPF 111
a=mid:0
a=ice-ufrag:EsAw
a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1
{CANDIDATE}
a=candidate:473322822 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active generation 0 ufrag EsAw network-id 1
a=end-of-candidates
""".replace("\n", "\r\n")
"""As in RFC 9725 section 4.3.2."""


def test_candidates_are_read_with_the_section_that_they_stand_in():
    fragment = read_fragment(EXAMPLE)
    assert fragment.ufrag == "EsAw"
    assert [(each.sdpMid, each.protocol, each.ip, each.port) for each in fragment.candidates] == [
        ("0", "udp", "192.0.2.1", 61764),
        ("0", "tcp", "192.0.2.1", 9),
    ]


def test_what_is_said_of_the_whole_and_in_lines_of_unix_is_read_too():
    fragment = read_fragment(f"a=ice-ufrag:EsAw\na=ice-pwd:x\n{CANDIDATE}\n")
    assert fragment.ufrag == "EsAw" and fragment.candidates[0].sdpMid is None


def test_a_section_without_a_name_has_not_that_of_the_one_before():
    fragment = read_fragment(f"m=audio 9 RTP/AVP 0\na=mid:0\nm=video 9 RTP/AVP 0\n{CANDIDATE}\n")
    assert fragment.candidates[0].sdpMid is None


def test_the_end_of_candidates_alone_is_a_fragment_without_any():
    for said in ("a=end-of-candidates", "a=candidate:"):
        fragment = read_fragment(f"a=mid:0\r\n{said}\r\n")
        assert fragment.candidates == () and fragment.ufrag is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "nothing of ICE"),
        ("a=mid:0\r\n", "nothing of ICE"),
        ("hello", "none of SDP"),
        ('{"candidate": ""}', "none of SDP"),
        (EXAMPLE + "\r\n\r\nx", "none of SDP"),
        ("a=candidate:1 1 udp\r\n", "cannot be read"),
        ("a=candidate:1 one udp 1 192.0.2.1 9 typ host\r\n", "cannot be read"),
        ("a=ice-ufrag:\r\n", "user names"),
        ("a=ice-ufrag:one\r\na=ice-ufrag:two\r\n", "user names"),
        (f"{CANDIDATE}\r\n" * (MAX_CANDIDATES + 1), "more than"),
    ],
)
def test_what_is_no_fragment_is_refused_and_said_why(text, why):
    with pytest.raises(BadFragment, match=why):
        read_fragment(text)


@given(st.text() | st.lists(st.sampled_from(EXAMPLE.splitlines()) | st.text(max_size=20)).map("\r\n".join))
def test_whatever_comes_is_a_fragment_or_is_refused(text):
    try:
        assert len(read_fragment(text).candidates) <= MAX_CANDIDATES
    except BadFragment as error:
        assert str(error)
