"""The page /trust and its files: open to everybody, and true to the authority."""

from __future__ import annotations

import plistlib

import pytest
from cryptography import x509

from models.base import Language
from tests.web.conftest import FROM_ELSEWHERE
from tests.web.test_api import error_of
from tests.web.tls.conftest import HOME, NOW
from web.devices import DEVICES, likely
from web.guides import GUIDES, TRUST_WORDS
from web.join import JOIN_WORDS
from web.keys import KEEPER
from web.tls.issuer import make_issuer
from web.tls.leaf import sign

FILES = ["/trust/mien-ca.crt", "/trust/mien-ca.pem", "/trust/mien.mobileconfig"]
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Safari/604.1"
)
IPHONE_FIREFOX = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 FxiOS/139.0 Mobile/15E148"
)
PIXEL = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/137.0.0.0 Mobile Safari/537.36"
PIXEL_FIREFOX = "Mozilla/5.0 (Android 15; Mobile; rv:139.0) Gecko/139.0 Firefox/139.0"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/137.0.0.0 Safari/537.36 Edg/137.0.0.0"
SAFARI = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.5 Safari/605.1.15"
CHROMIUM = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/137.0.0.0 Safari/537.36"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:139.0) Gecko/20100101 Firefox/139.0"

pytestmark = pytest.mark.usefixtures("without_engines")


@pytest.mark.parametrize(
    ("user_agent", "devices"),
    [
        (IPHONE, ["ios"]),
        (IPHONE_FIREFOX, ["ios"]),
        (PIXEL, ["android"]),
        (PIXEL_FIREFOX, ["firefox", "android"]),
        (EDGE, ["windows"]),
        (SAFARI, ["macos", "ios"]),
        (CHROMIUM, ["linux"]),
        (FIREFOX, ["firefox", "linux"]),
        ("curl/8.0", []),
        ("", []),
    ],
)
def test_a_device_is_told_by_its_user_agent(user_agent, devices):
    assert likely(user_agent) == devices


async def test_everybody_may_read_how_to_trust_and_compare_the_fingerprint(http, app):
    async with http.get("/trust", headers=FROM_ELSEWHERE) as response:
        text = await response.text()
    assert (response.status, response.content_type) == (200, "text/html")
    issuer = app[KEEPER].issuer
    assert issuer.fingerprint in text.replace("<wbr>", "") and issuer.name in text and 'href="/"' in text
    assert all(f'href="{path}"' in text for path in FILES)
    assert "<script>" not in text and "style=" not in text


@pytest.mark.parametrize(
    ("user_agent", "first"), [(IPHONE, "iPhone and iPad"), (PIXEL, "Android"), (CHROMIUM, "Linux")]
)
async def test_the_likely_device_is_first_and_all_are_there(http, user_agent, first):
    async with http.get("/trust", headers={"User-Agent": user_agent}) as response:
        text = await response.text()
    places = [text.index(f"<h2>{guide.title}</h2>") for guide in GUIDES["en"].values()]
    assert text.index(f"<h2>{first}") == min(places) and text.count("Probably this device") == 1


async def test_an_unknown_device_is_not_guessed(http):
    async with http.get("/trust", headers={"User-Agent": "curl/8.0"}) as response:
        assert "Probably this device" not in await response.text()


async def test_the_page_speaks_chinese(http):
    async with http.get("/trust", headers={"Accept-Language": "zh-CN"}) as response:
        text = await response.text()
    assert '<html lang="zh">' in text and TRUST_WORDS["zh"]["heading"] in text


async def test_the_files_hold_the_authority(http, app):
    issuer = app[KEEPER].issuer
    kinds = ["application/x-x509-ca-cert", "application/x-pem-file", "application/x-apple-aspen-config"]
    bodies = []
    for path, kind in zip(FILES, kinds, strict=True):
        async with http.get(path, headers=FROM_ELSEWHERE) as response:
            assert (response.status, response.headers["Content-Type"]) == (200, kind)
            bodies.append(await response.read())
    assert x509.load_der_x509_certificate(bodies[0]) == issuer.certificate
    assert x509.load_pem_x509_certificate(bodies[1]) == issuer.certificate
    assert plistlib.loads(bodies[2])["PayloadContent"][0]["PayloadContent"] == bodies[0]
    assert not any(b"PRIVATE" in body for body in bodies)


async def test_the_code_page_leads_there(http):
    async with http.get("/code", headers=FROM_ELSEWHERE) as response:
        assert 'href="/trust"' in await response.text()


class TestWithACertificateOfOnesOwn:
    @pytest.fixture
    def settings(self, tmp_path_factory):
        folder = tmp_path_factory.mktemp("own")
        pair = sign(make_issuer("elsewhere", HOME, NOW), HOME, NOW)
        (folder / "own.pem").write_bytes(pair.chain)
        (folder / "own.key").write_bytes(pair.key)
        return {"certificate": folder / "own.pem", "certificate_key": folder / "own.key"}

    async def test_nothing_needs_to_be_trusted(self, http, server):
        async with http.get("/trust") as response:
            assert TRUST_WORDS["en"]["own"] in (await response.text()).replace("&#39;", "'")
        for path in FILES:
            async with http.get(path) as response:
                assert await error_of(response) == (404, "own_certificate")
        async with http.get("/join") as response:
            assert "/trust" not in await response.text()
        assert not (server.data / "state" / "authority.pem").exists()


@pytest.mark.parametrize("words", [TRUST_WORDS, JOIN_WORDS])
def test_both_languages_have_every_word(words):
    assert set(words) == set(Language.__args__) and set(words["en"]) == set(words["zh"])
    assert all(words["en"][key] != words["zh"][key] for key in words["en"])


def test_both_languages_have_a_guide_for_every_device():
    for guides in GUIDES.values():
        assert set(guides) == set(DEVICES)
    for device in DEVICES:
        english, chinese = GUIDES["en"][device], GUIDES["zh"][device]
        assert len(english.steps) == len(chinese.steps) and english.tried == chinese.tried
        assert english.tried == (device == "linux")
