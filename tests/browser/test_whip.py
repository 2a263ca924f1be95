"""A browser as a publisher: a page of the server's own that speaks WHIP, candidates sent as they are found."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import expect

from tests.browser.conftest import camera, chromium, open_page, program
from tests.media import probed

pytestmark = pytest.mark.browser

PUBLISH = r"""async (codec) => {
  const media = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 640, height: 480 } });
  const peer = window.peer = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
  const found = [];
  peer.onicecandidate = ({ candidate }) => found.push(candidate?.candidate ?? "");
  for (const track of media.getTracks()) {
    const sender = peer.addTransceiver(track, { direction: "sendonly" });
    if (track.kind === "video") {
      const { codecs } = RTCRtpSender.getCapabilities("video");
      sender.setCodecPreferences(codecs.filter(({ mimeType }) => mimeType === codec || mimeType === "video/rtx"));
    }
  }
  const offer = await peer.createOffer();
  const posted = await fetch("/whip", {
    method: "POST", headers: { "Content-Type": "application/sdp" }, body: offer.sdp,
  });
  await peer.setLocalDescription(offer);
  await peer.setRemoteDescription({ type: "answer", sdp: await posted.text() });
  while (peer.iceGatheringState !== "complete") await new Promise((go) => setTimeout(go, 20));
  const [, ufrag] = /a=ice-ufrag:(.*)\r/.exec(offer.sdp);
  const patched = await fetch(posted.headers.get("Location"), {
    method: "PATCH",
    headers: { "Content-Type": "application/trickle-ice-sdpfrag", "If-Match": posted.headers.get("ETag") },
    body: ["m=audio 9 UDP/TLS/RTP/SAVPF 0", "a=mid:0", `a=ice-ufrag:${ufrag}`,
      ...found.filter((each) => each !== "").map((each) => `a=${each}`), "a=end-of-candidates", ""].join("\r\n"),
  });
  window.stop = () => fetch(posted.headers.get("Location"), { method: "DELETE" });
  return [posted.status, patched.status, offer.sdp.includes("a=candidate"), found.length];
}"""


@pytest.mark.parametrize("codec", ["VP8", "H264"])
async def test_what_a_browser_publishes_is_clipped(tmp_path, devices, codec):
    with program(tmp_path / "data", WHIP_CONSENT="recording", EMOTION_ENGINES="embedded") as server:
        async with chromium(tmp_path / "profile", *camera(devices.smiling, devices.speech)) as context:
            page = await open_page(context, f"{server.http}/trust")
            posted, patched, offered, found = await page.evaluate(PUBLISH, f"video/{codec}")
            assert (posted, patched, offered) == (201, 204, False) and found > 0
            async with asyncio.timeout(15):
                while len(server.videos) < 3:
                    await asyncio.sleep(0.1)
            assert await page.evaluate("() => peer.connectionState") == "connected"
            monitor = await context.new_page()
            await monitor.goto(f"{server.http}/monitor")
            await expect(monitor.locator(".call-row")).to_contain_text("Published by a program · Recording")
            assert await page.evaluate("async () => (await stop()).status") == 200
            async with asyncio.timeout(5):
                while (await (await page.request.get(f"{server.http}/status")).json())["sessions"]:
                    await asyncio.sleep(0.05)
        for path in server.videos:
            assert set(probed(path)) == {codec.lower(), "opus"}
