"""The kinds of devices that people come with, told by what their browser calls itself."""

from __future__ import annotations

from typing import Literal, get_args

Device = Literal["ios", "android", "windows", "macos", "linux", "firefox"]
DEVICES: tuple[Device, ...] = get_args(Device)


def likely(user_agent: str) -> list[Device]:
    """The kinds that it may be, the likeliest first. An iPad says that it is a Mac."""
    firsts: list[Device] = []
    if "Firefox/" in user_agent:  # on iOS it is called FxiOS, and trusts what iOS trusts
        firsts.append("firefox")
    if any(name in user_agent for name in ("iPhone", "iPad", "iPod")):
        firsts.append("ios")
    elif "Android" in user_agent:
        firsts.append("android")
    elif "Windows" in user_agent:
        firsts.append("windows")
    elif "Macintosh" in user_agent:
        firsts += ["macos", "ios"]
    elif "Linux" in user_agent or "X11" in user_agent:
        firsts.append("linux")
    return firsts
