"""A call with each of the engines, and the chain falling from one to the next while the call runs, and back."""

from __future__ import annotations

import asyncio
import json
import re
import sys
import urllib.request
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import expect

from tests.browser.conftest import ROOT, camera, chromium, open_page, program
from tests.browser.test_call import consent, until
from tests.openai_server import OpenAIServer


def engines_of(server):
    with urllib.request.urlopen(f"{server.http}/api/engines", timeout=5) as response:
        return {engine["name"]: engine for engine in json.load(response)["engines"]}


@asynccontextmanager
async def calling(tmp_path, devices, server):
    """A page in a call that is analysed."""
    flags = camera(devices.smiling, devices.speech)
    async with chromium(tmp_path / "profile", *flags, width=1440, height=900) as context:
        page = await open_page(context, server.http)
        await consent(page, recording=False)
        await page.click("#start-camera")
        await expect(page.locator("#connection")).to_have_attribute("data-state", "connected", timeout=8000)
        yield page
        await page.click("#stop-camera")
        assert page.errors == []


async def spoken_by(page, engine, within=15):
    await expect(page.locator("#fine")).to_contain_text(f"Engine\u00a0{engine}", timeout=within * 1000)


async def test_a_model_server_answers_after_the_first_look_and_the_caller_is_told_where_clips_go(
    tmp_path, devices, screenshots
):
    with OpenAIServer() as model, program(tmp_path / "data", REMOTE_BASE_URL=model.url) as server:
        model.behaviour.delay = 1.2  # a word on an earlier window, while the newest has a first look
        await until(lambda: engines_of(server)["remote"]["state"] == "ready", within=30)
        async with calling(tmp_path, devices, server) as page:
            await spoken_by(page, "embedded")
            await expect(page.locator("#provisional")).to_be_visible()
            considered = page.locator("#considered")
            await expect(considered).to_contain_text("remote, of", timeout=10_000)
            await page.click("#engines summary")
            await expect(page.locator("#engine-list li")).to_have_count(4)
            await expect(page.locator('[data-engine="qwen"]')).to_contain_text("not set up")
            await page.screenshot(path=screenshots / "considered.png")
        assert all(request.model == "stand-in-omni" for request in model.requests)


async def test_the_chain_falls_to_the_next_engine_while_a_call_runs_and_back(tmp_path, devices, screenshots):
    with (
        OpenAIServer() as model,
        program(tmp_path / "data", REMOTE_BASE_URL=model.url, INSTANT="off") as server,
    ):
        await until(lambda: engines_of(server)["remote"]["state"] == "ready", within=30)
        async with calling(tmp_path, devices, server) as page:
            await spoken_by(page, "remote")
            model.behaviour.fails = [503] * 40
            await spoken_by(page, "embedded")
            await expect(page.locator("#fine")).to_contain_text("remote: its server cannot be asked")
            await expect(page.locator("#fine")).to_have_attribute("title", re.compile("answered 503"))
            await page.click("#engines summary")
            reason = page.locator('[data-engine="remote"] .engine-reason')
            await expect(reason).to_have_text("its server cannot be asked")
            await expect(reason).to_have_attribute("title", re.compile("answered 503"))
            await page.screenshot(path=screenshots / "fallback.png")
            model.behaviour.fails = []
            await spoken_by(page, "remote", within=30)
            # The stand-in names a class by the picture's colour, not by the face.
            await expect(page.locator("#label")).to_have_attribute(
                "data-emotion", re.compile("angry|happy|sad")
            )


async def test_a_host_elsewhere_is_named_before_anything_is_allowed(tmp_path):
    with program(tmp_path / "data", REMOTE_BASE_URL="http://gpu.example:8000/v1") as server:
        async with chromium(tmp_path / "profile") as context:
            page = await open_page(context, server.http)
            await expect(page.locator("#privacy")).to_contain_text("go on from there to gpu.example")
            await expect(page.locator("#consent-analysis-hint")).to_contain_text("sent to gpu.example")


@pytest.mark.parametrize("kind", [pytest.param("qwen2.5", marks=pytest.mark.soak), "qwen3"])
async def test_qwen_answers_in_a_call_and_can_be_unloaded_in_its_middle(tmp_path, devices, kind):
    pytest.importorskip("transformers", reason="transformers is not installed: make install-models")
    from tests.models.qwen.tiny import save_tiny_qwen

    weights = save_tiny_qwen(tmp_path / "weights", kind)
    with program(tmp_path / "data", QWEN_MODEL_PATH=str(weights), QWEN_DEVICE="cpu", INSTANT="off") as server:
        await until(lambda: engines_of(server)["qwen"]["state"] == "ready", within=60)
        async with calling(tmp_path, devices, server) as page:
            await spoken_by(page, "qwen")
            await expect(page.locator("#description")).not_to_be_empty()
            unloaded = await page.request.post(f"{server.http}/api/engines/qwen/unload")
            assert unloaded.ok
            await spoken_by(page, "embedded")
            await expect(page.locator("#fine")).to_contain_text("unloaded")
            await expect(page.locator("#connection")).to_have_attribute("data-state", "connected")


async def test_lddu_answers_in_a_call_with_a_head_trained_by_its_own_command(tmp_path, devices):
    pytest.importorskip("transformers", reason="transformers is not installed: make install-models")
    from tests.models.lddu.tiny import save_clips, save_siglip, save_whisper

    vision, audio = save_siglip(tmp_path / "siglip"), save_whisper(tmp_path / "whisper")
    clips, head = save_clips(tmp_path / "clips", devices.speech), tmp_path / "head"
    options = [
        "--data",
        clips,
        "--out",
        head,
        "--vision-path",
        vision,
        "--audio-path",
        audio,
        "--epochs",
        "12",
    ]
    training = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "models.lddu", "train", *options, cwd=ROOT
    )
    assert await training.wait() == 0
    settings = {"LDDU_CHECKPOINT": head, "LDDU_VISION_PATH": vision, "LDDU_AUDIO_PATH": audio}
    with program(tmp_path / "data", **{name: str(path) for name, path in settings.items()}) as server:
        await until(lambda: engines_of(server)["lddu"]["state"] == "ready", within=60)
        async with calling(tmp_path, devices, server) as page:
            await spoken_by(page, "lddu")
            await expect(page.locator("#label")).to_have_attribute("data-emotion", "happy")
