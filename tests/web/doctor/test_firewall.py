"""What firewalls say of themselves, and what of it a caller meets."""

from __future__ import annotations

import pytest

from web.doctor.firewall import (
    Firewall,
    Need,
    Opening,
    judge_firewall,
    read_firewalld,
    read_nftables,
    read_ufw,
)

NEEDS = [Need("tcp", 8443, 8443), Need("udp", 50_000, 50_100)]
UFW = """Status: active

To                         Action      From
--                         ------      ----
22/tcp                     ALLOW       Anywhere
8443                       ALLOW       192.168.1.0/24
50000:50100/udp            ALLOW       Anywhere
9999/tcp                   DENY        Anywhere
22/tcp (v6)                ALLOW       Anywhere (v6)
"""


def levels(firewall, needs=NEEDS):
    return [each.level for each in judge_firewall(firewall, needs)]


def test_ufw_tells_which_ports_it_lets_in():
    assert read_ufw(UFW) == Firewall(
        "ufw",
        (Opening(22, 22, "tcp"), Opening(8443, 8443), Opening(50_000, 50_100, "udp"), Opening(22, 22, "tcp")),
    )
    assert levels(read_ufw(UFW)) == ["ok"]
    assert read_ufw("Status: inactive\n").kind == "none"


def test_for_what_ufw_does_not_let_in_there_are_the_words_to_open_it():
    closed = UFW.replace("50000:50100/udp            ALLOW", "50000:50100/udp            DENY ")
    [finding] = judge_firewall(read_ufw(closed), NEEDS)
    assert finding.level == "warn" and finding.todo == "sudo ufw allow 50000:50100/udp"


@pytest.mark.parametrize(
    "ports", ["8443/tcp", "8443/udp 50000-50100/udp", "8443/tcp 50000-50099/udp", "18443/tcp"]
)
def test_a_port_of_the_other_protocol_or_a_shorter_range_does_not_do(ports):
    assert "warn" in levels(read_firewalld(ports))


def test_firewalld_tells_its_ports_and_is_told_how_to_open_them():
    assert levels(read_firewalld("8443/tcp 49000-51000/udp\n")) == ["ok"]
    tcp, udp = judge_firewall(read_firewalld("\n"), NEEDS)
    assert "--add-port=8443/tcp" in tcp.todo and "--add-port=50000-50100/udp" in udp.todo
    assert read_firewalld("", "public (active)\n  target: ACCEPT\n").kind == "none"


def test_nftables_that_drop_what_comes_in_are_not_judged_further():
    chain = "table inet filter {\n chain input {\n  type filter hook input priority filter; policy %s;\n }\n}"
    assert read_nftables(chain % "accept").kind == "none" and read_nftables("").kind == "none"
    [finding] = judge_firewall(read_nftables(chain % "drop"), NEEDS)
    assert finding.level == "warn" and "8443/tcp and 50000-50100/udp" in finding.todo


def test_no_firewall_is_fine_and_one_that_cannot_be_read_is_said():
    assert levels(Firewall("none")) == ["ok"]
    assert levels(Firewall("ufw", None)) == levels(Firewall("unknown", None)) == ["warn"]
