"""Phones on a network of their own: they trust our authority alone, enter the code, and see what is theirs."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest
from playwright.async_api import Error, expect

from tests.browser.conftest import camera, chromium, open_page, program
from tests.browser.network import network, why_not
from tests.browser.test_call import consent

FETCH = "import ssl,sys,urllib.request as u; c=ssl._create_unverified_context(); " + (
    "sys.stdout.buffer.write(u.urlopen(sys.argv[1], context=c).read())"
)


@pytest.fixture
def hosts():
    reason = why_not() or (None if shutil.which("certutil") else "certutil is not installed (libnss3-tools)")
    if reason:
        pytest.skip(reason)
    with network(2) as made:
        yield made


def trusting(home, authority=None):
    """Make a home in which only `authority` is trusted, given as PEM."""
    database = home / ".pki/nssdb"
    database.mkdir(parents=True, exist_ok=True)
    commands = [["-N", "--empty-password"]]
    if authority is not None:
        (home / "authority.pem").write_bytes(authority)
        commands.append(["-A", "-t", "C,,", "-n", "Mien", "-i", str(home / "authority.pem")])
    for command in commands:
        subprocess.run(["certutil", "-d", f"sql:{database}", *command], check=True)
    return home


def phone(home, host, *flags):
    """Chromium on a host of its own, which trusts whom its home does."""
    return chromium(
        home / "profile",
        *flags,
        width=390,
        height=844,
        executable_path=host.browser(home),
        env=os.environ | {"HOME": str(home)},
    )


async def enter(page, address, code):
    await page.fill("[name=code]", code)
    await page.press("[name=code]", "Enter")
    await expect(page).to_have_url(f"{address}/")


async def asked(page, path, **options):
    """What the page's own requests are answered with: the status, and the JSON."""
    return await page.evaluate(
        """async ([path, options]) => {
          const answer = await fetch(path, options);
          return [answer.status, await answer.json().catch(() => null)];
        }""",
        [path, options],
    )


async def test_two_phones_trust_us_enter_the_code_and_see_their_own_only(
    tmp_path, hosts, devices, screenshots
):
    host, (ann, bob) = hosts
    with program(tmp_path / "data", *host.within) as server:
        (address,) = server.lan
        assert host.address in address
        async with phone(trusting(tmp_path / "stranger"), bob) as context:
            with pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID"):
                await context.pages[0].goto(address)
        authority = ann.run("python3", "-c", FETCH, f"{address}/trust/mien-ca.pem")
        flags = camera(devices.smiling, devices.speech)
        async with (
            phone(trusting(tmp_path / "ann", authority), ann, *flags) as anns,
            phone(trusting(tmp_path / "bob", authority), bob) as bobs,
        ):
            page = await open_page(anns, address)
            await expect(page).to_have_url(f"{address}/code?next=/")
            assert (await asked(page, "/status"))[0] == 401
            await page.fill("[name=code]", "nonsense")
            await page.press("[name=code]", "Enter")
            await expect(page.get_by_text("not the code")).to_be_visible()
            page.errors.clear()  # the browser logs both refusals
            await enter(page, address, server.code)
            await consent(page)
            await page.click("#start-camera")
            await expect(page.locator("#label")).to_have_attribute("data-emotion", "happy", timeout=15000)
            await page.click("#start-recording")
            await expect(page.locator("#clips li")).not_to_have_count(0, timeout=15000)
            (call,) = (await asked(page, "/status"))[1]["sessions"]
            clip = (await asked(page, "/api/videos"))[1]["videos"][0]
            assert clip["session_id"] == call["session_id"] and page.errors == []
            await page.screenshot(path=screenshots / "network.png")

            other = await open_page(bobs, address)
            await enter(other, address, server.code)
            assert (await asked(other, "/status"))[1]["sessions"] == []
            assert (await asked(other, "/api/videos"))[1]["videos"] == []
            assert (await asked(other, "/api/sessions"))[1]["sessions"] == []
            session = f"/api/sessions/{call['session_id']}"
            for path in (clip["url"], clip["thumbnail"], clip["mp4"], session, f"{session}/export"):
                assert (await asked(other, path))[0] == 404, path
            assert (await asked(other, f"/api/chat/history?session_id={call['session_id']}"))[0] == 404
            assert (await asked(other, session, method="DELETE"))[0] == 404
            assert (await asked(page, clip["url"], method="HEAD"))[0] == 200

            await other.goto(f"{address}/code")
            await enter(other, address, server.operators_code)
            assert [each["session_id"] for each in (await asked(other, "/status"))[1]["sessions"]] == [
                call["session_id"]
            ]
