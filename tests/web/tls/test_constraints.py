"""What the authority may sign for: private networks, and what the machine was called when it was made."""

from __future__ import annotations

import pytest
from cryptography import x509

from web.tls.constraints import constraints_for, permitted
from web.tls.cover import Cover

EMPTY = Cover(frozenset(), frozenset())


@pytest.mark.parametrize("name", ["localhost", "box.local", "a.b.lan", "box.home.arpa", "box.internal"])
def test_names_of_private_networks_are_permitted(name):
    assert permitted(Cover.of([name], []), constraints_for(EMPTY)).names == {name}


@pytest.mark.parametrize("name", ["example.org", "notlocal", "local.example.org", "box"])
def test_other_names_are_not(name):
    assert permitted(Cover.of([name], []), constraints_for(EMPTY)).names == set()


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.31.0.1", "192.168.9.9", "100.64.0.1", "::1", "fd00::1", "fe80::1"],
)
def test_private_addresses_are_permitted(address):
    assert permitted(Cover.of([], [address]), constraints_for(EMPTY)).addresses == {address}


@pytest.mark.parametrize("address", ["203.0.113.7", "172.32.0.1", "2001:db8::1", "::2"])
def test_public_addresses_are_not(address):
    assert permitted(Cover.of([], [address]), constraints_for(EMPTY)).addresses == set()


def test_what_the_machine_was_called_is_permitted_too():
    constraints = constraints_for(Cover.of(["box.example.org"], ["203.0.113.7", "2001:db8:1:2::3"]))
    later = Cover.of(
        ["box.example.org", "www.example.org"],
        ["203.0.113.8", "203.0.113.7", "2001:db8:1:2::4", "2001:db8:1:3::3"],
    )
    assert permitted(later, constraints) == Cover.of(["box.example.org"], ["203.0.113.7", "2001:db8:1:2::4"])


def test_loopback_widens_nothing():
    private = Cover.of(["localhost", "box.local"], ["::1", "127.0.0.1", "10.0.0.1"])
    assert constraints_for(private) == constraints_for(EMPTY)


def test_an_authority_without_constraints_may_sign_for_everything():
    cover = Cover.of(["example.org"], ["203.0.113.7"])
    assert permitted(cover, None) == cover
    assert permitted(cover, x509.NameConstraints(None, [x509.DNSName("a.b")])) == cover


def test_a_host_name_that_no_certificate_can_hold_is_left_out():
    names = ["ok.local", "späth.local", "-x.local", "a..b", "x" * 64 + ".local", "UPPER.local"]
    assert Cover.of(names, []).names == {"ok.local", "upper.local"}
