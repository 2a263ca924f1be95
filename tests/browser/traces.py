"""Records what the page's quality controller is told in real calls: by hand, `python -m tests.browser.traces [name …]`.

A machine with other work to do makes troubles of its own: record on one that has none. Writes
tests/golden/quality/*.json, one call a file: `calm` has nothing wrong, the others one trouble of the link each, for as
long as `trouble` says. Times are milliseconds since the controller began. `told` is what it was told, in order:
`[at]` before each ping, `[at, round trip, lag of the server's loop]` with each answer, and `[at, loss, available,
limitation]` with each look at the statistics, as `Quality` in web/static/js/quality.js takes them. The controller
steered the calls by the rules of that day: one with others is asked what it makes of the same figures.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.async_api import Page, expect

from tests.browser.conftest import FakeDevices, camera, chromium, open_page, program
from tests.browser.link import Link, linked
from tests.media import astronaut_frames, speech_wav, write_mjpeg

FOLDER = Path(__file__).parent.parent / "golden" / "quality"
TROUBLES = {"calm": {}, "slow": {"delay": 0.2}, "narrow": {"rate": 150_000.0}, "lossy": {"loss": 0.15}}
GOOD_S, TROUBLE_S, AFTER_S = 10.0, 4.0, 20.0

LISTEN = """async () => {
  const page = document.querySelector("script[type=module]").src;
  const { Quality } = await import(new URL("quality.js", page));
  const told = (window.told = []);
  const began = () => (window.began ??= performance.now());
  const round = (value, digits) => typeof value === "number" ? Number(value.toFixed(digits)) : value;
  // The controller begins as the connection is made.
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...given) { super(...given); began(); }
  };
  const keep = (name, entry) => {
    const original = Quality.prototype[name];
    Quality.prototype[name] = function (now, ...given) {
      told.push([round(now - began(), 0), ...entry(...given)]);
      return original.call(this, now, ...given);
    };
  };
  keep("decide", () => []);
  keep("answered", (roundTrip, lag) => [round(roundTrip, 1), round(lag, 1)]);
  keep("measured", ({ loss, available, limitation }) => [round(loss, 3), round(available, 0), limitation]);
}"""


async def record(page: Page, link: Link, trouble: dict[str, float]) -> dict[str, Any]:
    """A call that is good, in trouble and good again."""
    await page.evaluate(LISTEN)
    await page.click("#start-camera")
    await expect(page.locator("#connection")).to_have_attribute("data-state", "connected")
    times = []
    for seconds, values in ((GOOD_S, {}), (TROUBLE_S, trouble), (AFTER_S, dict.fromkeys(trouble, 0.0))):
        times.append(await page.evaluate("() => Math.round(performance.now() - window.began)"))
        for name, value in values.items():
            setattr(link, name, value)
        await asyncio.sleep(seconds)
    told = await page.evaluate("() => window.told")
    await page.click("#stop-camera")
    return {"trouble": times[1:] if trouble else None, "told": told}


async def main(names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as made:
        files = FakeDevices(
            *(Path(made) / name for name in ("smiling.mjpeg", "faceless.mjpeg", "speech.wav"))
        )
        write_mjpeg(files.smiling, astronaut_frames(90), 30)
        speech_wav(files.speech)
        with program(Path(made) / "data") as server:
            for name in names:
                profile = Path(made) / name
                async with chromium(profile, *camera(files.smiling, files.speech)) as context:
                    page = await open_page(context, server.http)
                    async with linked(page) as link:
                        recorded = await record(page, link, TROUBLES[name])
                write(FOLDER / f"{name}.json", recorded)


def write(path: Path, recorded: dict[str, Any]) -> None:
    """A second of the call is a line or so."""
    told = [json.dumps(entry, separators=(",", ":")) for entry in recorded["told"]]
    lines = ",\n".join(",".join(told[begin : begin + 12]) for begin in range(0, len(told), 12))
    path.write_text(f'{{"trouble": {json.dumps(recorded["trouble"])}, "told": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:] or list(TROUBLES)))
