"""The page /join, by which the operator shows other devices the way in."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from models.base import Language
from web.authority import require_operator
from web.entrances import qr
from web.keys import ACCESS, ENTRANCES, KEEPER
from web.rendering import language_of, render

JOIN_WORDS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "title": "Join",
        "heading": "Join from another device",
        "scan": "Scan this with the camera of a phone on the same network. It opens Mien and enters the access code. "
        "Show it only to people who may come in.",
        "picture": "QR code of the address with the access code",
        "address": "Address",
        "others": "Or",
        "code": "Access code",
        "warning": "The browser warns at first. To be rid of that, open this there and follow it:",
        "nowhere": "Nobody else can reach this server: it listens on this machine alone, or there is no network.",
        "go": "Go on to Mien",
    },
    "zh": {
        "title": "加入",
        "heading": "从其他设备加入",
        "scan": "用同一网络中手机的相机扫描。它会打开 Mien 并填入访问码。只给可以进来的人看。",
        "picture": "带访问码的地址的二维码",
        "address": "地址",
        "others": "或者",
        "code": "访问码",
        "warning": "浏览器起初会发出警告。若要消除，请在那里打开此地址并按说明操作：",
        "nowhere": "其他人无法访问此服务器：它只在本机监听，或者没有网络。",
        "go": "继续使用 Mien",
    },
}


async def join(request: web.Request) -> web.StreamResponse:
    """`GET /join`: the address and the callers' access code, also as a QR code. For the operator alone."""
    require_operator(request)
    entrances, code = request.app[ENTRANCES], request.app[ACCESS].codes["caller"]
    invitation, urls = entrances.invitation(code), entrances.urls()
    context = {
        "picture": qr(invitation).svg_data_uri(scale=6, border=4, dark="#000", light="#fff")
        if invitation
        else None,
        "urls": urls,
        "code": code,
        "trust": f"{urls[0]}/trust" if urls and request.app[KEEPER].issuer is not None else None,
        "words": JOIN_WORDS[language_of(request)],
    }
    return render("join.html", request, context)
