"""A caller who would have the server knock at what only the server can reach, on a network of real hosts."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection

from tests.browser.conftest import program
from tests.browser.network import network, why_not

METADATA, CONTAINER, PORT = "169.254.169.254", "172.17.0.2", 8053

LISTEN = """
import selectors, socket, sys
selector = selectors.DefaultSelector()
for address in sys.argv[2:]:
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    one.bind((address, int(sys.argv[1])))
    selector.register(one, selectors.EVENT_READ, address)
print("ready", flush=True)
while True:
    for key, _ in selector.select():
        key.fileobj.recv(2048)
        print(key.data, flush=True)
"""
POST = """
import json, ssl, sys, urllib.request as u
asked = u.Request(sys.argv[1] + "/offer", sys.stdin.buffer.read(), {"Content-Type": "application/json"})
print(u.urlopen(asked, context=ssl._create_unverified_context()).read().decode())
"""


@pytest.fixture
def hosts():
    """The server, a caller and a victim, which is the metadata service of a cloud and a container of the server's."""
    if reason := why_not():
        pytest.skip(reason)
    with network(2) as (server, (caller, victim)):
        server.run("ip", "addr", "add", "169.254.0.1/16", "dev", "lan")
        victim.run("ip", "addr", "add", f"{METADATA}/16", "dev", "lan")
        server.run(
            "ip", "link", "add", "docker0", "type", "veth", "peer", "name", "eth9", "netns", victim.name
        )
        server.run("ip", "addr", "add", "172.17.0.1/16", "dev", "docker0")
        server.run("ip", "link", "set", "docker0", "up")
        victim.run("ip", "addr", "add", f"{CONTAINER}/16", "dev", "eth9")
        victim.run("ip", "link", "set", "eth9", "up")
        yield server, caller, victim


async def offer(*addresses):
    """An offer whose peer says that it is at these addresses."""
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    peer.createDataChannel("events")
    peer.addTransceiver("video")
    await peer.setLocalDescription(await peer.createOffer())
    lines = [line for line in peer.localDescription.sdp.split("\r\n") if not line.startswith("a=candidate")]
    await peer.close()
    first = lines.index(next(line for line in lines if line.startswith("a=ice-ufrag")))
    lines[first:first] = [
        f"a=candidate:{n} 1 udp {2_130_706_431 - n} {each} {PORT} typ host"
        for n, each in enumerate(addresses)
    ]
    return json.dumps({"sdp": "\r\n".join(lines), "type": "offer"}).encode()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("interfaces", "reached"),
    [("", {"10.77.0.3"}), ("all", {"10.77.0.3", CONTAINER})],
    ids=["default", "all"],
)
def test_no_packet_comes_to_a_clouds_metadata_or_by_an_interface_left_out(
    tmp_path, hosts, interfaces, reached
):
    server, caller, victim = hosts
    body = asyncio.run(offer(METADATA, CONTAINER, "169.254.7.7", "127.0.0.1", "224.0.0.1", victim.address))
    listening = subprocess.Popen(
        [*victim.within, sys.executable, "-c", LISTEN, str(PORT), METADATA, CONTAINER, victim.address],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert listening.stdout.readline() == "ready\n"
        settings = {"ACCESS": "open", "INTERFACES": interfaces}
        with program(tmp_path / "data", *server.within, **settings) as running:
            address = next(each for each in running.lan if server.address in each)
            answered = subprocess.run(
                [*caller.within, sys.executable, "-c", POST, address],
                input=body,
                capture_output=True,
                timeout=20,
            )
            assert answered.returncode == 0, answered.stderr
            sdp = json.loads(answered.stdout)["sdp"]
            # It is tried last, and again half a second later: by then the others were.
            heard = []
            while heard.count(victim.address) < 2:
                heard.append(listening.stdout.readline().strip())
    finally:
        listening.terminate()
        rest = listening.communicate(timeout=10)[0].split()
    assert {*heard, *rest} == reached
    assert ("172.17.0.1" in sdp) == (interfaces == "all") and server.address in sdp
