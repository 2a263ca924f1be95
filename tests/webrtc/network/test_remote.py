"""What a peer may have us send to."""

from __future__ import annotations

import ipaddress

import pytest

from tests.webrtc.network.test_interfaces import looked
from webrtc.network.remote import refusal, route

HOME = looked()
CABLE = looked("169.254.0.0/16")


def judged(text, ours=HOME, *, here=False, source="192.168.1.5"):
    return refusal(text, ours, here=here, route=lambda _: ipaddress.ip_address(source) if source else None)


@pytest.mark.parametrize("text", ["192.168.1.77", "203.0.113.9", "2001:db8::7", "fd12::99", "10.8.0.3"])
def test_ordinary_addresses_are_sent_to(text):
    assert judged(text) is None


@pytest.mark.parametrize("source", ["192.168.1.5", None])
def test_an_address_to_which_there_is_no_way_at_present_may_be_tried(source):
    assert judged("203.0.113.9", source=source) is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("169.254.169.254", "metadata"),
        ("fd00:ec2::254", "metadata"),
        ("::ffff:169.254.169.254", "metadata"),
        ("::ffff:a9fe:a9fe", "metadata"),
        ("64:ff9b::169.254.169.254", "metadata"),
        ("2002:a9fe:a9fe::1", "metadata"),
        ("100.100.100.200", "metadata"),
        ("169.254.3.4", "link_local"),
        ("fe80::1", "link_local"),
        ("fe80::1%eth0", "link_local"),
        ("127.0.0.1", "loopback"),
        ("127.8.8.8", "loopback"),
        ("::1", "loopback"),
        ("::ffff:127.0.0.1", "loopback"),
        ("0.0.0.0", "unspecified"),
        ("0.1.2.3", "unspecified"),
        ("::", "unspecified"),
        ("224.0.0.251", "multicast"),
        ("ff02::fb", "multicast"),
        ("255.255.255.255", "reserved"),
        ("240.0.0.1", "reserved"),
        ("example.org", "no_address"),
        ("2130706433", "no_address"),
        ("127.1", "no_address"),
    ],
)
def test_addresses_that_only_we_can_reach_are_not(text, why):
    assert judged(text) == why


def test_a_peer_on_this_machine_may_be_reached_by_loopback_and_by_nothing_else_more():
    assert judged("127.0.0.1", here=True) is None and judged("::1", here=True) is None
    assert judged("169.254.169.254", here=True) == "metadata"
    assert judged("224.0.0.1", here=True) == "multicast"


def test_link_local_addresses_are_sent_to_where_there_are_no_others_but_never_those_of_a_cloud():
    assert judged("169.254.3.4", CABLE) is None
    assert judged("169.254.169.254", CABLE) == "metadata"


def test_what_only_an_interface_left_out_leads_to_is_not_sent_to():
    assert judged("172.17.0.9", source="172.17.0.1") == "left_out"
    assert judged("10.8.0.3", source="100.101.102.103") == "left_out"
    assert judged("172.17.0.9", looked("all"), source="172.17.0.1") is None


def test_the_way_to_an_address_is_the_systems_own():
    loopback = ipaddress.ip_address("127.0.0.1")
    assert route(ipaddress.ip_address("127.9.9.9")) == loopback
    assert route(ipaddress.ip_address("255.255.255.255")) != loopback
