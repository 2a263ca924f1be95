"""The configuration profile, as a reader of property lists finds it."""

from __future__ import annotations

import plistlib
import uuid

from tests.web.tls.conftest import HOME, NOW
from web.tls.issuer import make_issuer
from web.tls.profile import profile


def test_it_holds_the_authority_as_a_root():
    issuer = make_issuer("box", HOME, NOW)
    read = plistlib.loads(profile(issuer))
    assert (read["PayloadType"], read["PayloadVersion"]) == ("Configuration", 1)
    (root,) = read["PayloadContent"]
    assert (root["PayloadType"], root["PayloadContent"]) == ("com.apple.security.root", issuer.der)
    assert read["PayloadDisplayName"] == issuer.name
    assert uuid.UUID(read["PayloadUUID"]) != uuid.UUID(root["PayloadUUID"])
    assert read["PayloadIdentifier"] != root["PayloadIdentifier"]


def test_the_same_authority_gives_the_same_profile_and_another_another():
    one, other = (make_issuer("box", HOME, NOW) for _ in range(2))
    assert profile(one) == profile(one)
    assert plistlib.loads(profile(one))["PayloadUUID"] != plistlib.loads(profile(other))["PayloadUUID"]
