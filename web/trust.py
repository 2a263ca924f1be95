"""How a device comes to trust this server: the page /trust, and the authority's certificate in three forms."""

from __future__ import annotations

from aiohttp import web

from web.devices import DEVICES, likely
from web.errors import ApiError
from web.guides import GUIDES, TRUST_WORDS
from web.keys import KEEPER
from web.rendering import language_of, render
from web.tls.issuer import Issuer
from web.tls.profile import profile

CRT = "application/x-x509-ca-cert"
PEM = "application/x-pem-file"
PROFILE = "application/x-apple-aspen-config"


async def trust(request: web.Request) -> web.StreamResponse:
    """`GET /trust`: what to do on this device. Open to everybody, and the same for everybody."""
    language = language_of(request)
    guides = GUIDES[language]
    likely_ones = likely(request.headers.get("User-Agent", ""))
    others = [device for device in DEVICES if device not in likely_ones]
    context = {
        "issuer": request.app[KEEPER].issuer,
        "guides": [guides[device] for device in (*likely_ones, *others)],
        "known": bool(likely_ones),
        "words": TRUST_WORDS[language],
    }
    return render("trust.html", request, context)


async def authority_crt(request: web.Request) -> web.Response:
    """`GET /trust/mien-ca.crt`: DER, which phones and desktops install."""
    return web.Response(body=_issuer(request).der, content_type=CRT)


async def authority_pem(request: web.Request) -> web.Response:
    """`GET /trust/mien-ca.pem`: for programs."""
    return web.Response(body=_issuer(request).pem, content_type=PEM)


async def authority_profile(request: web.Request) -> web.Response:
    """`GET /trust/mien.mobileconfig`: Apple's way to install it."""
    return web.Response(body=profile(_issuer(request)), content_type=PROFILE)


def _issuer(request: web.Request) -> Issuer:
    issuer = request.app[KEEPER].issuer
    if issuer is None:
        raise ApiError(
            404,
            "own_certificate",
            "The server has a certificate of its operator's own; there is nothing to trust.",
        )
    return issuer
