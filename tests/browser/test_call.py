"""A call in real Chromium: a smiling face in front of the camera, speech in the microphone, a label on the page."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import time
import urllib.request

import av
import numpy as np
import pytest
from playwright.async_api import expect

from tests.browser.conftest import DEVICES, GRANT, camera, chromium, open_page, program

WHOLE = re.compile(r"[45]\.\d s")


def status_of(server):
    with urllib.request.urlopen(f"{server.http}/status", timeout=5) as response:
        return json.load(response)


def call_of(server):
    """The status of the one call that there is."""
    (session,) = status_of(server)["sessions"]
    return session


async def looks(server, more):
    """Wait for so many more windows to be looked at: each is a moment at which a clip could be written."""
    enough = call_of(server)["windows_analysed"] + more
    await until(lambda: call_of(server)["windows_analysed"] >= enough, within=10)


async def until(condition, within=5.0):
    async with asyncio.timeout(within):
        while not condition():
            await asyncio.sleep(0.1)


async def consent(page, *, analysis=True, recording=True):
    await page.locator("#consent-analysis").set_checked(analysis)
    await page.locator("#consent-recording").set_checked(recording)


@pytest.mark.parametrize("codec", ["VP8", "H264"])
async def test_a_smile_is_named_and_its_clip_plays_with_sound(tmp_path, devices, screenshots, codec):
    with program(tmp_path / "data", VIDEO_CODEC=codec) as server:
        flags = camera(devices.smiling, devices.speech)
        async with chromium(tmp_path / "profile", *flags, width=1440, height=900) as context:
            page = await open_page(context, server.http)
            requests = []
            await consent(page)
            await page.click("#start-camera")
            await expect(page.locator("#label")).to_have_attribute("data-emotion", "happy", timeout=8000)
            await expect(page.locator("#connection")).to_have_attribute("data-state", "connected")
            await expect(page.locator("#probabilities [data-emotion]")).to_have_count(7)
            assert server.videos == []  # nothing is written before it is asked for

            page.on("request", lambda request: requests.append(request.url))
            await page.click("#start-recording")
            await expect(page.locator("#clips li")).not_to_have_count(0, timeout=5000)
            await page.wait_for_function("() => document.querySelectorAll('#clips li').length >= 6")
            await page.wait_for_function(
                "() => document.querySelector('#clips li img')?.naturalWidth === 320"
            )
            # Of whole length, which none is for a while after the browser has changed the size of its picture.
            await page.locator("#clips li").filter(has_text=WHOLE).first.click()
            player = page.locator("#player")
            await page.wait_for_function(
                "() => { const p = document.querySelector('#player'); return p.duration >= 4 && p.currentTime > 1; }"
            )
            played = await player.evaluate(
                "p => [p.videoWidth, p.webkitAudioDecodedByteCount, p.error && p.error.message, p.currentSrc]"
            )
            assert played[0] >= 320 and played[1] > 2000 and played[2] is None
            assert played[3].endswith(".webm" if codec == "VP8" else ".mp4")
            await page.screenshot(path=screenshots / f"call-{codec.lower()}.jpg", type="jpeg", quality=85)
            # Labels and clips were told over the data channel; HTTP only brought the clips themselves.
            media = ("/videos/", "/thumbnails/", "/static/")
            assert [url for url in requests if not any(part in url for part in media)] == []
            await page.click("#stop-recording")
            await page.click("#stop-camera")
            await until(lambda: status_of(server)["sessions"] == [])
            assert page.errors == []
        assert len(server.videos) >= 5
        for path in server.videos:
            streams = probe(path)
            assert {stream["codec_type"] for stream in streams} == {"video", "audio"}
        assert loudness(server.videos[-1]) > 0.01


def loudness(path):
    """Root mean square of a clip's sound; full scale is 1."""
    with av.open(str(path)) as file:
        chunks = [frame.to_ndarray() for frame in file.decode(audio=0)]
    return float(np.sqrt(np.mean(np.concatenate(chunks, axis=1) ** 2)))


def probe(path):
    found = subprocess.run(
        ["ffprobe", "-v", "error", "-show_streams", "-show_packets", "-of", "json", str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stderr == ""
    shown = json.loads(found.stdout)
    for kind in ("video", "audio"):
        times = [float(p["dts_time"]) for p in shown["packets"] if p["codec_type"] == kind]
        assert times == sorted(times) and len(times) > 5
    return shown["streams"]


async def test_without_a_face_the_answer_is_unknown_and_why(tmp_path, devices, screenshots):
    with program(tmp_path / "data") as server:
        async with chromium(tmp_path / "profile", *camera(devices.faceless, devices.speech)) as context:
            page = await open_page(context, server.http)
            await consent(page, recording=False)
            await page.click("#start-camera")
            await expect(page.locator("#label")).to_have_attribute("data-emotion", "unknown", timeout=8000)
            await expect(page.locator("#reason")).to_contain_text("face")
            await page.screenshot(path=screenshots / "unknown.png")


async def test_without_recording_consent_nothing_can_be_recorded(tmp_path, devices):
    with program(tmp_path / "data") as server:
        async with chromium(tmp_path / "profile", *camera(devices.smiling, devices.speech)) as context:
            page = await open_page(context, server.http)
            await consent(page, recording=False)
            await page.click("#start-camera")
            await expect(page.locator("#label")).to_have_attribute("data-emotion", "happy", timeout=8000)
            await page.click("#start-recording")
            await expect(page.locator("#problem")).to_have_attribute("data-code", "consent_required")
            await looks(server, 2)
            assert server.videos == []
            await page.locator("#consent-recording").check()
            await page.click("#start-recording")
            await expect(page.locator("#clips li")).not_to_have_count(0, timeout=5000)
            await page.locator("#consent-recording").uncheck()
            await expect(page.locator("#stop-recording")).to_be_hidden()
            await looks(server, 1)  # what was being written is
            kept = len(server.videos)
            await looks(server, 2)
            assert len(server.videos) == kept


async def test_without_analysis_consent_no_label_is_made(tmp_path, devices):
    with program(tmp_path / "data") as server:
        async with chromium(tmp_path / "profile", *camera(devices.smiling, devices.speech)) as context:
            page = await open_page(context, server.http)
            await consent(page, analysis=False, recording=False)
            await page.click("#start-camera")
            await expect(page.locator("#connection")).to_have_attribute("data-state", "connected")
            # Long enough for three.
            await until(lambda: call_of(server)["queue_info"]["video_duration"] > 3, within=10)
            assert call_of(server)["windows_analysed"] == 0
            assert server.videos == []


@pytest.mark.parametrize("how", ["close the tab", "kill the browser"])
async def test_a_page_that_goes_away_is_known_to_be_gone_and_freed_when_nobody_comes_back(
    tmp_path, devices, how
):
    with program(tmp_path / "data", SESSION_GRACE="2") as server:
        async with chromium(tmp_path / "profile", *camera(devices.smiling, devices.speech)) as context:
            other = await context.new_page()
            page = await open_page(context, server.http)
            await consent(page)
            await page.click("#start-camera")
            await expect(page.locator("#connection")).to_have_attribute("data-state", "connected")
            assert len(status_of(server)["sessions"]) == 1
            began = time.monotonic()
            if how == "close the tab":
                await page.close()
            else:
                kill(tmp_path / "profile")
            await until(lambda: call_of(server)["state"] == "disconnected", within=3)
            # By the beacon, or by the silence.
            assert time.monotonic() - began < (1.5 if how == "close the tab" else 2.5)
            await until(lambda: status_of(server)["sessions"] == [], within=7)
            if how == "close the tab":
                await other.close()


def kill(profile):
    """End the browser that uses this profile, as a crash would."""
    found = subprocess.run(["pgrep", "-f", f"user-data-dir={profile}"], capture_output=True, text=True)
    for pid in found.stdout.split():
        os.kill(int(pid), signal.SIGKILL)


async def test_labels_go_on_after_the_analysis_process_died(tmp_path, devices):
    with program(tmp_path / "data") as server:
        async with chromium(tmp_path / "profile", *camera(devices.smiling, devices.speech)) as context:
            page = await open_page(context, server.http)
            await consent(page, recording=False)
            await page.click("#start-camera")
            await expect(page.locator("#label")).to_have_attribute("data-emotion", "happy", timeout=8000)
            before = status_of(server)
            os.kill(before["analysis"]["engines"][-1]["pid"], signal.SIGKILL)
            analysed = before["sessions"][0]["windows_analysed"]
            await until(
                lambda: status_of(server)["sessions"][0]["windows_analysed"] >= analysed + 3, within=10
            )
            after = status_of(server)
            assert (
                after["analysis"]["engines"][-1]["restarts"] == 1
                and after["sessions"][0]["state"] == "connected"
            )
            await expect(page.locator("#connection")).to_have_attribute("data-state", "connected")
            assert page.errors == []


async def test_a_lost_server_is_said_with_what_to_do(tmp_path, devices, screenshots):
    with program(tmp_path / "data") as server:
        async with chromium(tmp_path / "profile", *camera(devices.smiling, devices.speech)) as context:
            page = await open_page(context, server.http)
            await page.click("#start-camera")
            await expect(page.locator("#connection")).to_have_attribute("data-state", "connected")
            server.process.send_signal(signal.SIGSTOP)
            try:
                await expect(page.locator("#connection")).to_have_attribute(
                    "data-state", "reconnecting", timeout=6000
                )
                await page.click("#stop-trying")
                await expect(page.locator("#problem")).to_be_visible()
                await expect(page.locator("#connection")).to_have_attribute("data-state", "lost")
                await page.screenshot(path=screenshots / "lost.png")
            finally:
                server.process.send_signal(signal.SIGCONT)
            await page.click("#start-again")
            await expect(page.locator("#connection")).to_have_attribute("data-state", "connected")


async def test_a_deleted_session_is_said_to_be_deleted_and_is_not_called_again(
    tmp_path, devices, screenshots
):
    with program(tmp_path / "data") as server:
        async with chromium(tmp_path / "profile", *camera(devices.smiling, devices.speech)) as context:
            page = await open_page(context, server.http)
            offers = []
            page.on(
                "request", lambda request: offers.append(request.url) if "/offer" in request.url else None
            )
            missing = []
            page.on(
                "response", lambda response: missing.append(response.url) if response.status == 404 else None
            )
            await consent(page)
            await page.click("#start-camera")
            await expect(page.locator("#connection")).to_have_attribute("data-state", "connected")
            await page.click("#start-recording")
            await expect(page.locator("#clips li")).not_to_have_count(0, timeout=5000)
            (session,) = status_of(server)["sessions"]
            url = f"{server.http}/api/sessions/{session['session_id']}"
            response = await context.request.delete(url)
            assert response.status == 204
            await expect(page.locator("#problem")).to_have_attribute("data-code", "deleted")
            await expect(page.locator("#connection")).to_have_attribute("data-state", "idle")
            await expect(page.locator("#clips li")).to_have_count(0)
            await expect(page.locator("#preview")).to_be_hidden()
            await page.screenshot(path=screenshots / "deleted.png")
            await asyncio.sleep(2.5)  # longer than a lost call waits before it is called again
            # A picture of a clip may have been asked for in the moment of its deletion.
            assert all("/thumbnails/" in url for url in missing)
            assert len(offers) == 1 and len(page.errors) == len(missing)
            assert all("404 (Not Found)" in error for error in page.errors)
            await page.click("#start-camera")
            await expect(page.locator("#connection")).to_have_attribute("data-state", "connected")
            await expect(page.locator("#problem")).to_be_hidden()


@pytest.mark.parametrize(
    ("flags", "script", "code", "said"),
    [
        ([DEVICES], None, "permission_refused", "allow both"),
        ([GRANT], None, "no_device", "Plug one in"),
        ([GRANT], "Object.defineProperty(window, 'isSecureContext', {value: false})", "insecure_origin", "https"),
    ],
)  # fmt: skip
async def test_what_keeps_a_call_from_starting_is_said_in_words(
    tmp_path, screenshots, flags, script, code, said
):
    with program(tmp_path / "data") as server:
        async with chromium(tmp_path / "profile", *flags) as context:
            if script:
                await context.add_init_script(script)
            page = await open_page(context, server.http)
            if not script:
                await page.click("#start-camera")
            problem = page.locator("#problem")
            await expect(problem).to_be_visible()
            await expect(problem).to_have_attribute("data-code", code)
            await expect(problem).to_contain_text(said)
            await page.screenshot(path=screenshots / f"{code}.png")
            assert status_of(server)["sessions"] == []


async def test_a_phone_on_the_network_enters_the_code_and_calls(tmp_path, devices, screenshots):
    with program(tmp_path / "data") as server:
        if not server.lan:
            pytest.skip("this machine has no network address")
        flags = camera(devices.smiling, devices.speech)
        async with chromium(
            tmp_path / "profile", *flags, width=390, height=844, ignore_https_errors=True
        ) as context:
            page = await open_page(context, server.lan[0])
            await expect(page).to_have_url(f"{server.lan[0]}/code?next=/")
            await page.screenshot(path=screenshots / "code.png")
            await page.fill("[name=code]", "nonsense")
            await page.press("[name=code]", "Enter")
            await expect(page.get_by_text("not the code")).to_be_visible()
            page.errors.clear()  # the browser logs the refusal
            await page.fill("[name=code]", server.code)
            await page.press("[name=code]", "Enter")
            await expect(page).to_have_url(f"{server.lan[0]}/")
            await consent(page)
            await page.click("#start-camera")
            await expect(page.locator("#label")).to_have_attribute("data-emotion", "happy", timeout=8000)
            await page.screenshot(path=screenshots / "phone.png", full_page=True)
            # The signs have a row below the name, and what sticks to the head when scrolled is below it.
            brand, signs, head = [
                await page.locator(one).bounding_box() for one in (".brand", ".signs", ".top")
            ]
            assert signs["y"] >= brand["y"] + brand["height"]
            assert signs["y"] + signs["height"] <= head["y"] + head["height"]
            await page.evaluate("() => scrollTo(0, document.body.scrollHeight)")
            assert await page.evaluate("() => scrollY") > 100
            tabs = await page.locator("#panels").bounding_box()
            assert tabs["y"] >= head["height"]
            assert page.errors == []
