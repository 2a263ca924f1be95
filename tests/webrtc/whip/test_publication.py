"""What a PATCH to a published stream asks for, by its If-Match and its ICE user name."""

from __future__ import annotations

import pytest

from webrtc.whip import Fragment, Publication

STREAM = Publication(ufrag="EsAw", tag="xyzzy")


@pytest.mark.parametrize(
    ("if_match", "ufrag", "verdict"),
    [
        (None, "EsAw", "precondition_required"),
        (None, "ysXw", "precondition_required"),
        ([], "EsAw", "precondition_failed"),
        (["other"], "EsAw", "precondition_failed"),
        (["other"], "ysXw", "precondition_failed"),
        (["xyzzy"], "EsAw", "trickle"),
        (["other", "xyzzy"], "EsAw", "trickle"),
        (["xyzzy"], None, "trickle"),
        (["*"], "EsAw", "trickle"),
        (["*"], "ysXw", "restart"),
        (["xyzzy"], "ysXw", "restart"),
    ],
)
def test_what_is_asked_for(if_match, ufrag, verdict):
    assert STREAM.verdict(if_match, Fragment(ufrag=ufrag, candidates=())) == verdict


def test_every_stream_has_a_secret_address_and_a_tag_of_its_own():
    streams = [Publication(ufrag="EsAw") for _ in range(100)]
    assert len({each.resource for each in streams} | {each.tag for each in streams}) == 200
    assert all(len(each.resource) >= 32 for each in streams)
