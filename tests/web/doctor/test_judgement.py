"""What is found on a machine, and what it means for callers."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.webrtc.network.test_interfaces import looked
from web.doctor import Finding, Report
from web.doctor.judgement import (
    Certificate,
    Door,
    Folder,
    judge_addresses,
    judge_certificate,
    judge_database,
    judge_door,
    judge_folder,
    judge_interfaces,
    judge_ports,
    judge_server,
)
from web.tls.cover import Cover
from webrtc.network import Ports
from webrtc.tap.reach import Reached

NOW = datetime(2027, 3, 1, tzinfo=UTC)
COVER = Cover.of(["localhost", "box.local"], ["192.168.1.5"])


def test_a_report_has_a_line_a_finding_which_begins_with_its_level_and_works_unless_one_fails():
    fine = Report.of([Finding("ok", "UDP", "any"), Finding("warn", "firewall", "closed", "open it")])
    assert str(fine).splitlines() == ["ok    UDP          any", "warn  firewall     closed: open it"]
    assert fine.works and json.loads(fine.json())["works"] is True
    failed = Report.of([*fine.findings, Finding("fail", "HTTP", "taken")])
    assert not failed.works
    assert json.loads(failed.json())["findings"][2] == {
        "level": "fail",
        "about": "HTTP",
        "text": "taken",
        "todo": "",
    }


def test_each_interface_is_named_with_its_addresses_and_why_it_is_left_out():
    findings = judge_interfaces(looked(), ())
    assert {each.level for each in findings} == {"ok"}
    texts = [each.text for each in findings]
    assert "eth0: calls listen on 192.168.1.5, fd12::5" in texts
    assert (
        "docker0: 172.17.0.1 is left out, since it leads to containers or virtual machines on this machine"
        in texts
    )
    assert (
        "tailscale0: 100.101.102.103, fd7a:115c:a1e0::7 is left out, since it leads to a private network"
        in texts
    )
    assert not any("127.0.0.1" in each for each in texts)


@pytest.mark.parametrize(
    ("allowed", "there", "said"),
    [
        ((), {"lo": ["127.0.0.1"]}, "no interface is up"),
        (("wlan0",), {"eth0": ["192.168.1.5"]}, "INTERFACES names none that is up"),
        ((), {"docker0": ["172.17.0.1"]}, "every interface is left out"),
        ((), {"eth0": ["169.254.3.3"]}, "every interface is left out"),
    ],
)
def test_without_an_interface_there_is_no_call(allowed, there, said):
    first = judge_interfaces(looked(*allowed, there=there), allowed)[0]
    assert (first.level, first.text) == ("fail", said) and first.todo


def test_a_cable_between_two_machines_is_told_its_subnet():
    assert "169.254.0.0/16" in judge_interfaces(looked(there={"eth0": ["169.254.3.3"]}), ())[0].todo


@pytest.mark.parametrize(
    ("state", "level"),
    [("free", "ok"), ("mien", "ok"), ("taken", "fail"), ("forbidden", "fail"), ("no_address", "fail")],
)
def test_a_port_is_free_or_ours_or_no_call_begins(state, level):
    finding = judge_door(Door("HTTPS_PORT", "0.0.0.0", 8443, state, "0.1.0"))
    assert (finding.level, finding.about) == (level, "HTTPS") and bool(finding.todo) == (level == "fail")


def test_an_address_on_an_interface_left_out_opens_the_page_and_no_call():
    urls = ["https://192.168.1.5:8443", "https://100.101.102.103:8443", "https://[fd7a:115c:a1e0::7]:8443"]
    findings = judge_addresses([*urls, "https://mien.example.org"], looked())
    assert [each.level for each in findings] == ["ok", "warn", "warn", "ok"]
    assert "tailscale0" in findings[1].todo
    assert judge_addresses([], looked())[0].level == "warn"


@pytest.mark.parametrize(
    ("taken", "running", "level"),
    [(0, False, "ok"), (95, False, "warn"), (101, False, "fail"), (101, True, "ok"), (90, True, "ok")],
)
def test_a_range_has_a_port_for_each_caller_or_it_is_said(taken, running, level):
    assert judge_ports(Ports(50_000, 50_100), taken, 16, running=running).level == level


def test_without_a_range_any_port_will_do():
    assert judge_ports(Ports(), 0, 16, running=False).level == "ok"


def certificate(authority="Mien on box", begins=-1, ends=300):
    return Certificate(COVER, NOW + timedelta(days=begins), NOW + timedelta(days=ends), authority)


def certified(kept, trouble=None, wanted=COVER):
    return [(each.level, each.text) for each in judge_certificate(kept, trouble, wanted, NOW)]


def test_a_certificate_tells_its_authority_its_end_and_its_names():
    [(level, text)] = certified(certificate())
    assert level == "ok" and "Mien on box" in text and "2027-12-26" in text and "box.local, localhost" in text
    assert certified(None)[0][0] == "ok" and certified(None, "damaged") == [("fail", "damaged")]


def test_one_that_has_run_out_is_made_anew_where_it_is_ours_and_fails_where_it_is_not():
    assert certified(certificate(ends=-1, begins=-9))[0][0] == "ok"
    assert certified(certificate(authority=None, ends=-1, begins=-9))[0][0] == "fail"
    assert certified(certificate(authority=None, begins=2))[0][0] == "fail"


def test_an_address_that_it_does_not_name_makes_browsers_warn_unless_it_will_be_named():
    wanted = Cover.of(["localhost"], ["192.168.1.9"])
    assert [level for level, _ in certified(certificate(), wanted=wanted)] == ["ok", "ok"]
    level, text = certified(certificate(authority=None), wanted=wanted)[1]
    assert level == "warn" and "192.168.1.9" in text


@pytest.mark.parametrize(
    ("url", "outcome", "detail", "level"),
    [
        ("turn:a", "ok", "203.0.113.1:50000", "ok"),
        ("stun:a", "ok", "203.0.113.1:50000", "ok"),
        ("turn:a", "silent", "", "fail"),
        ("stun:a", "silent", "", "warn"),
        ("turn:a", "refused", "401 Unauthorized", "fail"),
        ("turn:a", "unknown_host", "Name or service not known", "fail"),
        ("stuns:a", "unsupported", "aiortc does not", "warn"),
    ],
)
def test_a_turn_server_that_is_set_up_must_relay_and_a_stun_server_may_be_silent(url, outcome, detail, level):
    finding = judge_server(Reached(url, outcome, detail))
    assert finding.level == level and finding.about == url[:4].upper()
    assert ("TURN_SECRET" in finding.todo) == (detail[:3] == "401")


def test_a_folder_must_be_writable_and_have_room():
    assert judge_folder(Folder("/d", None, 10**10), 5e8).level == "ok"
    assert judge_folder(Folder("/d", None, 10**8), 5e8).level == "warn"
    assert judge_folder(Folder("/d", None, None), 5e8).level == "warn"
    assert judge_folder(Folder("/d", "Permission denied", 10**10), 5e8).level == "fail"


def test_calls_go_on_without_a_database():
    assert judge_database(None, None).level == judge_database("postgresql://h/m", None).level == "ok"
    assert judge_database("postgresql://h/m", "it does not answer").level == "warn"
