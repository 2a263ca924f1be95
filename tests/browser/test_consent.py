"""Consent as a person walks through it: refused, given, withdrawn in the call; exported and deleted without a trace."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
import zipfile

import pytest
from playwright.async_api import expect

from tests.browser.conftest import camera, chromium, open_page, program
from tests.browser.test_call import call_of, consent, looks, status_of, until
from tests.openai_server import OpenAIServer

WORDS = "the zebra has left the harbour"
SEEN = b"likely smiling"
"""How a label of this caller is described."""
EMOTIONS = ("happy", "sad", "angry", "surprise", "fear", "disgust", "neutral")


def rows(server, table, columns="*"):
    with sqlite3.connect(f"file:{server.data}/state/history.db?mode=ro", uri=True) as database:
        found = database.execute(f"SELECT {columns} FROM {table}").fetchall()
    database.close()
    return found


def audited(server):
    text = (server.data / "state" / "audit.log").read_text()
    return [json.loads(line) for line in text.splitlines()]


def files(server):
    return [path for path in server.data.rglob("*") if path.is_file()]


def holding(server, what):
    """The files that hold some bytes, but for the audit log, which has ids."""
    return [p.name for p in files(server) if not p.name.startswith("audit.log") and what in p.read_bytes()]


async def test_consent_is_refused_given_withdrawn_and_all_is_deleted_without_a_trace(tmp_path, devices):
    flags = camera(devices.smiling, devices.speech)
    with OpenAIServer() as model, program(tmp_path / "data", OPENAI_API_BASE=model.url) as server:
        async with chromium(tmp_path / "profile", *flags, width=1440, height=900) as context:
            page = await open_page(context, server.http)
            await refused(page, server)
            await analysis_alone(page, server)
            await both(page, server)
            await withdrawn(page, server)
            session_id, clip = await exported(page, server, tmp_path)
            await deleted(page, server)
            for trace in (session_id.encode(), WORDS.encode(), SEEN, b"happy", clip):
                assert holding(server, trace) == []
            assert not any(
                rows(server, table) for table in ("sessions", "labels", "turns", "clips", "consents")
            )
            assert list((server.data / "videos").iterdir()) == []
            assert page.errors == []
            said = [(line["event"], line.get("what")) for line in audited(server)]
    heard = [event for event in said if event[0] != "clip_downloaded"]
    assert heard == [
        ("server_started", None),
        ("consent_given", "analysis"),
        ("consent_given", "recording"),
        ("consent_withdrawn", "analysis"),
        ("export_made", "zip"),
        ("consent_withdrawn", "recording"),
        ("consent_given", "analysis"),
        ("consent_given", "recording"),
        ("export_made", "zip"),
        ("session_deleted", None),
    ]
    log = (tmp_path / "data" / "state" / "audit.log").read_text()
    assert audited(server)[-1]["event"] == "server_stopped"
    assert WORDS not in log and server.code not in log and not any(f'"{name}"' in log for name in EMOTIONS)


async def refused(page, server):
    await page.click("#start-camera")
    await expect(page.locator("#connection")).to_have_attribute("data-state", "connected")
    await until(lambda: call_of(server)["queue_info"]["video_duration"] > 2, within=10)
    assert call_of(server)["windows_analysed"] == 0 and server.videos == []
    assert rows(server, "consents") == [] and rows(server, "labels") == []


async def analysis_alone(page, server):
    await page.locator("#consent-analysis").check()
    await expect(page.locator("#label")).to_have_attribute("data-emotion", "happy", timeout=8000)
    await until(lambda: rows(server, "labels"))
    await until(lambda: holding(server, SEEN))
    assert server.videos == [] and rows(server, "clips") == []
    ((analysis, recording, version),) = rows(server, "consents", "analysis, recording, version")
    assert (analysis, recording) == (1, 0) and re.fullmatch(r"\d+-[0-9a-f]{8}", version)


async def both(page, server):
    await page.locator("#consent-recording").check()
    await page.click("#start-recording")
    await expect(page.locator("#clips li")).not_to_have_count(0, timeout=5000)
    await page.click("#tab-chat")
    await page.fill("#chat-text", WORDS)
    await page.press("#chat-text", "Enter")
    await expect(page.locator(".turn")).to_have_count(1)
    await until(lambda: len(rows(server, "turns")) == 2)
    await until(lambda: [mood for (mood,) in rows(server, "turns", "mood") if mood])
    assert server.videos


async def withdrawn(page, server):
    await page.locator("#consent-analysis").uncheck()
    await expect(page.locator("#notice")).to_have_attribute("data-code", "labels_deleted", timeout=5000)
    assert rows(server, "labels") == []
    assert [mood for (mood,) in rows(server, "turns", "mood") if mood] == []
    assert holding(server, SEEN) == []
    await expect(page.locator("#timeline")).to_be_hidden()
    await asyncio.sleep(2.5)  # as long as two windows
    assert rows(server, "labels") == []

    recording, question = page.locator("#consent-recording"), page.locator("#withdrawal")
    await recording.uncheck()
    await expect(question).to_contain_text(
        re.compile(r"deletes the (one|\d+) clips? and the recordings of this call")
    )
    await question.locator(".sure-no").click()
    await expect(question).to_be_hidden()
    await expect(recording).to_be_checked()
    assert server.videos  # nothing was deleted, only the recording is over
    await recording.uncheck()
    async with page.expect_download() as download:
        await page.click("#withdrawal-export")
    assert zipfile.is_zipfile(await (await download.value).path())
    await expect(page.locator("#withdrawal-said")).to_contain_text("Saved as")
    await question.locator(".sure-yes").click()
    await expect(page.locator("#notice")).to_have_attribute("data-code", "clips_deleted", timeout=5000)
    await expect(page.locator("#clips li")).to_have_count(0)
    assert server.videos == [] and rows(server, "clips") == [] and rows(server, "recordings") == []
    assert list((server.data / "state" / "thumbnails").iterdir()) == []
    said = rows(server, "consents", "analysis, recording")
    assert said == [(1, 0), (1, 1), (0, 1), (0, 0)]  # what remains


async def exported(page, server, folder):
    """Both are given anew, and all is taken away: the session's id, and bytes of one of its clips."""
    await consent(page)
    await page.click("#start-recording")
    await expect(page.locator("#clips li")).not_to_have_count(0, timeout=5000)
    await looks(server, 2)
    await page.click("#stop-recording")
    async with page.expect_download() as download:
        await page.click("#own-export")
    path = folder / "call.zip"
    await (await download.value).save_as(path)
    with zipfile.ZipFile(path) as archive:
        timeline = json.loads(archive.read("timeline.json"))
        clips = [name for name in archive.namelist() if name.startswith("media/")]
        clip = archive.read(clips[0])
    assert timeline["labels"] and timeline["consents"][0]["version"]
    assert WORDS in timeline["turns"][0]["text"]
    return timeline["session"]["session_id"], clip[2000:2100]


async def deleted(page, server):
    """After the call, in the same page."""
    await page.click("#stop-camera")
    await until(lambda: status_of(server)["sessions"] == [])
    await page.click("#own-delete")
    await page.click("#own-sure .sure-yes")
    await expect(page.locator("#problem")).to_have_attribute("data-code", "deleted")
    await expect(page.locator("#own")).to_be_hidden()
    await expect(page.locator("#clips li")).to_have_count(0)
    await expect(page.locator(".turn")).to_have_count(0)


async def test_a_caller_on_the_network_exports_and_deletes_their_own_call_while_it_goes_on(tmp_path, devices):
    with program(tmp_path / "data") as server:
        if not server.lan:
            pytest.skip("this machine has no network address")
        flags = camera(devices.smiling, devices.speech)
        async with chromium(
            tmp_path / "profile", *flags, width=390, height=844, ignore_https_errors=True
        ) as context:
            page = await open_page(context, server.lan[0])
            await page.fill("[name=code]", server.code)
            await page.press("[name=code]", "Enter")
            await consent(page)
            await page.click("#start-camera")
            await expect(page.locator("#label")).to_have_attribute("data-emotion", "happy", timeout=8000)
            async with page.expect_download() as download:
                await page.click("#own-export")
            assert zipfile.is_zipfile(await (await download.value).path())
            await page.click("#own-delete")
            await expect(page.locator("#own-sure")).to_contain_text("End the call")
            await page.click("#own-sure .sure-yes")
            await expect(page.locator("#problem")).to_have_attribute("data-code", "deleted", timeout=8000)
            await expect(page.locator("#connection")).to_have_attribute("data-state", "idle")
            await until(lambda: rows(server, "sessions") == [])
            assert status_of(server)["sessions"] == [] and page.errors == []
        who = [(line["event"], line.get("who")) for line in audited(server)]
        assert ("export_made", "caller") in who and ("session_deleted", "caller") in who


async def test_hosts_elsewhere_are_named_beside_the_box_whether_they_answer_or_not(tmp_path):
    settings = {
        "REMOTE_BASE_URL": "http://gpu.invalid:8000/v1",
        "OPENAI_API_BASE": "http://chat.invalid/v1",
    }
    with program(tmp_path / "data", **settings) as server:
        async with chromium(tmp_path / "profile") as context:
            page = await open_page(context, server.http)
            await expect(page.locator("#consent-analysis-hint")).to_contain_text("With this box")
            await expect(page.locator("#consent-analysis-hint")).to_contain_text("sent to gpu.invalid")
            await expect(page.locator("#before-chat")).to_contain_text("goes to chat.invalid")
