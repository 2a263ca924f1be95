"""A phone that reaches the server by a TURN server alone: pictures and sound come, and labels go back."""

from __future__ import annotations

import shutil

import pytest
from playwright.async_api import expect

from tests.browser.conftest import camera, open_page, program
from tests.browser.network import network, why_not
from tests.browser.test_call import consent
from tests.browser.test_network import FETCH, asked, enter, phone, trusting
from tests.coturn import MISSING, SECRET, TURNSERVER, coturn

RELAYS_ONLY = """
  const Native = RTCPeerConnection;
  window.peers = [];
  window.RTCPeerConnection = class extends Native {
    constructor(configuration) {
      super({ ...configuration, iceTransportPolicy: "relay" });
      window.peers.push(this);
    }
  };
"""
WAYS = """async () => {
  const stats = new Map((await window.peers.at(-1).getStats()).entries());
  const pairs = [...stats.values()].filter((one) => one.type === "candidate-pair" && one.nominated);
  return [...new Set(pairs.map((pair) => stats.get(pair.localCandidateId).candidateType))];  // there may be several
}"""


@pytest.fixture
def hosts():
    reason = why_not() or (MISSING if TURNSERVER is None else None)
    reason = reason or (None if shutil.which("certutil") else "certutil is not installed (libnss3-tools)")
    if reason:
        pytest.skip(reason)
    with network(2) as made:
        yield made


async def test_a_call_through_coturn_alone_is_labelled_recorded_and_comes_back_after_a_reload(
    tmp_path, hosts, devices
):
    host, (relay, ann) = hosts
    with (
        coturn(tmp_path, relay.address, *relay.within, port=3478, peer=host.address) as turn,
        program(
            tmp_path / "data",
            *host.within,
            ICE_SERVERS=turn.urls,
            TURN_SECRET=SECRET,
            UDP_PORT_RANGE="50000-50010",
        ) as server,
    ):
        (address,) = server.lan
        authority = ann.run("python3", "-c", FETCH, f"{address}/trust/mien-ca.pem")
        flags = camera(devices.smiling, devices.speech)
        async with phone(trusting(tmp_path / "ann", authority), ann, *flags) as context:
            await context.add_init_script(RELAYS_ONLY)
            page = await open_page(context, address)
            await enter(page, address, server.code)
            await consent(page)
            await page.click("#start-camera")
            await expect(page.locator("#label")).to_have_attribute("data-emotion", "happy", timeout=15000)
            assert await page.evaluate(WAYS) == ["relay"]
            await page.click("#start-recording")
            await expect(page.locator("#clips li")).not_to_have_count(0, timeout=15000)
            (before,) = (await asked(page, "/status"))[1]["sessions"]

            page.errors.clear()
            await page.reload()
            await expect(page.locator("#label")).to_have_attribute("data-emotion", "happy", timeout=15000)
            (after,) = (await asked(page, "/status"))[1]["sessions"]
            assert after["session_id"] == before["session_id"] and await page.evaluate(WAYS) == ["relay"]
            assert page.errors == []
        names = {line.partition("username=<")[2].partition(">")[0] for line in turn.logged().splitlines()} - {
            ""
        }
        assert len(names) >= 4, (
            "the page and our own end, in each of both connections, had names of their own"
        )
        assert SECRET not in turn.logged()
