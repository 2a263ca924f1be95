"""Which addresses calls listen on."""

from __future__ import annotations

import ipaddress

import pytest

from webrtc.network import Interfaces
from webrtc.network.interfaces import Interface, machine

THERE = {
    "lo": ["127.0.0.1", "::1"],
    "eth0": ["fd12::5", "192.168.1.5"],
    "eth1": ["169.254.7.7"],
    "docker0": ["172.17.0.1"],
    "br-0a1b2c3d4e5f": ["172.18.0.1"],
    "tailscale0": ["100.101.102.103", "fd7a:115c:a1e0::7"],
    "br0": ["10.0.0.2"],
}


def looked(*allowed, there=THERE):
    found = [Interface(name, ipaddress.ip_address(each)) for name in there for each in there[name]]
    return Interfaces(allowed, lambda: found).look()


def used(*allowed, there=THERE):
    return [str(each.address) for each in looked(*allowed, there=there).used]


def test_by_default_containers_vpns_loopback_and_link_local_addresses_are_left_out():
    assert used() == ["192.168.1.5", "10.0.0.2", "fd12::5"], "IPv4 is first, for who tries one only"
    why = {each.interface.name: each.why for each in looked().left_out}
    assert why == {
        "lo": "loopback",
        "eth1": "link_local",
        "docker0": "container",
        "br-0a1b2c3d4e5f": "container",
        "tailscale0": "vpn",
    }


@pytest.mark.parametrize(
    "name", ["veth12ab", "virbr0", "wg0", "tun1", "tap0", "zt7nnig26", "vEthernet (WSL)", "utun3"]
)
def test_names_that_lead_to_containers_and_vpns_are_known(name):
    assert looked(there={name: ["10.9.9.9"]}).left_out[0].why in ("container", "vpn")


@pytest.mark.parametrize(
    "name", ["wlan0", "enp3s0", "wlp2s0", "en0", "bond0", "vlan7", "Ethernet", "br0", "bridge0"]
)
def test_names_of_ordinary_networks_are_not(name):
    assert used(there={name: ["10.9.9.9"]}) == ["10.9.9.9"]


@pytest.mark.parametrize(
    ("allowed", "addresses"),
    [
        (["eth*"], ["192.168.1.5", "fd12::5"]),
        (["ETH0"], ["192.168.1.5", "fd12::5"]),
        (["tailscale0"], ["100.101.102.103", "fd7a:115c:a1e0::7"]),
        (["192.168.1.5"], ["192.168.1.5"]),
        (["172.16.0.0/12"], ["172.17.0.1", "172.18.0.1"]),
        (["169.254.0.0/16", "br0"], ["169.254.7.7", "10.0.0.2"]),
        (["wlan0"], []),
    ],
)
def test_names_addresses_and_subnets_may_be_allowed(allowed, addresses):
    assert used(*allowed) == addresses


def test_all_allows_everything_but_loopback():
    everything = {each for addresses in THERE.values() for each in addresses} - {"127.0.0.1", "::1"}
    assert set(used("all")) == everything


def test_an_interface_of_which_one_address_is_used_is_not_closed():
    assert {str(each) for each in looked("192.168.1.5").closed} == {
        *("169.254.7.7", "172.17.0.1", "172.18.0.1", "100.101.102.103", "fd7a:115c:a1e0::7", "10.0.0.2")
    }


def test_link_local_addresses_are_alone_where_nothing_else_is_used():
    assert looked("169.254.0.0/16").link_local_alone
    assert not looked("169.254.0.0/16", "eth0").link_local_alone
    assert not looked("wlan0").link_local_alone


def test_the_machines_own_interfaces_have_loopback_among_them():
    assert ipaddress.ip_address("127.0.0.1") in {each.address for each in machine()}
