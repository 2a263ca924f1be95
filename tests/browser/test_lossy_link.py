"""A call from Chromium over a link that loses, jitters, narrows and breaks: the picture goes on, and so do the labels.

What was measured is printed (`pytest -s`); the limits asserted leave room for a machine that is busy with other things.
"""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from tests.browser.conftest import camera, chromium, open_page
from tests.browser.link import Link, linked
from tests.browser.test_call import consent
from tests.browser.test_quality import KEEP
from tests.server import Server, serving
from tests.webrtc.test_changes import look
from webrtc.outbox import Outbox
from webrtc.tap import EncodedTrack

SENT = """async () => {
  const stats = [...(await window.kept.getStats()).values()];
  const video = stats.find((entry) => entry.type === "outbound-rtp" && entry.kind === "video");
  return [video.bytesSent, video.timestamp];
}"""
"""What was sent of the picture, without what was sent again or to probe the link."""


@dataclass
class Watch:
    """When frames came and labels left, in monotonic seconds."""

    pictures: list[float] = field(default_factory=list)
    labels: list[float] = field(default_factory=list)

    def longest(self, what: str, since: float) -> float:
        """Seconds between two of these, at most, from `since` until now."""
        times = [since, *(at for at in getattr(self, what) if at >= since), time.monotonic()]
        return max(after - before for before, after in pairwise(times))


@pytest.fixture
def watch(monkeypatch):
    seen = Watch()
    deliver, send = EncodedTrack.deliver, Outbox.send

    def delivered(self, frame, arrival):
        if self.kind == "video":
            seen.pictures.append(time.monotonic())
        deliver(self, frame, arrival)

    def sent(self, message):
        if message.type == "emotion_result":
            seen.labels.append(time.monotonic())
        send(self, message)

    monkeypatch.setattr(EncodedTrack, "deliver", delivered)
    monkeypatch.setattr(Outbox, "send", sent)
    return seen


async def rates(page, seconds):
    """Bits of picture sent in each second."""
    told, before = [], await page.evaluate(SENT)
    for _ in range(seconds):
        await asyncio.sleep(1)
        after = await page.evaluate(SENT)
        told.append((after[0] - before[0]) * 8e3 / (after[1] - before[1]))
        before = after
    return told


async def phase(page, link: Link, watch: Watch, server: Server, seconds: int, **trouble: float):
    """Have the link in trouble for so long; longest freeze and longest wait for a label, and the rates."""
    for name, value in trouble.items():
        setattr(link, name, value)
    since = time.monotonic()
    sent = await rates(page, seconds)
    frozen, unlabelled = watch.longest("pictures", since), watch.longest("labels", since)
    for name in trouble:
        setattr(link, name, 0.0)
    (call,) = (await server.status())["sessions"]
    told = {k: call["media"]["video"][k] for k in ("lost", "retransmitted", "nacks", "plis", "undecodable")}
    kilobits = ", ".join(f"{rate / 1e3:.0f}" for rate in sent)
    print(f"{trouble or 'calm'}: frozen {frozen:.2f} s, no label {unlabelled:.2f} s, {kilobits} kb/s, {told}")
    return frozen, unlabelled, sent


TROUBLES = ({"reorder": 0.05}, {"loss": 0.01}, {"loss": 0.1}, {"jitter": 0.05}, {"loss": 0.05})
"""All of them with `LINKS=all`, else the last ones."""


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_a_call_over_a_bad_link_goes_on(tmp_path, devices, watch):
    async with serving(tmp_path / "data") as server:
        async with chromium(tmp_path / "profile", *camera(devices.smiling, devices.speech)) as context:
            await context.add_init_script(KEEP)
            page = await open_page(context, server.url)
            await consent(page)
            async with linked(page) as link:
                await page.click("#start-camera")
                await page.click("#start-recording")
                await asyncio.sleep(5)
                session = (await server.status())["sessions"][0]["session_id"]
                await bad_links(page, link, watch, server)
                assert (await server.status())["sessions"][0]["session_id"] == session, "it is the same call"
                await page.click("#stop-camera")
        clips = [look(path) for path in server.videos]
        assert clips and all(len(sizes) <= 1 for sizes, _ in clips)


async def narrowed(under):
    """The freeze of a link that gets narrow and wide again; the browser follows down within 3 s and grows within 10."""
    frozen, _, narrow = await under({"rate": 500e3}, 8)
    assert max(narrow[3:]) <= 550e3
    _, _, wide = await under({}, 10)
    assert max(wide) >= 1.5 * narrow[-1]
    return frozen


async def bad_links(page, link, watch, server):
    def under(trouble, seconds):
        return phase(page, link, watch, server, seconds, **trouble)

    await under({}, 3)
    for trouble in TROUBLES if os.environ.get("LINKS") == "all" else TROUBLES[-2:]:
        frozen, unlabelled, _ = await under(trouble, 5)
        assert frozen <= (1.0 if trouble == {"loss": 0.1} else 0.5) and unlabelled <= 2.5
    await under({}, 8)
    frozen = [await narrowed(under)]
    if frozen[0] > 1.0:
        # By where in a group of pictures the link narrows: one freeze in some is longer, of two more none may be.
        frozen += [await narrowed(under), await narrowed(under)]
    assert sorted(frozen)[len(frozen) // 2] <= 1.0
    link.broken = True
    await asyncio.sleep(3)
    link.broken = False
    frozen, unlabelled, _ = await under({}, 4)
    assert frozen <= 1.0 and unlabelled <= 2.5
