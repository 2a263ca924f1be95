"""Lip-sync as Chromium sends it: flashes and bursts of sound that begin together, looked for in the clips.

A canvas and WebAudio are camera and microphone: neither has a device that takes its time. What was measured is printed
(`pytest -s`). A flash is drawn up to half a frame before or after its burst, so it is the median of the signed
differences that says how far sound and picture are apart; the page tells by how much they were when it made them.
"""

from __future__ import annotations

import av
import numpy as np
import pytest
from playwright.async_api import expect

from tests.browser.conftest import DEVICES, GRANT, chromium, open_page, program
from tests.browser.test_call import consent, looks, until

SETTLED = 5
"""Windows until the sender's reports have lined sound and picture up."""

CLIPS, APART = 4, 5
"""So many clips are looked into, one out of so many: one ends each second and is five seconds long, so that hardly a
flash is in two of them. Not more: 30 s after it began, and every 10 s from then on, Chromium was seen to lose most of a
second of what WebAudio plays into a track."""

EDGE = 0.3
"""Seconds at the beginning and the end of a clip in which a flash may lack its burst; and no pair is further apart."""

CAMERA_AND_MICROPHONE = """() => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 480 });
  const picture = canvas.getContext("2d");
  const begin = () => {
    const sound = new AudioContext();
    const out = sound.createMediaStreamDestination();
    const volume = new GainNode(sound, { gain: 0.5 });
    volume.connect(out);
    let event = 0, at = 1, scheduled = false, white = false, odd = false;
    window.residuals = [];
    const frame = () => {
      requestAnimationFrame(frame);
      odd = !odd;
      if (odd) return;  // every second frame of 60 a second
      const now = sound.currentTime;
      if (!scheduled && at - now < 0.3) {
        const tone = new OscillatorNode(sound, { frequency: 1000 });
        tone.connect(volume);
        tone.start(at);
        tone.stop(at + 0.1);
        scheduled = true;
      }
      const flash = now >= at - 1 / 60 && now < at + 0.1 - 1 / 60;
      if (flash && !white) window.residuals.push((at - now) * 1000);
      if (now >= at + 0.1) {
        event += 1;
        at += 0.9 + 0.4 * ((event * 0.618) % 1);
        scheduled = false;
      }
      white = flash;
      picture.fillStyle = white ? "#fff" : "#000";
      picture.fillRect(0, 0, 640, 480);
    };
    frame();
    return out.stream.getAudioTracks()[0];
  };
  navigator.mediaDevices.getUserMedia = async () =>
    new MediaStream([canvas.captureStream().getVideoTracks()[0], begin()]);
}"""


@pytest.mark.soak
async def test_what_chromium_shows_and_sounds_at_once_lies_together_in_the_clips(tmp_path):
    with program(tmp_path / "data") as server:
        async with chromium(tmp_path / "profile", GRANT, DEVICES) as context:
            await context.add_init_script(f"({CAMERA_AND_MICROPHONE})()")
            page = await open_page(context, server.http)
            await consent(page)
            await page.click("#start-camera")
            await expect(page.locator("#connection")).to_have_attribute("data-state", "connected")
            await looks(server, SETTLED)
            await page.click("#start-recording")
            # The first are short: they hold nothing from before the recording.
            await until(lambda: len(server.videos) > CLIPS * APART, within=2 * CLIPS * APART)
            residuals = await page.evaluate("() => window.residuals")
            await page.click("#stop-camera")
        found = [apart for clip in server.videos[::-APART][:CLIPS] for apart in offsets(clip)]
    median = float(np.median(found))
    print(
        f"sound after picture, {len(found)} flashes: {median:+.0f} ms in the median, {min(found):+.0f} to"
        f" {max(found):+.0f} ms, at worst {max(map(abs, found)):.0f} ms; as made {np.median(residuals):+.0f} ms,"
        f" {min(residuals):+.0f} to {max(residuals):+.0f} ms"
    )
    assert len(found) >= 2 * CLIPS and abs(median) <= 80


def offsets(clip):
    """Milliseconds from each flash in a clip to its burst: positive where the sound is late."""
    with av.open(str(clip)) as file:
        if not (file.streams.video and file.streams.audio):
            return []
        pictures = [(frame.time, frame.to_ndarray(format="gray").mean()) for frame in file.decode(video=0)]
    with av.open(str(clip)) as file:
        sounds = [(frame.time, frame.rate, frame.to_ndarray()) for frame in file.decode(audio=0)]
    loud = [at + np.flatnonzero(np.abs(wave).max(axis=0) > 0.1) / rate for at, rate, wave in sounds]
    flashes = onsets(np.array([at for at, light in pictures if light > 127]))
    bursts = onsets(np.concatenate(loud))
    begin, end = pictures[0][0] + EDGE, pictures[-1][0] - EDGE
    nearest = [min(bursts - flash, key=abs) for flash in flashes if begin < flash < end]
    return [1000 * apart for apart in nearest if abs(apart) < EDGE]


def onsets(times):
    """Of the times at which there is something, those before which there long was nothing."""
    return times[np.diff(times, prepend=-np.inf) > 0.3]
