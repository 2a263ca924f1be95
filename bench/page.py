"""The page in real Chromium: how soon it is there, how soon a call is, and how old a label is when it is shown.

A canvas of 640×480 is the camera. It shows a smiling face, and below it the time at which it was drawn, as black and
white fields. Each window's label comes with the name of its clip, whose last frame says when it was drawn: the page and
this program read the same clock, and a frame is drawn up to 33 ms before it is captured, which counts against us.
"""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import av
import numpy as np
from PIL import Image
from playwright.async_api import Page

from bench.calls import percentile
from tests.browser.conftest import DEVICES, GRANT, Program, chromium, program
from tests.media import astronaut_frames

VISITS, JOINS, LABELLED = 10, 10, 40
"""Loads of the page, calls that are begun, and seconds of the call whose labels are measured."""

BITS = 24
"""Of the time in milliseconds that a frame shows; they turn over after four hours and a half."""

CAMERA = """picture => {
  const image = new Image();
  image.src = picture;
  const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 480 });
  const context = canvas.getContext("2d");
  const draw = () => {
    context.drawImage(image, 0, 0, 640, 480);
    const now = Date.now() % 2 ** BITS;
    for (let bit = 0; bit < BITS; bit += 1) {
      context.fillStyle = Math.floor(now / 2 ** bit) % 2 ? "#fff" : "#000";
      context.fillRect(bit * 640 / BITS, 440, 640 / BITS + 1, 40);
    }
  };
  setInterval(draw, 1000 / 30);
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    const stream = wanted.audio ? await open({ audio: wanted.audio }) : new MediaStream();
    if (wanted.video) stream.addTrack(canvas.captureStream(30).getVideoTracks()[0]);
    return stream;
  };
  window.shown = [];
  const make = RTCPeerConnection.prototype.createDataChannel;
  RTCPeerConnection.prototype.createDataChannel = function (...given) {
    const channel = make.apply(this, given);
    channel.addEventListener("message", ({ data }) => {
      const message = JSON.parse(data);
      if (message.type !== "emotion_result") return;
      const heard = Date.now();
      requestAnimationFrame(() => window.shown.push({ message, heard, shown: Date.now() }));
    });
    return channel;
  };
}""".replace("BITS", str(BITS))

PAINT = """() => new Promise((resolve) => {
  const ready = () => !document.querySelector("#start-camera").disabled;
  const paint = () => performance.getEntriesByName("first-contentful-paint")[0];
  const look = () => (ready() && paint()
    ? resolve({ paint: paint().startTime, ready: window.readyAt ?? performance.now() })
    : setTimeout(look, 5));
  look();
})"""

READY = """() => {
  new MutationObserver((_, observer) => {
    const button = document.querySelector("#start-camera");
    if (button && !button.disabled) { window.readyAt = performance.now(); observer.disconnect(); }
  }).observe(document, { subtree: true, attributes: true, childList: true, attributeFilter: ["disabled"] });
}"""

JOIN = """() => new Promise((resolve) => {
  const began = performance.now();
  new MutationObserver((_, observer) => {
    if (document.body.dataset.connection !== "connected") return;
    observer.disconnect();
    resolve(performance.now() - began);
  }).observe(document.body, { attributes: true });
  document.querySelector("#start-camera").click();
})"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Milliseconds from the drawing of a window's last frame to its label on the page, in parts: there and back with
    the encoder and the network, the server's work, and the page's own until it is painted."""

    whole: float
    arriving: float
    work: float
    drawing: float


def main() -> None:
    """`python -m bench.page`: measure and print."""
    with TemporaryDirectory() as folder:
        asyncio.run(measure(Path(folder)))


async def measure(folder: Path) -> None:
    """Print what the page does on this machine."""
    with program(folder / "data") as server:
        async with chromium(folder / "profile", GRANT, DEVICES) as context:
            page = context.pages[0]
            await _visits(page, server.http)
            await page.add_init_script(f"({CAMERA})({json.dumps(_picture())})")
            await _joins(page, server.http)
            await _labels(page, server)


async def _visits(page: Page, url: str) -> None:
    weights: list[int] = []

    async def weigh(response: Any) -> None:
        if response.status == 200:
            weights.append(len(gzip.compress(await response.body(), 6)))

    page.on("response", weigh)
    await page.goto(url, wait_until="networkidle")
    page.remove_listener("response", weigh)
    print(f"the page weighs {sum(weights) / 1e3:.0f} kB compressed, in {len(weights)} files")
    await page.add_init_script(f"({READY})()")
    cdp = await page.context.new_cdp_session(page)
    await cdp.send("Network.setCacheDisabled", {"cacheDisabled": True})
    times = []
    for _ in range(VISITS):
        await page.goto(url)
        times.append(await page.evaluate(PAINT))
    for what, name in (("paint", "first paint"), ("ready", "ready to call")):
        print(f"{name}: {_percentiles([each[what] for each in times])}", flush=True)


async def _joins(page: Page, url: str) -> None:
    times = []
    for _ in range(JOINS):
        await page.goto(url)
        await page.wait_for_selector("#start-camera:not([disabled])")
        times.append(await page.evaluate(JOIN))
        await page.click("#stop-camera")
    print(f"from the click to the call: {_percentiles(times)}", flush=True)


async def _labels(page: Page, server: Program) -> None:
    await page.goto(server.http)
    for box in ("#consent-analysis", "#consent-recording"):
        await page.check(box)
    await page.click("#start-camera")
    await page.wait_for_selector("#label[data-emotion=happy]")
    await page.click("#start-recording")
    await asyncio.sleep(LABELLED)
    shown = await page.evaluate("() => window.shown")
    await page.click("#stop-camera")
    videos = server.data / "videos"
    labels = [
        _label(each, _drawn(videos / each["message"]["video_name"]))
        for each in shown
        if each["message"]["video_name"]
    ]
    print(f"a label shown, after its last frame was drawn: {_percentiles([each.whole for each in labels])}")
    for part in ("arriving", "work", "drawing"):
        print(f"  {part}: {_percentiles([getattr(each, part) for each in labels])}")
    print(f"  ({len(labels)} labels)", flush=True)


def _label(shown: dict[str, Any], drawn: int) -> Label:
    whole = (shown["shown"] - drawn) % 2**BITS
    drawing = shown["shown"] - shown["heard"]
    work = shown["message"]["latency"]["total"]
    return Label(whole=whole, arriving=whole - drawing - work, work=work, drawing=drawing)


def _drawn(clip: Path) -> int:
    """The time that the last frame of a clip shows, in milliseconds."""
    with av.open(str(clip)) as file:
        *_, last = file.decode(video=0)
    picture = last.to_ndarray(format="gray")
    height, width = picture.shape
    row = round(460 / 480 * height)
    bits = [picture[row, round((bit + 0.5) * width / BITS)] > 127 for bit in range(BITS)]
    return int(sum(1 << bit for bit, white in enumerate(bits) if white))


def _picture() -> str:
    """A smiling face as a data URL."""
    file = BytesIO()
    Image.fromarray(np.asarray(astronaut_frames(1)[0])).save(file, "JPEG", quality=92)
    return f"data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode()}"


def _percentiles(values: list[float]) -> str:
    return f"{percentile(values, 0.5):.0f} ms p50, {percentile(values, 0.95):.0f} ms p95"


if __name__ == "__main__":
    main()
